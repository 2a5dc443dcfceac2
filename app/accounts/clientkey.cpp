// SPDX-License-Identifier: MIT
#include "app/accounts/clientkey.h"

namespace kirotray {

namespace {

const QString ClientKeyItem = u"api-key"_s;
constexpr int ClientKeyBytes = 24; ///< of randomness

} // namespace

void ensureClientKey(Vault &vault, QObject *context, std::function<void(Result<Secret>)> done)
{
    vault.read(
        ClientKeyItem, context,
        [&vault, context, done = std::move(done)](const Result<Secret> &stored) {
            const bool isMissing =
                stored ? stored.value().isEmpty() : stored.error().code == Error::Code::BadInput;
            if (!isMissing) {
                done(stored);
                return;
            }
            const Secret made("kt-" + randomToken(ClientKeyBytes));
            vault.write(ClientKeyItem, made, context, [made, done](const Result<Done> &written) {
                done(written ? Result<Secret>(made) : Result<Secret>(written.error()));
            });
        });
}

} // namespace kirotray
