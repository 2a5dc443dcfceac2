// SPDX-License-Identifier: MIT
#include "app/kiro/kirotables.h"

#include "app/base/limits.h"
#include "app/kiro/tablereader.h"

#include <QDir>
#include <QFile>
#include <QUrl>

#include <array>

// Outside any namespace: the macro declares the resource's initialiser. A static library's
// resources are otherwise dropped by the linker.
static void keepKiroTables()
{
    Q_INIT_RESOURCE(kirotables);
}

namespace kirotray {

namespace {

struct TableFile
{
    QLatin1StringView name;
    void (*read)(JsonReader &reader, const JsonValue &root, KiroTables &tables);
};

constexpr std::array<TableFile, 4> TableFiles {{
    {"endpoints.json"_L1, tablereader::readEndpoints},
    {"client.json"_L1, tablereader::readClient},
    {"models.json"_L1, tablereader::readModels},
    {"reactions.json"_L1, tablereader::readReactions},
}};

Result<QByteArray> readWholeTable(const QString &path, QLatin1StringView name)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error {Error::Code::Storage, file.errorString(), name};
    if (file.size() > limits::MaxTableFile)
        return Error {Error::Code::BadInput, u"the file is too large"_s, name};
    return file.readAll();
}

/// Works on a copy, so that a bad file leaves the tables as they were.
std::optional<Error> applyTableFile(const QString &path, const TableFile &file, KiroTables &tables)
{
    Result<QByteArray> bytes = readWholeTable(path, file.name);
    if (!bytes)
        return bytes.error();
    const auto located = [&file](const Error &error) {
        QString where = file.name;
        if (!error.path.isEmpty())
            where += ": "_L1 + error.path;
        return Error {error.code, error.what, where};
    };
    const Result<JsonDocument> document = JsonDocument::parse(bytes.value().toStdString());
    if (!document)
        return located(document.error());
    JsonReader reader;
    KiroTables changed = tables;
    if (reader.expect(document.value().root(), JsonValue::Type::Object))
        file.read(reader, document.value().root(), changed);
    if (reader.failed())
        return located(reader.error());
    tables = std::move(changed);
    return std::nullopt;
}

} // namespace

KiroTablesLoad loadKiroTables(const QString &dataDir)
{
    keepKiroTables();
    KiroTables tables;
    std::vector<Error> problems;
    for (const TableFile &file : TableFiles) {
        if (const auto error = applyTableFile(":/kiro/"_L1 + file.name, file, tables))
            problems.push_back(*error);
        const QString path = QDir(dataDir).filePath(file.name);
        if (dataDir.isEmpty() || !QFile::exists(path))
            continue;
        if (const auto error = applyTableFile(path, file, tables))
            problems.push_back(*error);
    }
    return {std::make_shared<const KiroTables>(std::move(tables)), std::move(problems)};
}

QStringList baseUrlsFor(const QStringList &list, const QString &region)
{
    static const QStringList dataRegions {u"us-east-1"_s, u"eu-central-1"_s};
    QStringList urls;
    for (const QString &entry : list) {
        const QStringList labels = QUrl(entry).host().split(u'.');
        bool isForeign = false;
        for (const QString &known : dataRegions)
            isForeign = isForeign || (known != region && labels.contains(known));
        if (!isForeign)
            urls.append(QString(entry).replace("{region}"_L1, region));
    }
    return urls;
}

} // namespace kirotray
