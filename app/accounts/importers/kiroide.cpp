// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"

namespace kirotray {

namespace {

/// ~/.aws/sso/cache/kiro-auth-token.json, with the client registration beside it (kiro-protocol
/// §7.1).
class KiroIdeImporter final : public Importer
{
public:
    const char *name() const override { return "Kiro IDE token file"; }

    bool recognises(const JsonValue &root) const override
    {
        JsonReader reader;
        return root.isObject() && ImportedFields(reader, root).has("refreshToken");
    }

    Result<std::vector<ImportedAccount>> read(const JsonValue &root,
                                              const QDir &folder) const override
    {
        JsonReader reader;
        std::vector<ImportedAccount> found {readFlatCredential(reader, root, folder)};
        if (reader.failed())
            return reader.error();
        return found;
    }
};

} // namespace

const Importer &kiroIdeImporter()
{
    static const KiroIdeImporter importer;
    return importer;
}

} // namespace kirotray
