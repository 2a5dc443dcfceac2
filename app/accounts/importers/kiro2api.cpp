// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// KIRO_AUTH_TOKEN, its text or the file it names (kiro-protocol §7.5).
class Kiro2apiImporter final : public Importer
{
public:
    const char *name() const override { return "kiro2api tokens"; }

    bool recognises(const ImportSource &source) const override
    {
        return firstEntryHas(source.root, {"auth"});
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readFlatEntries(source);
    }
};

} // namespace

const Importer &kiro2apiImporter()
{
    static const Kiro2apiImporter importer;
    return importer;
}

} // namespace kirotray
