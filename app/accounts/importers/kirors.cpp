// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// credentials.json of kiro.rs: an array, or the single object of its first versions
/// (kiro-protocol §7.4).
class KiroRsImporter final : public Importer
{
public:
    const char *name() const override { return "kiro.rs credentials"; }

    bool recognises(const ImportSource &source) const override
    {
        if (source.root.isArray())
            return source.root.size() > 0 && (*source.root.begin()).isObject();
        return firstEntryHas(source.root,
                             {"kiroApiKey", "authRegion", "apiRegion", "machineId", "priority",
                              "endpoint", "disabled", "clientSecret"})
            && firstEntryHas(source.root, {"refreshToken", "kiroApiKey", "authMethod"});
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readFlatEntries(source);
    }
};

} // namespace

const Importer &kiroRsImporter()
{
    static const KiroRsImporter importer;
    return importer;
}

} // namespace kirotray
