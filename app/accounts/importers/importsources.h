// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"

namespace kirotray {

/// The formats, each in a .cpp of its own.
const Importer &sealedExportImporter();
const Importer &plainExportImporter();
const Importer &kiroCliImporter();
const Importer &kiroProxyImporter();
const Importer &kiroAccountManagerImporter();
const Importer &kiroGoImporter();
const Importer &accountListImporter();
const Importer &kiro2apiImporter();
const Importer &cliProxyImporter();
const Importer &aiClientImporter();
const Importer &kiroRsImporter();
const Importer &kiroIdeImporter();
const Importer &tokenLinesImporter();

/// "SQLite format 3" and the zero byte that every such file starts with.
bool isSqliteFile(const QByteArray &bytes);

/// The credential files of a folder (kiro.rs `credentialsDir`, an auth directory).
Result<ImportFinding> findAccountsInFolder(const QDir &folder, const Secret &passphrase);

} // namespace kirotray
