// SPDX-License-Identifier: MIT
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"
#include "app/admin/flowreplay.h"
#include "app/flows/flowredaction.h"

namespace kirotray {

namespace {

std::optional<bool> truthOf(const QString &text)
{
    if (text.isEmpty())
        return std::nullopt;
    return text == u"true" || text == u"1";
}

/// The filter that the query asks for. Error::BadInput names the parameter.
Result<FlowFilter> flowFilterOf(const AdminCall &call)
{
    FlowFilter filter;
    filter.text = call.query(u"text"_s);
    filter.accountId = call.query(u"account"_s);
    filter.model = call.query(u"model"_s);
    filter.client = call.query(u"client"_s);
    filter.clientKey = call.query(u"key"_s);
    filter.dialect = call.query(u"dialect"_s);
    filter.tag = call.query(u"tag"_s);
    filter.before = call.query(u"before"_s);
    filter.failed = truthOf(call.query(u"failed"_s));
    filter.bookmarked = truthOf(call.query(u"bookmarked"_s));
    for (const auto &[name, member] :
         {std::pair {u"from"_s, &FlowFilter::from}, std::pair {u"to"_s, &FlowFilter::to}}) {
        const QString text = call.query(name);
        filter.*member = QDateTime::fromString(text, Qt::ISODate).toUTC();
        if (!text.isEmpty() && !(filter.*member).isValid())
            return Error {Error::Code::BadInput, u"expected an ISO 8601 time"_s, name};
    }
    const QString limit = call.query(u"limit"_s);
    if (limit.isEmpty())
        return filter;
    bool isNumber = false;
    filter.limit = limit.toInt(&isNumber);
    if (!isNumber || filter.limit < 1)
        return Error {Error::Code::BadInput, u"expected a number above 0"_s, u"limit"_s};
    return filter;
}

void listFlows(const AdminCall &call)
{
    const Result<FlowFilter> filter = flowFilterOf(call);
    if (!filter)
        return call.refuse(filter.error());
    call.services().flows.find(filter.value(), call.context(),
                               [call](const Result<std::vector<FlowEntry>> &found) {
                                   if (!found)
                                       return call.refuse(found.error());
                                   std::string text;
                                   JsonWriter json(text);
                                   json.beginObject().key("flows").beginArray();
                                   for (const FlowEntry &flow : found.value())
                                       writeFlow(json, flow);
                                   json.endArray().endObject();
                                   call.reply(200, std::move(text));
                               });
}

void withFlow(const AdminCall &call, std::function<void(const FlowEntry &)> then)
{
    call.services().flows.entry(
        call.captured(), call.context(),
        [call, then = std::move(then)](const Result<FlowEntry> &flow) {
            if (flow)
                then(flow.value());
            else if (flow.error().code == Error::Code::BadInput)
                call.refuse(404, u"not_found"_s, u"there is no flow '%1'"_s.arg(call.captured()));
            else
                call.refuse(flow.error());
        });
}

void showFlow(const AdminCall &call)
{
    withFlow(call, [call](const FlowEntry &flow) {
        std::string text;
        JsonWriter json(text);
        writeFlow(json, flow);
        call.reply(200, std::move(text));
    });
}

void showBodies(const AdminCall &call)
{
    withFlow(call, [call](const FlowEntry &flow) {
        const FlowBodiesPtr kept = call.services().flows.bodies(flow.record.id);
        if (!kept)
            return call.refuse(404, u"not_recorded"_s,
                               u"its bodies are not kept; flows/bodies turns recording on"_s);
        const FlowBodies bodies = redactedBodies(*kept);
        std::string text;
        JsonWriter json(text);
        json.beginObject().memberBoolean("cut", bodies.isCut);
        json.member("clientRequest", QString::fromUtf8(bodies.clientRequest).toStdString())
            .member("upstreamRequest", QString::fromUtf8(bodies.upstreamRequest).toStdString())
            .member("upstreamEvents", QString::fromUtf8(bodies.upstreamEvents).toStdString())
            .member("clientAnswer", QString::fromUtf8(bodies.clientAnswer).toStdString())
            .endObject();
        call.reply(200, std::move(text));
    });
}

void changeFlow(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return;
    JsonReader reader;
    FlowLog::Change change;
    change.bookmarked = reader.optionalBoolean(body->root(), "bookmarked");
    if (const auto note = reader.optionalString(body->root(), "note"))
        change.note = QString::fromStdString(*note);
    if (body->root()["tags"].isArray()) {
        change.tags.emplace();
        for (const JsonValue tag : body->root()["tags"])
            if (reader.expect(tag, JsonValue::Type::String))
                change.tags->append(QString::fromStdString(std::string(tag.string())));
    }
    if (reader.failed())
        return call.refuse(reader.error());
    withFlow(call, [call, change](const FlowEntry &flow) {
        call.services().flows.change(flow.record.id, change, call.context(),
                                     [call](const Result<Done> &changed) {
                                         if (changed)
                                             showFlow(call);
                                         else
                                             call.refuse(changed.error());
                                     });
    });
}

void clearFlows(const AdminCall &call)
{
    call.services().flows.clear(call.context(), [call](const Result<Done> &cleared) {
        if (cleared)
            call.done();
        else
            call.refuse(cleared.error());
    });
}

void exportFlows(const AdminCall &call)
{
    const QString format = call.query(u"format"_s);
    if (!format.isEmpty() && format != u"jsonl" && format != u"har")
        return call.refuse({Error::Code::BadInput, u"expected jsonl or har"_s, u"format"_s});
    const Result<FlowFilter> filter = flowFilterOf(call);
    if (!filter)
        return call.refuse(filter.error());
    const bool isHar = format == u"har";
    call.services().flows.exportText(
        filter.value(), isHar ? FlowExport::Har : FlowExport::JsonLines,
        call.query(u"bodies"_s) == u"true", call.context(),
        [call, isHar](const Result<QByteArray> &text) {
            if (text)
                call.reply(AdminReply {
                    200, isHar ? QByteArray("application/json") : QByteArray("application/jsonl"),
                    text.value()});
            else
                call.refuse(text.error());
        });
}

/// `?hours=24` by default; at most a year.
void showFlowStatistics(const AdminCall &call)
{
    constexpr int MaxHours = 24 * 366;
    bool isNumber = false;
    const QString text = call.query(u"hours"_s);
    const int hours = text.isEmpty() ? 24 : text.toInt(&isNumber);
    if ((!text.isEmpty() && !isNumber) || hours < 1 || hours > MaxHours)
        return call.refuse(
            {Error::Code::BadInput, u"expected a number from 1 to %1"_s.arg(MaxHours), u"hours"_s});
    const QDateTime now = QDateTime::currentDateTimeUtc();
    call.services().flows.statistics(now.addSecs(-qint64(hours) * 3600), now, call.context(),
                                     [call](const Result<FlowStatistics> &statistics) {
                                         if (!statistics)
                                             return call.refuse(statistics.error());
                                         std::string json;
                                         JsonWriter writer(json);
                                         writeStatistics(writer, statistics.value());
                                         call.reply(200, std::move(json));
                                     });
}

void replayOneFlow(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return;
    JsonReader reader;
    ReplayTarget target;
    target.accountId =
        QString::fromStdString(reader.optionalString(body->root(), "account").value_or(""));
    target.model =
        QString::fromStdString(reader.optionalString(body->root(), "model").value_or(""));
    if (reader.failed())
        return call.refuse(reader.error());
    AdminServices &services = call.services();
    const ProxyStatus status = services.status();
    if (status.state != ProxyState::Running)
        return call.refuse(409, u"not_running"_s, u"the proxy does not run"_s);
    if (target.accountId == u"simulator")
        services.useSimulator();
    withFlow(call, [call, target, status](const FlowEntry &flow) {
        AdminServices &all = call.services();
        replayFlow({all.http, status.baseUrl, all.adminToken()}, flow,
                   all.flows.bodies(flow.record.id), target, call.context(),
                   [call](const Result<ReplayOutcome> &outcome) {
                       if (!outcome)
                           return call.refuse(outcome.error());
                       std::string text;
                       JsonWriter json(text);
                       json.beginObject()
                           .member("flowId", outcome.value().flowId.toStdString())
                           .memberInteger("status", outcome.value().status)
                           .memberInteger("ms", outcome.value().ms)
                           .memberBoolean("sameStatus", outcome.value().sameStatus)
                           .endObject();
                       call.reply(200, std::move(text));
                   });
    });
}

} // namespace

std::span<const AdminOperation> flowOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/api/flows", listFlows},
        AdminOperation {"DELETE", "/api/flows", clearFlows},
        AdminOperation {"GET", "/api/flows/stats", showFlowStatistics},
        AdminOperation {"GET", "/api/stats", showFlowStatistics},
        AdminOperation {"GET", "/api/flows/export", exportFlows},
        AdminOperation {"GET", "/api/flows/*", showFlow},
        AdminOperation {"PATCH", "/api/flows/*", changeFlow},
        AdminOperation {"GET", "/api/flows/*/bodies", showBodies},
        AdminOperation {"POST", "/api/flows/*/replay", replayOneFlow},
    };
    return Operations;
}

} // namespace kirotray
