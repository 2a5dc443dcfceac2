// SPDX-License-Identifier: MIT
#include "app/accounts/clientkey.h"

#include "app/accounts/storedsecret.h"

namespace kirotray {

QString clientKeyItem(const QString &id)
{
    return id == DefaultClientKey ? u"api-key"_s : u"client-key/"_s + id;
}

void ensureClientKey(Vault &vault, QObject *context, std::function<void(Result<Secret>)> done)
{
    ensureStoredSecret(vault, clientKeyItem(DefaultClientKey), context, std::move(done));
}

} // namespace kirotray
