// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// ~/.aws/sso/cache/kiro-auth-token.json, with the client registration beside it (kiro-protocol
/// §7.1).
class KiroIdeImporter final : public Importer
{
public:
    const char *name() const override { return "Kiro IDE token file"; }

    bool recognises(const ImportSource &source) const override
    {
        return source.root.isObject() && firstEntryHas(source.root, {"refreshToken"});
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readFlatEntries(source);
    }
};

} // namespace

const Importer &kiroIdeImporter()
{
    static const KiroIdeImporter importer;
    return importer;
}

} // namespace kirotray
