// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

namespace kirotray {

namespace {

/// data/config.json of Kiro-Go: flat accounts beside the settings (kiro-protocol §7.5).
class KiroGoImporter final : public Importer
{
public:
    const char *name() const override { return "Kiro-Go configuration"; }

    bool recognises(const ImportSource &source) const override
    {
        const JsonValue accounts = source.root["accounts"];
        if (!accounts.isArray() || accounts.size() == 0 || !(*accounts.begin()).isObject())
            return false;
        JsonReader reader;
        const ImportedFields first(reader, *accounts.begin());
        return first.has("refreshToken") || first.has("accessToken") || first.has("authMethod");
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        JsonReader reader;
        return readEntries(reader, source.root["accounts"], [&](const JsonValue &item) {
            return readFlatCredential(reader, {item}, source.folder);
        });
    }
};

} // namespace

const Importer &kiroGoImporter()
{
    static const KiroGoImporter importer;
    return importer;
}

} // namespace kirotray
