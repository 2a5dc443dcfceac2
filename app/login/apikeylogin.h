// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"
#include "app/kiro/controlcalls.h"
#include "app/login/login.h"

namespace kirotray {

/// The key without what surrounds it. Error::BadInput: it has not the form of one, or is a
/// truncated copy (kiro-protocol §4.7).
Result<Secret> apiKeyOf(const Secret &pasted);

/// The account of a key, with the profile that was found for it. A rejection is an error; without
/// an answer the key is taken as it is, as the vendor's own console client does (§1.6).
Result<ImportedAccount> keyAccount(const Account &fresh, const Secret &key,
                                   const Result<std::vector<KiroProfile>> &found);

} // namespace kirotray
