// SPDX-License-Identifier: MIT
#include "app/kiro/controlfetch.h"

#include "app/base/limits.h"
#include "app/kiro/profilechoice.h"
#include "app/kiro/upstreamfailure.h"

#include <QUuid>

namespace kirotray::controlfetch {

namespace {

struct Attempts
{
    Caller caller;
    std::vector<OutboundRequest> requests;
    std::size_t at = 0;
    OnReply done;
};

/// Not the answer of the operation but of the host: another host may do better.
bool isHostsFault(const Result<HttpReply> &reply)
{
    if (!reply)
        return reply.error().code == Error::Code::Network;
    const int status = reply.value().status;
    return status == 404 || status >= 500;
}

void startAttempt(const std::shared_ptr<Attempts> &attempts)
{
    attempts->caller.http->fetch(attempts->requests[attempts->at], attempts->caller.context,
                                 [attempts](Result<HttpReply> reply) {
                                     if (isHostsFault(reply)
                                         && attempts->at + 1 < attempts->requests.size()) {
                                         ++attempts->at;
                                         startAttempt(attempts);
                                         return;
                                     }
                                     attempts->done(std::move(reply));
                                 });
}

ProxyChoice proxyOf(const Caller &caller)
{
    if (caller.identity.proxy.isEmpty())
        return caller.generalProxy;
    const Result<ProxyChoice> own = ProxyChoice::parse(caller.identity.proxy);
    return own ? own.value() : caller.generalProxy;
}

} // namespace

OutboundRequest requestAt(const Caller &caller, const Place &place, KiroCallKind kind,
                          const QByteArray &body)
{
    OutboundRequest request;
    request.method = body.isNull() ? "GET" : "POST";
    request.url = QUrl::fromEncoded((place.baseUrl + place.path).toUtf8(), QUrl::StrictMode);
    request.body = body;
    const bool isData = kind == KiroCallKind::Control;
    const QString arn =
        isData ? profileArnFor(*caller.tables, caller.identity, place.baseUrl) : QString();
    const QByteArray invocation =
        isData ? QUuid::createUuid().toString(QUuid::WithoutBraces).toLatin1() : QByteArray();
    request.headers = kiroHeaders(*caller.tables, caller.identity, kind, invocation, arn);
    request.lane = caller.identity.accountId;
    request.proxy = proxyOf(caller);
    request.firstByteTimeout = limits::RequestTimeout;
    request.idleTimeout = limits::RequestTimeout;
    request.totalTimeout = limits::RequestTimeout;
    return request;
}

void fetchFirst(const Caller &caller, std::vector<OutboundRequest> requests, OnReply done)
{
    if (requests.empty()) {
        failLater<HttpReply>(
            caller.context, done,
            {Error::Code::BadInput, u"no host is configured for this call"_s, u"endpoints.json"_s});
        return;
    }
    startAttempt(
        std::make_shared<Attempts>(Attempts {caller, std::move(requests), 0, std::move(done)}));
}

Error refusalError(const KiroTables &tables, const HttpReply &reply)
{
    const UpstreamFailure failure =
        classify(tables,
                 parseRefusal(reply.status, reply.body, reply.header("x-amzn-errortype"),
                              reply.header("retry-after")));
    Error error;
    error.code = failure.action == KiroAction::RefreshOnce ? Error::Code::Unauthorized
        : failure.error.kind == ChatError::Kind::RateLimited || reply.status == 429
        ? Error::Code::RateLimited
        : Error::Code::Upstream;
    error.what = u"refused with status %1"_s.arg(reply.status);
    if (!failure.refusal.reason.isEmpty())
        error.what += ", "_L1 + failure.refusal.reason;
    if (!failure.refusal.message.isEmpty())
        error.what += ": "_L1 + redacted(failure.refusal.message);
    error.httpStatus = reply.status;
    return error;
}

Error badReply(const QString &what)
{
    return {Error::Code::Upstream, u"unexpected reply: "_s + what, {}, 200};
}

Result<JsonDocument> objectOf(const KiroTables &tables, const HttpReply &reply)
{
    if (reply.status != 200)
        return refusalError(tables, reply);
    Result<JsonDocument> document = JsonDocument::parse(reply.body.toStdString());
    if (!document)
        return badReply(describe(document.error()));
    if (!document.value().root().isObject())
        return badReply(u"no JSON object"_s);
    return document;
}

bool isManagementHost(const QString &baseUrl)
{
    return QUrl(baseUrl).host().startsWith("management."_L1);
}

QString queryOf(const std::vector<std::pair<QString, QString>> &pairs)
{
    QString query;
    for (const auto &[key, value] : pairs) {
        if (value.isEmpty())
            continue;
        query += query.isEmpty() ? u'?' : u'&';
        query += key + u'=' + QString::fromLatin1(QUrl::toPercentEncoding(value));
    }
    return query;
}

void fetchPages(const Caller &caller, const std::shared_ptr<PagedList> &list, const QString &token)
{
    --list->pagesLeft;
    fetchFirst(caller, list->requests(token), [caller, list](const Result<HttpReply> &reply) {
        if (!reply)
            return list->done(reply.error());
        const Result<JsonDocument> document = objectOf(*caller.tables, reply.value());
        if (!document)
            return list->done(document.error());
        JsonReader reader;
        const JsonValue root = document.value().root();
        list->take(reader, root);
        const QString next =
            textOf(reader.optionalString(root, "nextToken").value_or(std::string()));
        if (reader.failed())
            return list->done(badReply(describe(reader.error())));
        if (next.isEmpty() || list->pagesLeft == 0)
            return list->done(Done {});
        fetchPages(caller, list, next);
    });
}

QString textOf(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

} // namespace kirotray::controlfetch
