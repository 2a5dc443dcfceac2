// SPDX-License-Identifier: MIT
#include "app/flows/flowexport.h"

#include <algorithm>

namespace kirotray {

namespace {

constexpr const char *HarHost = "http://localhost"; // the format asks for a whole address

struct HarRoute
{
    QString method;
    QString path;
};

HarRoute harRouteOf(const QString &route)
{
    const qsizetype space = route.indexOf(u' ');
    if (space < 0)
        return {route, u"/"_s};
    return {route.left(space), route.mid(space + 1)};
}

// What was recorded has no header and no cookie.
void writeHarFields(JsonWriter &writer)
{
    writer.member("httpVersion", "HTTP/1.1")
        .memberRaw("cookies", "[]")
        .memberRaw("headers", "[]")
        .memberInteger("headersSize", -1);
}

void writeHarRequest(JsonWriter &writer, const FlowRecord &record, const FlowBodies *bodies,
                     RedactedTexts &texts)
{
    const HarRoute route = harRouteOf(record.route);
    writer.key("request").beginObject();
    writer.member("method", route.method.toStdString());
    writer.member("url", HarHost + texts.of(route.path).toStdString());
    writeHarFields(writer);
    writer.memberRaw("queryString", "[]");
    writer.memberInteger("bodySize", bodies ? bodies->clientRequest.size() : -1);
    if (bodies)
        writer.key("postData")
            .beginObject()
            .member("mimeType", "application/json")
            .memberRaw("params", "[]")
            .member("text", bodies->clientRequest.toStdString())
            .endObject();
    writer.endObject();
}

void writeHarResponse(JsonWriter &writer, const FlowRecord &record, const FlowBodies *bodies,
                      RedactedTexts &texts)
{
    const bool isStream = record.stream && record.status == 200;
    writer.key("response").beginObject();
    writer.memberInteger("status", record.status);
    writer.member("statusText", texts.of(record.outcome).toStdString());
    writeHarFields(writer);
    writer.key("content").beginObject();
    writer.memberInteger("size", bodies ? bodies->clientAnswer.size() : 0);
    writer.member("mimeType", isStream ? "text/event-stream" : "application/json");
    if (bodies)
        writer.member("text", bodies->clientAnswer.toStdString());
    writer.endObject();
    writer.member("redirectURL", "");
    writer.memberInteger("bodySize", bodies ? bodies->clientAnswer.size() : -1);
    writer.endObject();
}

void writeHarTimings(JsonWriter &writer, const FlowRecord &record)
{
    const qint64 blocked = std::clamp<qint64>(record.queuedMs, 0, record.totalMs);
    const qint64 first = record.firstByteMs < 0 ? record.totalMs : record.firstByteMs;
    const qint64 wait = std::clamp<qint64>(first - blocked, 0, record.totalMs - blocked);
    writer.key("timings")
        .beginObject()
        .memberInteger("blocked", blocked)
        .memberInteger("send", 0)
        .memberInteger("wait", wait)
        .memberInteger("receive", record.totalMs - blocked - wait)
        .endObject();
}

} // namespace

void writeHarEntry(JsonWriter &writer, const FlowEntry &entry, const FlowBodies *bodies,
                   RedactedTexts &texts)
{
    const FlowRecord &record = entry.record;
    writer.beginObject();
    writer.member("startedDateTime", record.startedAt.toString(Qt::ISODateWithMs).toStdString());
    writer.memberInteger("time", record.totalMs);
    writeHarRequest(writer, record, bodies, texts);
    writeHarResponse(writer, record, bodies, texts);
    writer.memberRaw("cache", "{}");
    writeHarTimings(writer, record);
    writer.key("_flow").beginObject();
    writeFlowMembers(writer, entry, texts);
    writer.endObject();
    if (bodies) {
        writer.member("_upstreamRequest", bodies->upstreamRequest.toStdString());
        writer.member("_upstreamEvents", bodies->upstreamEvents.toStdString());
    }
    writer.endObject();
}

} // namespace kirotray
