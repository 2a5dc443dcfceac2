// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"

#include <optional>

namespace kirotray {

/// What a person changes about an account; absent members stay.
struct AccountChange
{
    std::optional<QString> label;
    std::optional<QString> group;
    std::optional<QString> description;
    std::optional<QString> proxy; ///< ProxyChoice::parse(), without a password
    std::optional<QString> apiRegion; ///< empty: derived
    std::optional<QString> profileArn; ///< empty: looked for again
    std::optional<QStringList> tags;
    std::optional<int> priority;
    std::optional<bool> enabled; ///< true also ends AccountProblem::Suspended: a person says so
    std::optional<bool> writesBack;
    std::optional<bool> stopsBeforeOverage;
};

/// Pure. Error::BadInput names the member.
Result<Account> changed(Account account, const AccountChange &change);

} // namespace kirotray
