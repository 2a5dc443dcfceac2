// SPDX-License-Identifier: MIT
#include "app/accounts/storedsecret.h"

namespace kirotray {

namespace {

constexpr int OwnSecretBytes = 24; ///< of randomness

} // namespace

Secret makeOwnSecret()
{
    return Secret("kt-" + randomToken(OwnSecretBytes));
}

void ensureStoredSecret(Vault &vault, const QString &item, QObject *context,
                        std::function<void(Result<Secret>)> done)
{
    vault.read(item, context,
               [&vault, item, context, done = std::move(done)](const Result<Secret> &stored) {
                   const bool isMissing = stored ? stored.value().isEmpty()
                                                 : stored.error().code == Error::Code::BadInput;
                   if (!isMissing) {
                       done(stored);
                       return;
                   }
                   const Secret made = makeOwnSecret();
                   vault.write(item, made, context, [made, done](const Result<Done> &written) {
                       done(written ? Result<Secret>(made) : Result<Secret>(written.error()));
                   });
               });
}

} // namespace kirotray
