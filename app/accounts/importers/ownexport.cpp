// SPDX-License-Identifier: MIT
#include "app/accounts/importers/ownexport.h"

#include "app/accounts/accountjson.h"
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"
#include "app/accounts/sealedfile.h"
#include "app/base/limits.h"

#include <QUuid>

namespace kirotray {

namespace {

constexpr qint64 OwnExportVersion = 1;

bool hasFormat(const JsonValue &root, std::string_view format)
{
    return root["format"].string() == format;
}

void checkVersion(JsonReader &reader, const JsonValue &root)
{
    if (reader.optionalInteger(root, "version") != OwnExportVersion)
        reader.fail(root["version"], "is not a version this program knows");
}

/// What of an account belongs to the machine it was exported from.
void leaveMachineBehind(Account &account)
{
    account.importedFrom.clear();
    account.writesBack = false;
    account.problem = AccountProblem::None;
    account.note.clear();
}

/// The file may be made by anybody: what hosts are made of must be as importers demand.
void checkOwnAccount(JsonReader &reader, const JsonValue &item, const Account &account,
                     const Credential &credential)
{
    if (QUuid(account.id.value).isNull())
        reader.fail(item["id"], "is no id");
    checkImportedAccount(ImportedFields(reader, item), account);
    for (const QDateTime &time : {account.createdAt, account.registrationEndsAt,
                                  credential.expiresAt, credential.clientSecretExpiresAt}) {
        if (time.isValid() && !canBeStored(time))
            reader.fail(item, "holds an impossible time");
    }
    const bool isKey = account.kind == AccountKind::ApiKey;
    if ((isKey ? credential.accessToken : credential.refreshToken).isEmpty())
        reader.fail(item["credential"], "holds no token");
    if (serialise(credential).reveal().size() > limits::MaxSecretItem)
        reader.fail(item["credential"], "the tokens are too long");
}

ImportedAccount readOwnAccount(JsonReader &reader, const JsonValue &item)
{
    ImportedAccount found;
    found.account = readAccount(reader, item);
    const JsonValue value = reader.requiredObject(item, "credential");
    if (reader.failed())
        return found;
    const std::string_view raw = value.raw();
    const Result<Credential> credential =
        parseCredential(Secret(QByteArray(raw.data(), static_cast<qsizetype>(raw.size()))));
    if (!credential) {
        reader.fail(value, "is damaged at " + credential.error().path.toStdString());
        return found;
    }
    found.credential = credential.value();
    leaveMachineBehind(found.account);
    found.account.fingerprint = fingerprintOf(found.credential);
    checkOwnAccount(reader, item, found.account, found.credential);
    return found;
}

Result<std::vector<ImportedAccount>> readOwnAccounts(const JsonValue &root)
{
    JsonReader reader;
    checkVersion(reader, root);
    const JsonValue accounts = reader.requiredArray(root, "accounts");
    return readEntries(reader, accounts,
                       [&](const JsonValue &item) { return readOwnAccount(reader, item); });
}

class PlainExportImporter final : public Importer
{
public:
    const char *name() const override { return "KiroTray export"; }
    bool isLiveFile() const override { return false; }
    bool recognises(const ImportSource &source) const override
    {
        return hasFormat(source.root, PlainExportFormat);
    }
    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        return readOwnAccounts(source.root);
    }
};

class SealedExportImporter final : public Importer
{
public:
    const char *name() const override { return "KiroTray export, sealed"; }
    bool isLiveFile() const override { return false; }
    bool recognises(const ImportSource &source) const override
    {
        return hasFormat(source.root, SealedExportFormat);
    }
    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        JsonReader reader;
        checkVersion(reader, source.root);
        const std::string sealed = reader.requiredString(source.root, "sealed");
        if (reader.failed())
            return reader.error();
        if (source.passphrase.isEmpty())
            return Error {Error::Code::BadInput, u"is sealed: its passphrase is needed"_s};
        const auto bytes = QByteArray::fromBase64Encoding(QByteArray::fromStdString(sealed),
                                                          QByteArray::AbortOnBase64DecodingErrors);
        Secret text;
        const auto opened = SealedFile::open(*bytes, source.passphrase, text);
        if (!opened)
            return Error {Error::Code::BadInput, opened.error().what};
        const Result<JsonDocument> document = JsonDocument::parse(text.reveal().toStdString());
        if (!document || !hasFormat(document.value().root(), PlainExportFormat))
            return Error {Error::Code::BadInput, u"holds something else under its seal"_s};
        return readOwnAccounts(document.value().root());
    }
};

void writeExportHead(JsonWriter &writer, std::string_view format)
{
    writer.beginObject();
    writer.member("format", format);
    writer.memberInteger("version", OwnExportVersion);
}

} // namespace

Secret plainExportText(const std::vector<ImportedAccount> &accounts)
{
    std::string text;
    JsonWriter writer(text);
    writeExportHead(writer, PlainExportFormat);
    writer.key("accounts").beginArray();
    for (const ImportedAccount &exported : accounts) {
        Account account = exported.account;
        leaveMachineBehind(account);
        writer.beginObject();
        writeAccountMembers(writer, account);
        writer.memberRaw("credential", serialise(exported.credential).reveal().toStdString());
        writer.endObject();
    }
    writer.endArray();
    writer.endObject();
    return Secret(QByteArray::fromStdString(text));
}

Result<QByteArray> sealedExportText(const Secret &plain, const Secret &passphrase)
{
    const Result<SealedFile> file = SealedFile::create(passphrase);
    if (!file)
        return file.error();
    const Result<QByteArray> sealed = file.value().seal(plain);
    if (!sealed)
        return sealed.error();
    std::string text;
    JsonWriter writer(text);
    writeExportHead(writer, SealedExportFormat);
    writer.member("sealed", sealed.value().toBase64().toStdString());
    writer.endObject();
    return QByteArray::fromStdString(text) + '\n';
}

const Importer &plainExportImporter()
{
    static const PlainExportImporter importer;
    return importer;
}

const Importer &sealedExportImporter()
{
    static const SealedExportImporter importer;
    return importer;
}

} // namespace kirotray
