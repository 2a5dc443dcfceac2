// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/base/json.h"

#include <QDir>

#include <vector>

namespace kirotray {

struct ImportedAccount
{
    Account account; ///< with a fresh id and machine id
    Credential credential;
};

/// One credential format. Implementations are listed in importer.cpp; adding one is one line there.
class Importer
{
public:
    virtual ~Importer() = default;
    virtual const char *name() const = 0; ///< "Kiro IDE token file"
    virtual bool recognises(const JsonValue &root) const = 0;
    /// `folder` is where the file lies (the Kiro IDE keeps its client registration beside it).
    /// All or nothing: Error::BadInput names the entry and the field, never a value.
    virtual Result<std::vector<ImportedAccount>> read(const JsonValue &root,
                                                      const QDir &folder) const = 0;
};

/// Reads one file of at most limits::MaxImportFile bytes by the first importer that recognises it.
Result<std::vector<ImportedAccount>> importFile(const QString &file);

} // namespace kirotray
