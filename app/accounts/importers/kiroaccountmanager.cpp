// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"

#include <map>

namespace kirotray {

namespace {

/// The names behind the ids of `groups` and `tags`.
std::map<QString, QString> namesById(JsonReader &reader, const JsonValue &list)
{
    std::map<QString, QString> names;
    for (const JsonValue item : list) {
        if (!item.isObject())
            continue;
        const ImportedFields fields(reader, item);
        names[fields.text({"id"})] = fields.text({"name", "label"});
    }
    return names;
}

QString namedBy(const std::map<QString, QString> &names, const QString &id)
{
    const auto found = names.find(id);
    return found == names.end() ? QString() : found->second;
}

/// The full export: accounts with a nested `credentials` object (kiro-protocol §7.3). KiroProxy's
/// export has the same shape with fewer members (§7.5).
class KiroAccountManagerImporter final : public Importer
{
public:
    const char *name() const override { return "Kiro Account Manager export"; }
    bool isLiveFile() const override { return false; }

    bool recognises(const ImportSource &source) const override
    {
        const JsonValue accounts = source.root["accounts"];
        return accounts.isArray() && accounts.size() > 0
            && !(*accounts.begin())["credentials"].isAbsent();
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        JsonReader reader;
        const auto groups = namesById(reader, source.root["groups"]);
        const auto tags = namesById(reader, source.root["tags"]);
        const auto readItem = [&](const JsonValue &item) {
            ImportedAccount found = readFlatCredential(
                reader, {reader.requiredObject(item, "credentials"), item}, source.folder);
            const ImportedFields fields(reader, item);
            found.account.group = namedBy(groups, fields.text({"groupId"}));
            for (const JsonValue tag : reader.optionalArray(item, "tags")) {
                const std::string_view id = tag.string();
                const QString name =
                    namedBy(tags, QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size())));
                if (!name.isEmpty())
                    found.account.tags.append(name);
            }
            return found;
        };
        return readEntries(reader, source.root["accounts"], readItem);
    }
};

} // namespace

const Importer &kiroAccountManagerImporter()
{
    static const KiroAccountManagerImporter importer;
    return importer;
}

} // namespace kirotray
