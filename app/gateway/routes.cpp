// SPDX-License-Identifier: MIT
#include "app/gateway/routes.h"

#include <QList>

#include <array>

namespace kirotray {

namespace {

struct RouteRow
{
    const char *path; ///< without the version prefix; a trailing '*' takes one segment or more
    const char *methods;
    Route::Kind kind;
    std::optional<DialectId> dialect; ///< absent: by the headers
};

constexpr std::array Rows {
    RouteRow {"messages", "POST", Route::Kind::Chat, DialectId::AnthropicMessages},
    RouteRow {"messages/count_tokens", "POST", Route::Kind::CountTokens,
              DialectId::AnthropicMessages},
    RouteRow {"chat/completions", "POST", Route::Kind::Chat, DialectId::OpenAiChat},
    RouteRow {"models", "GET, HEAD", Route::Kind::Models, std::nullopt},
    RouteRow {"models/*", "GET, HEAD", Route::Kind::Model, std::nullopt},
    RouteRow {"health", "GET, HEAD", Route::Kind::Health, std::nullopt},
};

/// The path's segments without what clients put before them too often or leave out.
QList<QByteArray> significantSegments(const QByteArray &path)
{
    QList<QByteArray> segments;
    for (const QByteArray &segment : path.split('/'))
        if (!segment.isEmpty())
            segments.append(segment);
    if (!segments.isEmpty() && (segments.first() == "anthropic" || segments.first() == "openai"))
        segments.removeFirst();
    while (!segments.isEmpty() && segments.first() == "v1")
        segments.removeFirst();
    return segments;
}

bool rowMatches(QByteArrayView pattern, const QByteArray &path, QByteArray &rest)
{
    if (!pattern.endsWith('*'))
        return path == pattern;
    const QByteArrayView prefix = pattern.chopped(1);
    if (!path.startsWith(prefix) || path.size() == prefix.size())
        return false;
    rest = QByteArray::fromPercentEncoding(path.mid(prefix.size()));
    return true;
}

bool methodIsAllowed(const QByteArray &method, QByteArrayView methods)
{
    for (const QByteArray &allowed : methods.toByteArray().split(','))
        if (allowed.trimmed() == method)
            return true;
    return false;
}

} // namespace

Route routeOf(const HttpRequestHead &head)
{
    Route route;
    const DialectId byHeaders = head.headers.contains("anthropic-version")
        ? DialectId::AnthropicMessages
        : DialectId::OpenAiChat;
    route.dialect = byHeaders;
    const QByteArray path = significantSegments(head.path).join('/');
    for (const RouteRow &row : Rows) {
        if (!rowMatches(row.path, path, route.model))
            continue;
        route.dialect = row.dialect.value_or(byHeaders);
        if (head.method == "OPTIONS") {
            route.kind = Route::Kind::Preflight;
        } else if (methodIsAllowed(head.method, row.methods)) {
            route.kind = row.kind;
        } else {
            route.kind = Route::Kind::MethodNotAllowed;
        }
        route.allow = QByteArray(row.methods) + ", OPTIONS";
        return route;
    }
    return route;
}

} // namespace kirotray
