// SPDX-License-Identifier: MIT
#include "app/kiro/websearchcall.h"

#include "app/base/limits.h"
#include "app/base/secret.h"
#include "app/kiro/profilechoice.h"

#include <QDateTime>
#include <QLocale>
#include <QRandomGenerator>
#include <QUuid>

#include <algorithm>

namespace kirotray {

namespace {

using HitList = std::vector<WebSearchHit>;

constexpr std::size_t MaxHitTitle = 300; ///< bytes; search services cut titles far below
constexpr std::size_t MaxHitUrl = 2048; ///< bytes; longer ones are no addresses people can follow

/// At most `limit` bytes, cut between two characters.
std::string cutText(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return std::string(text);
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    return std::string(text.substr(0, end));
}

std::string onOneLine(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return text;
}

/// Counted in UTF-16 units, which are never fewer than what the service may count.
QString cutQuery(const std::string &query)
{
    QString text = QString::fromStdString(query).trimmed();
    if (text.size() > limits::MaxSearchQuery)
        text.truncate(text.at(limits::MaxSearchQuery - 1).isHighSurrogate()
                          ? limits::MaxSearchQuery - 1
                          : limits::MaxSearchQuery);
    return text;
}

QString randomLetters(int count, QLatin1StringView letters)
{
    QString text;
    for (int i = 0; i < count; ++i)
        text += letters.at(QRandomGenerator::global()->bounded(letters.size()));
    return text;
}

/// As the official client forms it.
QString newRpcId()
{
    static constexpr QLatin1StringView small {"abcdefghijklmnopqrstuvwxyz0123456789"};
    static constexpr QLatin1StringView all {
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"};
    return u"web_search_tooluse_%1_%2_%3"_s.arg(randomLetters(22, all))
        .arg(QDateTime::currentMSecsSinceEpoch())
        .arg(randomLetters(8, small));
}

QByteArray searchBody(const QString &query)
{
    std::string body;
    JsonWriter writer(body);
    writer.beginObject().member("id", newRpcId().toStdString());
    writer.member("jsonrpc", "2.0").member("method", "tools/call");
    writer.key("params").beginObject().member("name", "web_search");
    writer.key("arguments").beginObject().member("query", query.toStdString()).endObject();
    writer.endObject().endObject();
    return QByteArray::fromStdString(body);
}

/// §6 and §1.6: none for API keys, and never the ARN that Builder ID accounts share.
QString searchProfileArn(const KiroTables &tables, const KiroIdentity &identity,
                         const QString &baseUrl)
{
    if (identity.kind == AccountKind::ApiKey)
        return {};
    if (identity.kind == AccountKind::BuilderId)
        return isProfileArn(identity.profileArn) ? identity.profileArn : QString();
    return profileArnFor(tables, identity, baseUrl);
}

OutboundRequest searchRequest(const controlfetch::Caller &caller, const QString &baseUrl,
                              const QByteArray &body)
{
    OutboundRequest request =
        controlfetch::requestAt(caller, {baseUrl, u"/mcp"_s}, KiroCallKind::Control, body);
    request.headers = kiroHeaders(*caller.tables, caller.identity, KiroCallKind::Control,
                                  QUuid::createUuid().toByteArray(QUuid::WithoutBraces),
                                  searchProfileArn(*caller.tables, caller.identity, baseUrl));
    request.firstByteTimeout = limits::SearchTimeout;
    request.idleTimeout = limits::SearchTimeout;
    request.totalTimeout = limits::SearchTimeout;
    return request;
}

/// "October 7, 2024" of milliseconds, seconds or an ISO date; empty for anything else.
std::string pageAgeOf(const JsonValue &date)
{
    static constexpr qint64 LastSecond = 100'000'000'000; // as milliseconds: 1973
    QDateTime time;
    if (const auto number = date.number(); number && *number > 0 && *number < 1e15) {
        const auto value = static_cast<qint64>(*number);
        time = value < LastSecond ? QDateTime::fromSecsSinceEpoch(value, Qt::UTC)
                                  : QDateTime::fromMSecsSinceEpoch(value, Qt::UTC);
    } else if (date.isString()) {
        time = QDateTime::fromString(controlfetch::textOf(date.string()), Qt::ISODate);
    }
    if (!time.isValid() || time.date().year() > 9999)
        return {};
    return QLocale::c().toString(time.date(), u"MMMM d, yyyy"_s).toStdString();
}

std::optional<WebSearchHit> hitFrom(const JsonValue &row)
{
    const QUrl url(controlfetch::textOf(row["url"].string()), QUrl::StrictMode);
    if ((url.scheme() != "http"_L1 && url.scheme() != "https"_L1) || url.host().isEmpty()
        || row["url"].string().size() > MaxHitUrl)
        return std::nullopt;
    WebSearchHit hit;
    hit.url = row["url"].string();
    hit.title = onOneLine(cutText(row["title"].string(), MaxHitTitle));
    if (hit.title.empty())
        hit.title = hit.url;
    hit.snippet = cutText(row["snippet"].string(), limits::MaxSearchSnippet);
    hit.pageAge = pageAgeOf(row["publishedDate"]);
    return hit;
}

Error searchFailed(std::string_view why)
{
    const QString text = controlfetch::textOf(why).trimmed().left(200);
    return {Error::Code::Upstream,
            text.isEmpty() ? u"the search failed"_s : u"the search failed: "_s + redacted(text),
            {},
            200};
}

/// The JSON text within the reply's JSON.
Result<HitList> hitsOf(std::string_view text)
{
    const Result<JsonDocument> document = JsonDocument::parse(text);
    if (!document)
        return controlfetch::badReply(u"search results: "_s + describe(document.error()));
    const JsonValue root = document.value().root();
    if (!root["error"].isAbsent())
        return searchFailed(root["error"].isString() ? root["error"].string()
                                                     : root["error"]["message"].string());
    if (!root["results"].isArray())
        return controlfetch::badReply(u"search results: no list"_s);
    HitList hits;
    for (const JsonValue row : root["results"]) {
        std::optional<WebSearchHit> hit = hitFrom(row);
        if (hit && hits.size() < limits::MaxSearchHits)
            hits.push_back(*std::move(hit));
    }
    return hits;
}

Result<HitList> readReply(const KiroTables &tables, const HttpReply &reply)
{
    const Result<JsonDocument> document = controlfetch::objectOf(tables, reply);
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    if (!root["error"].isAbsent())
        return searchFailed(root["error"]["message"].string());
    const JsonValue result = root["result"];
    std::string_view text;
    for (const JsonValue block : result["content"])
        if (text.empty())
            text = block["text"].string();
    if (result["isError"].boolean())
        return searchFailed(text);
    if (text.empty())
        return controlfetch::badReply(u"no search results"_s);
    return hitsOf(text);
}

} // namespace

void searchWeb(const controlfetch::Caller &caller, const std::string &query,
               std::function<void(Result<HitList>)> done)
{
    const QString text = cutQuery(query);
    if (text.isEmpty()) {
        controlfetch::failLater<HitList>(caller.context, done,
                                         {Error::Code::BadInput, u"the query is empty"_s});
        return;
    }
    const QByteArray body = searchBody(text);
    std::vector<OutboundRequest> requests;
    for (const QString &base :
         baseUrlsFor(caller.tables->endpoints.mcp, apiRegionOf(caller.identity)))
        requests.push_back(searchRequest(caller, base, body));
    controlfetch::fetchFirst(
        caller, std::move(requests),
        [tables = caller.tables, done = std::move(done)](const Result<HttpReply> &reply) {
            if (reply)
                done(readReply(*tables, reply.value()));
            else
                done(reply.error());
        });
}

std::string searchErrorCode(const Error &error)
{
    switch (error.code) {
    case Error::Code::RateLimited:
        return "too_many_requests";
    case Error::Code::BadInput:
        return error.httpStatus == 0 && error.path.isEmpty() ? "invalid_input" : "unavailable";
    case Error::Code::Cancelled:
    case Error::Code::Timeout:
    case Error::Code::Network:
    case Error::Code::Unauthorized:
    case Error::Code::Upstream:
    case Error::Code::Storage:
        return "unavailable";
    }
    return "unavailable";
}

} // namespace kirotray
