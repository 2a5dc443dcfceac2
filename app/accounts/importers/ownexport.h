// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"

#include <string_view>

namespace kirotray {

/// The names of our own formats; a file starts with `{"format":"…"`.
inline constexpr std::string_view PlainExportFormat = "kirotray-accounts";
inline constexpr std::string_view SealedExportFormat = "kirotray-sealed-accounts";

/// Accounts with their secrets as JSON, without what belongs to this machine (the file an account
/// follows, its problem).
Secret plainExportText(const std::vector<ImportedAccount> &accounts);

/// The same sealed (SealedFile), in a JSON text that can be pasted. Takes about 0.1 s.
/// Error::Storage: not enough memory.
Result<QByteArray> sealedExportText(const Secret &plain, const Secret &passphrase);

} // namespace kirotray
