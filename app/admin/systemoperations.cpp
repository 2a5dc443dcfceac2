// SPDX-License-Identifier: MIT
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"
#include "app/admin/doctor.h"
#include "app/admin/settingrows.h"
#include "app/platform/browsers.h"

#include <QDir>
#include <QFile>

namespace kirotray {

namespace {

void showStatus(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    writeStatus(json, call.services().status(), call.services().warnings());
    call.reply(200, std::move(text));
}

void showSettings(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    writeSettings(json, call.services().settings);
    call.reply(200, std::move(text));
}

void changeSomeSettings(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return;
    if (const Result<Done> changed = changeSettings(call.services().settings, body->root());
        !changed)
        return call.refuse(changed.error());
    showSettings(call);
}

QByteArray resourceBytes(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void showOpenApi(const AdminCall &call)
{
    call.reply(AdminReply {200, "application/json", resourceBytes(u":/api/openapi.json"_s)});
}

void listBrowsers(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("browsers").beginArray();
    for (const Browser &browser : installedBrowsers())
        json.beginObject()
            .member("id", browser.id.toStdString())
            .member("name", browser.name.toStdString())
            .memberBoolean("privateWindow", !browser.privateOption.isEmpty())
            .endObject();
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

QString docFolder(const AdminCall &call)
{
    return u":/docs/"_s + call.request().language;
}

void listDocs(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("docs").beginArray();
    for (const QFileInfo &file : QDir(docFolder(call)).entryInfoList({u"*.md"_s}))
        json.string(file.completeBaseName().toStdString());
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

void showDoc(const AdminCall &call)
{
    const QByteArray text = resourceBytes(docFolder(call) + u'/' + call.captured() + u".md"_s);
    if (text.isEmpty() || call.captured().contains(u'.'))
        call.refuse(404, u"not_found"_s, u"there is no document '%1'"_s.arg(call.captured()));
    else
        call.reply(AdminReply {200, "text/markdown; charset=utf-8", text});
}

void examine(const AdminCall &call)
{
    auto *doctor = new Doctor(
        call.services(), call.context(), [call](const std::vector<DoctorFinding> &findings) {
            static constexpr std::array<std::string_view, 3> Verdicts {"good", "warning", "bad"};
            std::string text;
            JsonWriter json(text);
            json.beginObject().key("findings").beginArray();
            for (const DoctorFinding &finding : findings)
                json.beginObject()
                    .member("verdict", Verdicts.at(static_cast<std::size_t>(finding.verdict)))
                    .member("subject", finding.subject.toStdString())
                    .member("what", finding.what.toStdString())
                    .member("advice", finding.advice.toStdString())
                    .endObject();
            json.endArray().member("report", doctorReport(findings).toStdString()).endObject();
            call.reply(200, std::move(text));
        });
    doctor->start();
}

} // namespace

std::span<const AdminOperation> systemOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/api/status", showStatus},
        AdminOperation {"GET", "/api/settings", showSettings},
        AdminOperation {"PATCH", "/api/settings", changeSomeSettings},
        AdminOperation {"GET", "/api/doctor", examine},
        AdminOperation {"GET", "/api/browsers", listBrowsers},
        AdminOperation {"GET", "/api/docs", listDocs},
        AdminOperation {"GET", "/api/docs/*", showDoc},
        AdminOperation {"GET", "/api/openapi.json", showOpenApi},
    };
    return Operations;
}

} // namespace kirotray
