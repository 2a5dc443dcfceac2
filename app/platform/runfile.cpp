// SPDX-License-Identifier: MIT
#include "app/platform/runfile.h"

#include "app/base/json.h"
#include "app/base/log.h"

#include <QCoreApplication>
#include <QDir>
#include <QSaveFile>

namespace kirotray {

namespace {

QString runFileName(const QString &dataDir)
{
    return QDir(dataDir).filePath(u"run.json"_s);
}

} // namespace

void writeRunFile(const QString &dataDir, const QUrl &baseUrl)
{
    std::string text;
    JsonWriter(text)
        .beginObject()
        .member("url", baseUrl.toString().toStdString())
        .memberInteger("process", QCoreApplication::applicationPid())
        .endObject();
    QSaveFile file(runFileName(dataDir));
    if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray::fromStdString(text)) < 0
        || !file.flush() || !file.commit())
        qCWarning(logCore).noquote() << u"run file not written error="_s + file.errorString();
}

void removeRunFile(const QString &dataDir)
{
    QFile::remove(runFileName(dataDir));
}

QUrl readRunFile(const QString &dataDir)
{
    QFile file(runFileName(dataDir));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const Result<JsonDocument> document = JsonDocument::parse(file.read(4096).toStdString());
    if (!document)
        return {};
    const std::string_view url = document.value().root()["url"].string();
    return QUrl(QString::fromUtf8(url), QUrl::StrictMode);
}

} // namespace kirotray
