// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"
#include "app/accounts/importers/localpath.h"

namespace kirotray {

namespace {

/// ~/.kiro-proxy/config.json names the token files of its accounts (kiro-protocol §7.5). They are
/// read one after the other; what they name in turn is not followed.
class KiroProxyImporter final : public Importer
{
public:
    const char *name() const override { return "KiroProxy configuration"; }

    bool recognises(const ImportSource &source) const override
    {
        const JsonValue accounts = source.root["accounts"];
        if (!source.mayRefer || !accounts.isArray() || accounts.size() == 0)
            return false;
        JsonReader reader;
        return (*accounts.begin()).isObject()
            && ImportedFields(reader, *accounts.begin()).has("tokenPath");
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        JsonReader reader;
        return readEntries(reader, source.root["accounts"], [&](const JsonValue &item) {
            return readReferred(reader, item, source.folder);
        });
    }

private:
    static ImportedAccount readReferred(JsonReader &reader, const JsonValue &item,
                                        const QDir &folder)
    {
        if (!reader.expect(item, JsonValue::Type::Object))
            return {};
        const ImportedFields fields(reader, item);
        const QString path = localPathOf(fields.text({"tokenPath"}));
        const QString label = fields.text({"name"});
        const bool enabled = fields.boolean("enabled").value_or(true);
        if (path.isEmpty())
            fields.fail("tokenPath", "is required");
        if (reader.failed())
            return {};
        Result<ImportFinding> found = findReferredAccounts(folder.absoluteFilePath(path));
        if (!found || found.value().accounts.size() != 1) {
            // Its text may name anything: the place is enough to look there.
            fields.fail("tokenPath",
                        found ? "the file does not hold one account"
                              : "the file cannot be used: " + found.error().what.toStdString());
            return {};
        }
        ImportedAccount imported = std::move(found).value().accounts.front();
        if (imported.account.email.isEmpty() && !label.isEmpty())
            imported.account.label = label;
        if (!enabled) {
            imported.account.enabled = false;
            imported.account.note = u"disabled in the imported file"_s;
        }
        return imported;
    }
};

} // namespace

const Importer &kiroProxyImporter()
{
    static const KiroProxyImporter importer;
    return importer;
}

} // namespace kirotray
