// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/kiro/controlcalls.h"

#include <vector>

/// What AccountCompletion decides. Pure.
namespace kirotray::completion {

/// True when the ARN of this account must be asked for (kiro-protocol §1.6): Builder ID has none of
/// its own and social accounts share one; what the user chose stays.
bool needsProfile(const Account &account);

/// The profile to use: the present one if it is listed and active, else the first active one, of
/// the region the user chose where one is. Null: none.
const KiroProfile *chosenProfile(const Account &account, const std::vector<KiroProfile> &profiles);

/// Takes over who the user is. A label that only names the kind of sign-in becomes the e-mail.
void takeUser(Account &account, const UsageSummary &usage);

/// The other account that is the same user: same kind and user id, or, where one of them has no id,
/// same kind, provider and e-mail. What only one of them tells does not tell them apart. Null:
/// none. The oldest of several.
const Account *otherOfUser(const std::vector<Account> &accounts, const Account &account);

/// The account that stays when `newer` turned out to be the user of `older`: the identity, the
/// settings and the age of the older one, the facts of the sign-in of the newer one.
Account mergedAccount(const Account &older, const Account &newer);

} // namespace kirotray::completion
