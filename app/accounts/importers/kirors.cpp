// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/base/limits.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

/// credentials.json of kiro.rs: an array, or the single object of its first versions
/// (kiro-protocol §7.4).
class KiroRsImporter final : public Importer
{
public:
    const char *name() const override { return "kiro.rs credentials"; }

    bool recognises(const JsonValue &root) const override
    {
        if (root.isArray())
            return root.size() > 0 && (*root.begin()).isObject();
        static constexpr std::array<std::string_view, 8> OwnKeys {
            "kiroApiKey", "authRegion", "apiRegion", "machineId",
            "priority",   "endpoint",   "disabled",  "clientSecret"};
        JsonReader reader;
        const ImportedFields fields(reader, root);
        return root.isObject()
            && std::any_of(OwnKeys.begin(), OwnKeys.end(),
                           [&fields](std::string_view key) { return fields.has(key); });
    }

    Result<std::vector<ImportedAccount>> read(const JsonValue &root,
                                              const QDir &folder) const override
    {
        JsonReader reader;
        std::vector<ImportedAccount> found;
        if (root.isObject())
            found.push_back(readFlatCredential(reader, root, folder));
        if (root.size() > limits::MaxAccounts && root.isArray())
            reader.fail(root,
                        "holds more than " + std::to_string(limits::MaxAccounts) + " accounts");
        for (auto entry = root.begin(); root.isArray() && !reader.failed() && entry != root.end();
             ++entry) {
            found.push_back(readFlatCredential(reader, *entry, folder));
        }
        if (reader.failed())
            return reader.error();
        return found;
    }
};

} // namespace

const Importer &kiroRsImporter()
{
    static const KiroRsImporter importer;
    return importer;
}

} // namespace kirotray
