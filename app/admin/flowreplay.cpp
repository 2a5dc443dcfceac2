// SPDX-License-Identifier: MIT
#include "app/admin/flowreplay.h"

#include "app/base/json.h"
#include "app/base/limits.h"

#include <QElapsedTimer>
#include <QUrlQuery>

#include <memory>
#include <utility>

namespace kirotray {

namespace {

const QString ModelSegment = u"/models/"_s; // of Gemini, whose address names the model
const QByteArray RequestIdPrefix = "req_";

Error replayRefusal(const QString &what)
{
    return {Error::Code::BadInput, what};
}

/// The path of "POST /v1/messages".
QString pathOf(const QString &route)
{
    return route.mid(route.indexOf(u' ') + 1);
}

bool pathNamesModel(const QString &path)
{
    return path.contains(ModelSegment) && path.lastIndexOf(u':') > path.indexOf(ModelSegment);
}

QString withModelInPath(const QString &path, const QString &model)
{
    const qsizetype from = path.indexOf(ModelSegment) + ModelSegment.size();
    const qsizetype to = path.lastIndexOf(u':');
    return path.left(from) + QString::fromLatin1(QUrl::toPercentEncoding(model)) + path.mid(to);
}

/// All other bytes stay as they are.
Result<QByteArray> withModelInBody(const QByteArray &body, const QString &model)
{
    const Result<JsonDocument> document = JsonDocument::parse(body.toStdString());
    if (!document)
        return document.error();
    const JsonValue old = document.value().root()["model"];
    if (!old.isString())
        return replayRefusal(u"The recorded request names no model."_s);
    const std::string_view whole = document.value().root().raw();
    const qsizetype begin = body.indexOf('{'); // white space before it is not part of raw()
    const qsizetype at = begin + (old.raw().data() - whole.data());
    std::string name;
    appendJsonString(name, model.toStdString());
    return body.first(at) + QByteArray::fromStdString(name)
        + body.sliced(at + static_cast<qsizetype>(old.raw().size()));
}

Result<OutboundRequest> replayRequest(const ReplayServices &services, const FlowRecord &record,
                                      const FlowBodiesPtr &bodies, const ReplayTarget &target)
{
    if (!bodies || bodies->clientRequest.isEmpty())
        return replayRefusal(u"The request's body is not kept."_s);
    if (bodies->isCut && bodies->clientRequest.size() >= limits::MaxFlowBody)
        return replayRefusal(u"The request's body was too large to be kept whole."_s);
    QString path = pathOf(record.route);
    OutboundRequest request;
    request.body = bodies->clientRequest;
    if (!target.model.isEmpty() && pathNamesModel(path)) {
        path = withModelInPath(path, target.model);
    } else if (!target.model.isEmpty()) {
        Result<QByteArray> body = withModelInBody(request.body, target.model);
        if (!body)
            return body.error();
        request.body = std::move(body).value();
    }
    request.url = services.baseUrl;
    request.url.setPath(path, QUrl::TolerantMode);
    // The address's query is not recorded; this is all of it that matters.
    if (pathNamesModel(path) && bodies->clientAnswer.startsWith("data:"))
        request.url.setQuery(u"alt=sse"_s);
    request.headers = {
        {"Content-Type", "application/json"},
        {"Authorization", "Bearer " + services.adminToken.reveal()},
        {"x-kirotray-replay-of", record.id.toLatin1()},
    };
    if (!target.accountId.isEmpty())
        request.headers.emplace_back("x-kirotray-use-account", target.accountId.toUtf8());
    request.proxy.kind = ProxyChoice::Kind::None;
    request.firstByteTimeout =
        limits::StreamTotalTimeout; // an answer in one piece comes at its end
    request.idleTimeout = limits::StreamIdleTimeout;
    request.totalTimeout = limits::StreamTotalTimeout;
    return request;
}

QString flowIdIn(const HttpCall &call)
{
    const QByteArray id = call.header("request-id");
    return QString::fromLatin1(id.startsWith(RequestIdPrefix) ? id.mid(RequestIdPrefix.size())
                                                              : id);
}

} // namespace

void replayFlow(const ReplayServices &services, const FlowEntry &flow, const FlowBodiesPtr &bodies,
                const ReplayTarget &target, QObject *context,
                std::function<void(Result<ReplayOutcome>)> done)
{
    const Result<OutboundRequest> request = replayRequest(services, flow.record, bodies, target);
    if (!request) {
        QMetaObject::invokeMethod(
            context, [error = request.error(), done = std::move(done)] { done(error); },
            Qt::QueuedConnection);
        return;
    }
    QElapsedTimer clock;
    clock.start();
    HttpCall *call = services.http.start(request.value(), context);
    // What it says is in the new flow; here it only has to be read to its end.
    QObject::connect(call, &HttpCall::readyRead, call, [call] { call->readAll(); });
    QObject::connect(call, &HttpCall::finished, call,
                     [call, clock, status = flow.record.status, done = std::move(done)](bool ok) {
                         call->deleteLater();
                         if (!ok) {
                             done(call->error());
                             return;
                         }
                         done(ReplayOutcome {flowIdIn(*call), call->status(), clock.elapsed(),
                                             call->status() == status});
                     });
}

} // namespace kirotray
