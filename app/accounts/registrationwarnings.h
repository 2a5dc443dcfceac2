// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"

#include <vector>

namespace kirotray {

/// An account that will need a sign-in, because the OIDC registration its tokens hang on ends
/// (kiro-protocol §4.3 no. 1).
struct RegistrationWarning
{
    AccountId id;
    QDateTime endsAt; ///< UTC
    bool hasEnded = false;
    QString what; ///< a sentence, English
    bool operator==(const RegistrationWarning &) const = default;
};

/// The accounts whose registration has ended or ends within limits::RegistrationWarning, the first
/// to end first. Accounts that are switched off, or need a sign-in anyway, are left out. Pure.
std::vector<RegistrationWarning> registrationWarnings(const std::vector<Account> &accounts,
                                                      const QDateTime &now);

} // namespace kirotray
