// SPDX-License-Identifier: MIT
#include "app/accounts/accountexport.h"
#include "app/accounts/importpreview.h"
#include "app/accounts/importscan.h"
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"

#include <QFileInfo>

#include <algorithm>

namespace kirotray {

namespace {

/// Where accounts come from: `paths` that this program reads itself, or a `text`.
struct ImportWish
{
    QStringList paths;
    QByteArray text;
    Secret passphrase;
};

std::optional<ImportWish> importWishOf(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return std::nullopt;
    JsonReader reader;
    ImportWish wish;
    for (const JsonValue path : reader.optionalArray(body->root(), "paths")) {
        if (!reader.expect(path, JsonValue::Type::String))
            break;
        wish.paths.append(QString::fromStdString(std::string(path.string())));
        if (!QFileInfo(wish.paths.last()).isAbsolute())
            reader.fail(path, "expected an absolute path");
    }
    wish.text = QByteArray::fromStdString(reader.optionalString(body->root(), "text").value_or(""));
    wish.passphrase = Secret(
        QByteArray::fromStdString(reader.optionalString(body->root(), "passphrase").value_or("")));
    if (!reader.failed() && wish.paths.isEmpty() == wish.text.isEmpty())
        reader.fail(body->root()["paths"], "expected either paths or text");
    if (!reader.failed())
        return wish;
    call.refuse(reader.error());
    return std::nullopt;
}

/// Each path by itself: a damaged file does not keep the others out.
std::vector<ImportPreview> previewsOf(const AdminCall &call, const ImportWish &wish)
{
    const std::vector<Account> &known = call.services().accounts.accounts();
    std::vector<ImportPreview> previews;
    if (!wish.text.isEmpty())
        previews.push_back(ImportPreview::ofText(known, wish.text, wish.passphrase));
    for (const QString &path : wish.paths)
        previews.push_back(ImportPreview::ofFiles(known, {path}, wish.passphrase));
    return previews;
}

void writeOptionalError(JsonWriter &json, const std::optional<Error> &error)
{
    json.key("error");
    if (error)
        writeError(json, *error);
    else
        json.null();
}

void writePreview(JsonWriter &json, const PreviewSource &source)
{
    json.beginObject()
        .member("source", source.source.toStdString())
        .member("format", source.format.toStdString())
        .key("entries")
        .beginArray();
    for (const PreviewEntry &entry : source.entries)
        json.beginObject()
            .member("action", toString(entry.action).toStdString())
            .member("label", entry.label.toStdString())
            .member("kind", toString(entry.kind).toStdString())
            .member("provider", entry.provider.toStdString())
            .member("why", entry.why.toStdString())
            .endObject();
    json.endArray();
    writeOptionalError(json, source.error);
    json.endObject();
}

void previewImport(const AdminCall &call)
{
    const std::optional<ImportWish> wish = importWishOf(call);
    if (!wish)
        return;
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("sources").beginArray();
    for (const ImportPreview &preview : previewsOf(call, *wish))
        for (const PreviewSource &source : preview.sources())
            writePreview(json, source);
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

/// Takes one source after the other, so that a user who stands in two is recognised in the second.
/// Lives until the last one is taken.
struct ImportRound
{
    struct Taken
    {
        QString source;
        int added = 0;
        int updated = 0;
        int kept = 0;
        std::optional<Error> error;
    };
    ImportWish wish;
    qsizetype next = 0; ///< of wish.paths
    std::vector<Taken> taken;
    QStringList ids;
};

void concludeImport(const AdminCall &call, const ImportRound &round)
{
    call.services().lookUp();
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("sources").beginArray();
    for (const ImportRound::Taken &one : round.taken) {
        json.beginObject()
            .member("source", one.source.toStdString())
            .memberInteger("added", one.added)
            .memberInteger("updated", one.updated)
            .memberInteger("kept", one.kept);
        writeOptionalError(json, one.error);
        json.endObject();
    }
    json.endArray().key("accountIds").beginArray();
    for (const QString &id : round.ids)
        json.string(id.toStdString());
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

void takeNextSource(const AdminCall &call, const std::shared_ptr<ImportRound> &round)
{
    const bool isText = !round->wish.text.isEmpty() && round->taken.empty();
    if (!isText && round->next >= round->wish.paths.size())
        return concludeImport(call, *round);
    const std::vector<Account> &known = call.services().accounts.accounts();
    const QString source = isText ? QString() : round->wish.paths.at(round->next++);
    const ImportPreview preview = isText
        ? ImportPreview::ofText(known, round->wish.text, round->wish.passphrase)
        : ImportPreview::ofFiles(known, {source}, round->wish.passphrase);
    ImportRound::Taken taken;
    taken.source = source;
    taken.kept = preview.count(PreviewEntry::Action::Keep);
    for (const PreviewSource &one : preview.sources())
        if (one.error)
            taken.error = one.error;
    Result<std::vector<IntakeEntry>> plan = preview.plan(known);
    if (!taken.error && !plan)
        taken.error = plan.error();
    round->taken.push_back(taken);
    if (taken.error)
        return takeNextSource(call, round);
    auto *intake = new AccountIntake(call.services().accounts, call.services().tokens,
                                     std::move(plan).value(), call.context(),
                                     [call, round](const Result<AccountIntake::Outcome> &outcome) {
                                         ImportRound::Taken &last = round->taken.back();
                                         if (!outcome) {
                                             last.error = outcome.error();
                                             last.kept = 0;
                                             return takeNextSource(call, round);
                                         }
                                         last.added = outcome.value().added;
                                         last.updated = outcome.value().updated - last.kept;
                                         for (const AccountId &id : outcome.value().ids)
                                             if (!round->ids.contains(id.value))
                                                 round->ids.append(id.value);
                                         takeNextSource(call, round);
                                     });
    intake->start();
}

/// Profiles and users are looked up behind the answer: a folder of files must not wait for the
/// network.
void importAccounts(const AdminCall &call)
{
    const std::optional<ImportWish> wish = importWishOf(call);
    if (!wish)
        return;
    auto round = std::make_shared<ImportRound>();
    round->wish = *wish;
    takeNextSource(call, round);
}

void scanAccounts(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("found").beginArray();
    for (const ScanFinding &finding : scanForAccounts(ScanPlaces::ofThisUser())) {
        json.beginObject()
            .member("path", finding.file.toStdString())
            .member("format", finding.format.toStdString())
            .memberInteger("accounts", finding.accounts);
        writeOptionalError(json, finding.error);
        json.endObject();
    }
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

std::optional<ExportRequest> exportWishOf(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return std::nullopt;
    JsonReader reader;
    const auto text = [&reader, &body](std::string_view name) {
        return reader.optionalString(body->root(), name).value_or("");
    };
    ExportRequest wish;
    for (const JsonValue id : reader.optionalArray(body->root(), "accounts"))
        if (reader.expect(id, JsonValue::Type::String))
            wish.accounts.push_back({QString::fromStdString(std::string(id.string()))});
    wish.plain = reader.optionalBoolean(body->root(), "plain").value_or(false);
    wish.passphrase = Secret(QByteArray::fromStdString(text("passphrase")));
    wish.confirmation = QString::fromStdString(text("confirm"));
    wish.file = QString::fromStdString(text("path"));
    const QString format = QString::fromStdString(text("format"));
    const std::optional<ExportForm> form =
        format.isEmpty() ? ExportForm::KiroTray : exportFormFromString(format);
    if (!form)
        reader.fail(body->root()["format"], "is not a known format");
    if (!wish.file.isEmpty() && !QFileInfo(wish.file).isAbsolute())
        reader.fail(body->root()["path"], "expected an absolute path");
    wish.form = form.value_or(ExportForm::KiroTray);
    if (!reader.failed())
        return wish;
    call.refuse(reader.error());
    return std::nullopt;
}

void exportAccounts(const AdminCall &call)
{
    std::optional<ExportRequest> wish = exportWishOf(call);
    if (!wish)
        return;
    auto *work = new AccountExport(
        call.services().accounts, call.services().tokens, std::move(*wish), call.context(),
        [call](const Result<ExportOutcome> &outcome) {
            if (!outcome)
                return call.refuse(outcome.error());
            std::string text;
            JsonWriter json(text);
            json.beginObject().memberInteger("accounts", outcome.value().accounts);
            json.key("leftOut").beginArray();
            for (const QString &one : outcome.value().leftOut)
                json.string(one.toStdString());
            json.endArray().key("sealed");
            if (outcome.value().file.isEmpty())
                json.string(outcome.value().sealed.toStdString());
            else
                json.null();
            json.member("path", outcome.value().file.toStdString()).endObject();
            call.reply(200, std::move(text));
        });
    work->start();
}

} // namespace

std::span<const AdminOperation> transferOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"POST", "/api/accounts/scan", scanAccounts},
        AdminOperation {"POST", "/api/accounts/import/preview", previewImport},
        AdminOperation {"POST", "/api/accounts/import", importAccounts},
        AdminOperation {"POST", "/api/accounts/export", exportAccounts},
    };
    return Operations;
}

} // namespace kirotray
