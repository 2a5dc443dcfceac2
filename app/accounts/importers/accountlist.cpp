// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// The flat accounts.json of hj-KAM, and the simple import items of Kiro Account Manager
/// (kiro-protocol §7.3).
class AccountListImporter final : public Importer
{
public:
    const char *name() const override { return "Kiro Account Manager accounts"; }

    bool recognises(const ImportSource &source) const override
    {
        return firstEntryHas(
            source.root,
            {"addedAt", "csrfToken", "ssoSessionId", "idToken", "usageData", "idp", "nickname"});
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readFlatEntries(source);
    }
};

} // namespace

const Importer &accountListImporter()
{
    static const AccountListImporter importer;
    return importer;
}

} // namespace kirotray
