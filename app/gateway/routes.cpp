// SPDX-License-Identifier: MIT
#include "app/gateway/routes.h"

#include <QList>

#include <array>
#include <optional>

namespace kirotray {

namespace {

struct RouteRow
{
    const char
        *path; ///< without the version; a last '*' takes the rest, one before takes a segment
    const char *methods;
    Route::Kind kind;
    std::optional<DialectId> dialect; ///< absent: by the headers
};

constexpr std::array Rows {
    RouteRow {"messages", "POST", Route::Kind::Chat, DialectId::AnthropicMessages},
    RouteRow {"messages/count_tokens", "POST", Route::Kind::CountTokens,
              DialectId::AnthropicMessages},
    RouteRow {"chat/completions", "POST", Route::Kind::Chat, DialectId::OpenAiChat},
    RouteRow {"responses", "POST", Route::Kind::Chat, DialectId::OpenAiResponses},
    RouteRow {"responses/input_tokens", "POST", Route::Kind::CountTokens,
              DialectId::OpenAiResponses},
    RouteRow {"responses/*/input_items", "GET", Route::Kind::StoredInput,
              DialectId::OpenAiResponses},
    RouteRow {"responses/*", "GET, DELETE", Route::Kind::StoredAnswer, DialectId::OpenAiResponses},
    RouteRow {"models", "GET, HEAD", Route::Kind::Models, std::nullopt},
    RouteRow {"models/*", "GET, HEAD", Route::Kind::Model, std::nullopt},
    RouteRow {"api/event_logging/*", "POST", Route::Kind::Acknowledge, std::nullopt},
    RouteRow {"api/*", "GET, POST, PUT, PATCH, DELETE", Route::Kind::Admin, std::nullopt},
    RouteRow {"admin/*", "GET, POST, PUT, PATCH, DELETE", Route::Kind::Admin, std::nullopt},
    RouteRow {"usage", "GET", Route::Kind::Usage, std::nullopt},
    RouteRow {"login/*", "GET, POST", Route::Kind::RemoteLogin, std::nullopt},
    RouteRow {"health", "GET, HEAD", Route::Kind::Health, std::nullopt},
    RouteRow {"", "GET, HEAD", Route::Kind::Home, std::nullopt},
};

bool isVersion(const QByteArray &segment)
{
    return segment == "v1" || segment == "v1beta" || segment == "v1alpha";
}

/// The path's segments without what clients put before them too often or leave out.
struct TrimmedPath
{
    QList<QByteArray> segments;
    bool isGoogles = false; ///< under v1beta or v1alpha
    bool isBuffered = false; ///< under cc
};

TrimmedPath trimmedPath(const QByteArray &path)
{
    TrimmedPath trimmed;
    for (const QByteArray &segment : path.split('/'))
        if (!segment.isEmpty())
            trimmed.segments.append(segment);
    while (!trimmed.segments.isEmpty()) {
        const QByteArray &first = trimmed.segments.first();
        if (first == "cc")
            trimmed.isBuffered = true;
        else if (first == "openai" || first == "anthropic")
            trimmed.isGoogles = false;
        else if (isVersion(first))
            trimmed.isGoogles = trimmed.isGoogles || first != "v1";
        else if (first != "gemini")
            break;
        trimmed.segments.removeFirst();
    }
    return trimmed;
}

/// `rest` gets what the '*' stands for, percent-decoded.
bool rowMatches(QByteArrayView pattern, const QByteArray &path, QByteArray &rest)
{
    const qsizetype star = pattern.indexOf('*');
    if (star < 0)
        return path == pattern;
    const QByteArrayView prefix = pattern.first(star);
    const QByteArrayView suffix = pattern.sliced(star + 1);
    if (!path.startsWith(prefix) || !path.endsWith(suffix)
        || path.size() <= prefix.size() + suffix.size())
        return false;
    const QByteArray middle =
        path.sliced(prefix.size(), path.size() - prefix.size() - suffix.size());
    rest = QByteArray::fromPercentEncoding(middle);
    return suffix.isEmpty() || !middle.contains('/');
}

bool methodIsAllowed(const QByteArray &method, QByteArrayView methods)
{
    for (const QByteArray &allowed : methods.toByteArray().split(','))
        if (allowed.trimmed() == method)
            return true;
    return false;
}

/// Which of the three vendors a client of a shared path belongs to.
DialectId dialectOfHeaders(const HttpHeaders &headers)
{
    if (headers.contains("x-goog-api-key") || headers.contains("x-goog-api-client"))
        return DialectId::Gemini;
    return headers.contains("anthropic-version") ? DialectId::AnthropicMessages
                                                 : DialectId::OpenAiChat;
}

void settleMethod(Route &route, const HttpRequestHead &head, const char *methods, Route::Kind kind)
{
    const bool wantsSocket =
        head.headers.value("upgrade").compare("websocket", Qt::CaseInsensitive) == 0;
    route.allow = QByteArray(methods) + ", OPTIONS";
    if (head.method == "OPTIONS")
        route.kind = Route::Kind::Preflight;
    else if (wantsSocket)
        route.kind = Route::Kind::NoUpgrade;
    else
        route.kind = methodIsAllowed(head.method, methods) ? kind : Route::Kind::MethodNotAllowed;
}

/// `models/{model}:{verb}` of Gemini; the model may hold slashes.
bool readGeminiCall(const QByteArray &path, const HttpRequestHead &head, Route &route)
{
    struct Verb
    {
        const char *name;
        Route::Kind kind;
        bool isStream;
    };
    static constexpr std::array Verbs {
        Verb {"generateContent", Route::Kind::Chat, false},
        Verb {"streamGenerateContent", Route::Kind::Chat, true},
        Verb {"countTokens", Route::Kind::CountTokens, false},
    };
    const qsizetype colon = path.lastIndexOf(':');
    if (colon < 0 || !path.startsWith("models/"))
        return false;
    if (head.method == "POST")
        route.dialect = DialectId::Gemini;
    for (const Verb &verb : Verbs) {
        if (path.sliced(colon + 1) != verb.name)
            continue;
        route.dialect = DialectId::Gemini;
        constexpr qsizetype Prefix = sizeof("models/") - 1;
        route.target.model =
            QByteArray::fromPercentEncoding(path.sliced(Prefix, colon - Prefix)).toStdString();
        route.target.stream = verb.isStream;
        route.target.serverSentEvents = queryValue(head.query, "alt") == "sse";
        settleMethod(route, head, "POST", verb.kind);
        return true;
    }
    return head.method == "POST"; // a verb that is not here: Route::Kind::NotFound
}

} // namespace

Route routeOf(const HttpRequestHead &head)
{
    const TrimmedPath trimmed = trimmedPath(head.path);
    const QByteArray path = trimmed.segments.join('/');
    Route route;
    route.dialect = trimmed.isGoogles ? DialectId::Gemini : dialectOfHeaders(head.headers);
    route.isBuffered = trimmed.isBuffered;
    if (readGeminiCall(path, head, route))
        return route;
    for (const RouteRow &row : Rows) {
        QByteArray rest;
        if (!rowMatches(row.path, path, rest))
            continue;
        route.dialect = row.dialect.value_or(route.dialect);
        settleMethod(route, head, row.methods, row.kind);
        if (row.kind == Route::Kind::StoredAnswer && head.method == "POST")
            route.kind = Route::Kind::NotFound; // …/compact, …/cancel: not here
        if (row.kind == Route::Kind::Model)
            route.model = rest;
        else
            route.answerId = rest;
        break;
    }
    return route;
}

} // namespace kirotray
