// SPDX-License-Identifier: MIT
#include "app/gateway/adminrelay.h"

#include "app/base/json.h"
#include "app/base/limits.h"

#include <QTimer>

namespace kirotray {

namespace {

HttpResponse adminRefusal(int status, std::string_view code, std::string_view message,
                          const ReplyStamp &stamp)
{
    std::string body;
    JsonWriter json(body);
    json.beginObject().key("error").beginObject();
    json.member("code", code).member("message", message).endObject().endObject();
    return jsonResponse(status, body, stamp);
}

/// Without doubled and trailing slashes; the aliases of another program's API stay as they are.
QByteArray tidyPath(const QByteArray &path)
{
    QByteArray tidy;
    for (const QByteArray &segment : QByteArray::fromPercentEncoding(path).split('/'))
        if (!segment.isEmpty())
            tidy += '/' + segment;
    return tidy.isEmpty() ? QByteArray("/") : tidy;
}

} // namespace

void AdminRelay::take(AdminRequest::Kind kind, HttpExchange exchange, const ReplyStamp &stamp)
{
    if (m_waiting.size() >= limits::MaxAdminCalls) {
        exchange.respond(adminRefusal(503, "busy", "too many calls are waiting", stamp));
        return;
    }
    HttpRequest request = exchange.takeRequest();
    if (static_cast<qsizetype>(request.body.size()) > limits::MaxAdminBody) {
        exchange.respond(adminRefusal(413, "too_large", "the body is too large", stamp));
        return;
    }
    AdminRequest message;
    message.id = ++m_lastId;
    message.kind = kind;
    message.method = request.head.method;
    message.path = tidyPath(request.head.path);
    message.query = QUrlQuery(QString::fromUtf8(request.head.query));
    message.body = QByteArray::fromStdString(request.body);
    message.contentType = request.head.headers.value("content-type");
    message.language =
        request.head.headers.value("accept-language").startsWith("zh") ? u"zh_CN"_s : u"en"_s;
    message.baseUrl = u"http://"_s + QString::fromLatin1(request.head.headers.value("host"));
    m_waiting.emplace(message.id, Waiting {std::move(exchange), stamp});
    QTimer::singleShot(limits::AdminTimeout, this, [this, id = message.id] {
        answer(id,
               {504, "application/json",
                R"({"error":{"code":"timeout","message":"the program did not answer in time"}})"});
    });
    emit requested(message);
}

void AdminRelay::answer(quint64 id, const AdminReply &reply)
{
    const auto found = m_waiting.find(id);
    if (found == m_waiting.end())
        return;
    Waiting waiting = std::move(found->second);
    m_waiting.erase(found);
    HttpResponse response = stampedResponse(reply.status, reply.contentType, waiting.stamp);
    response.headers.append("cache-control", "no-store");
    for (const auto &[name, value] : reply.headers)
        response.headers.append(name, value);
    response.body = reply.body;
    waiting.exchange.respond(response);
}

} // namespace kirotray
