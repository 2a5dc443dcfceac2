// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// kiro-*.json of its auth directory, which holds the files of other services too (kiro-protocol
/// §7.5).
class CliProxyImporter final : public Importer
{
public:
    const char *name() const override { return "CLIProxyAPI Plus auth file"; }

    bool recognises(const ImportSource &source) const override
    {
        JsonReader reader;
        return source.root.isObject()
            && ImportedFields(reader, source.root).text({"type"}) == u"kiro";
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readFlatEntries(source);
    }
};

} // namespace

const Importer &cliProxyImporter()
{
    static const CliProxyImporter importer;
    return importer;
}

} // namespace kirotray
