// SPDX-License-Identifier: MIT
#include "app/gateway/replies.h"

#include "app/base/result.h"
#include "app/gateway/clientguard.h"

#include <QCryptographicHash>
#include <QRandomGenerator>

#include <utility>

namespace kirotray {

ReplyStamp stampFor(const HttpRequestHead &head)
{
    const QByteArray origin = head.headers.value("origin");
    return {QString::number(QRandomGenerator::global()->generate(), 16).rightJustified(8, u'0'),
            ClientGuard::isLocalOrigin(origin) ? origin : QByteArray()};
}

std::string newAnswerId()
{
    static constexpr char Alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string id(24, '0');
    for (char &letter : id)
        letter = Alphabet[QRandomGenerator::global()->bounded(62)];
    return id;
}

QByteArray accountHash(const QString &label)
{
    return QCryptographicHash::hash(label.toUtf8(), QCryptographicHash::Sha256).toHex().first(12);
}

std::string requestIdOf(const ReplyStamp &stamp)
{
    return "req_" + stamp.flowId.toStdString();
}

namespace {

/// Lets a page of this machine read the answer.
void appendOrigin(HttpHeaders &headers, const QByteArray &origin)
{
    if (origin.isEmpty())
        return;
    headers.append("access-control-allow-origin", origin);
    headers.append("vary", "origin");
}

void appendStamp(HttpHeaders &headers, const ReplyStamp &stamp)
{
    const QByteArray id = QByteArray::fromStdString(requestIdOf(stamp));
    headers.append("request-id", id);
    headers.append("x-request-id", id);
    if (!stamp.model.isEmpty())
        headers.append("x-kirotray-model", stamp.model);
    if (!stamp.account.isEmpty())
        headers.append("x-kirotray-account", stamp.account);
    appendOrigin(headers, stamp.origin);
}

} // namespace

HttpHeaders streamHeaders(const ReplyStamp &stamp, QByteArray contentType)
{
    HttpHeaders headers;
    headers.append("content-type", std::move(contentType));
    headers.append("cache-control", "no-cache");
    appendStamp(headers, stamp);
    return headers;
}

HttpResponse stampedResponse(int status, const QByteArray &contentType, const ReplyStamp &stamp)
{
    HttpResponse response;
    response.status = status;
    response.headers.append("content-type", contentType);
    appendStamp(response.headers, stamp);
    return response;
}

HttpResponse jsonResponse(int status, const std::string &body, const ReplyStamp &stamp)
{
    HttpResponse response = stampedResponse(status, "application/json", stamp);
    response.body = QByteArray::fromStdString(body);
    return response;
}

HttpResponse errorResponse(const Dialect &dialect, const ChatError &error, const ReplyStamp &stamp)
{
    const ErrorReply reply = dialect.encodeErrorOf(error, requestIdOf(stamp));
    HttpResponse response = jsonResponse(reply.status, reply.body, stamp);
    if (error.retryAfter)
        response.headers.append("retry-after", QByteArray::number(error.retryAfter->count()));
    // The official SDKs obey it: asking again before the credits are given anew helps nobody.
    if (error.kind == ChatError::Kind::QuotaExhausted)
        response.headers.append("x-should-retry", "false");
    return response;
}

HttpResponse preflightResponse(const HttpRequestHead &head, const QByteArray &methods)
{
    HttpResponse response;
    response.status = 204;
    response.headers.append("allow", methods);
    const QByteArray origin = head.headers.value("origin");
    if (origin.isEmpty())
        return response;
    appendOrigin(response.headers, origin);
    response.headers.append("access-control-allow-methods", methods);
    const QByteArray asked = head.headers.value("access-control-request-headers");
    if (!asked.isEmpty())
        response.headers.append("access-control-allow-headers", asked);
    response.headers.append("access-control-max-age", "600"); // seconds
    return response;
}

ChatError tokenRefusal(const Error &error, const QString &accountLabel)
{
    const std::string account = "Kiro account '" + accountLabel.toStdString() + "'";
    switch (error.code) {
    case Error::Code::Unauthorized:
        return {ChatError::Kind::Authentication, account + " must be signed in again", "", {}};
    case Error::Code::Timeout:
        return {ChatError::Kind::Timeout,
                "renewing the token of " + account + " took too long",
                "",
                {}};
    case Error::Code::RateLimited:
        return {ChatError::Kind::RateLimited,
                "renewing the token of " + account + " was refused for now", "",
                std::chrono::seconds(60)};
    case Error::Code::Storage:
        return {ChatError::Kind::NoAccount,
                "the stored token of " + account + " cannot be read: " + error.what.toStdString(),
                "",
                {}};
    case Error::Code::Cancelled:
    case Error::Code::Network:
    case Error::Code::BadInput:
    case Error::Code::Upstream:
        break;
    }
    return {ChatError::Kind::Upstream,
            "renewing the token of " + account + " failed: " + error.what.toStdString(),
            "",
            {}};
}

} // namespace kirotray
