// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"

#include <optional>

namespace kirotray {

/// The forms accounts can be written in: our own, and those of other programs (kiro-protocol §7).
enum class ExportForm { KiroTray, KiroRs, KiroAccountManager, KiroGo, Kiro2api };
QString toString(ExportForm form); ///< kirotray, kiro-rs, kiro-account-manager, kiro-go, kiro2api
std::optional<ExportForm> exportFormFromString(const QString &text);

/// Why the form has no place for the account; empty when it has.
QString obstacleIn(ExportForm form, const ImportedAccount &exported);

/// Accounts with their secrets in plain text. Pure. Each must fit the form.
Secret plainText(ExportForm form, const std::vector<ImportedAccount> &accounts);

} // namespace kirotray
