// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// One file an account, like the Kiro IDE's with more members (kiro-protocol §7.5).
class AiClientImporter final : public Importer
{
public:
    const char *name() const override { return "AIClient token file"; }

    bool recognises(const ImportSource &source) const override
    {
        return source.root.isObject() && firstEntryHas(source.root, {"uuid", "idcRegion"})
            && firstEntryHas(source.root, {"refreshToken"});
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readFlatEntries(source);
    }
};

} // namespace

const Importer &aiClientImporter()
{
    static const AiClientImporter importer;
    return importer;
}

} // namespace kirotray
