// SPDX-License-Identifier: MIT
#include "app/login/login.h"

#include <algorithm>

namespace kirotray {

const std::vector<LoginProvider> &loginProviders()
{
    // id, title, needsStartUrl, needsSecret, isRisky, worksRemotely, make
    static const std::vector<LoginProvider> table {};
    return table;
}

const LoginProvider *findLoginProvider(const QString &id)
{
    const std::vector<LoginProvider> &table = loginProviders();
    const auto found = std::ranges::find_if(table, [&id](const LoginProvider &provider) {
        return id == QLatin1StringView(provider.id);
    });
    return found == table.end() ? nullptr : &*found;
}

} // namespace kirotray
