// SPDX-License-Identifier: MIT
#include "app/gateway/clientguard.h"

#include <QHostAddress>
#include <QUrl>

namespace kirotray {

namespace {

/// The name of a Host header without its port; empty when it is malformed.
QByteArray hostName(const QByteArray &hostHeader)
{
    if (hostHeader.startsWith('[')) {
        const qsizetype end = hostHeader.indexOf(']');
        return end < 0 ? QByteArray() : hostHeader.mid(1, end - 1);
    }
    const qsizetype colon = hostHeader.indexOf(':');
    return (colon < 0 ? hostHeader : hostHeader.first(colon)).toLower();
}

bool namesLoopback(const QByteArray &name)
{
    if (name == "localhost" || name.endsWith(".localhost"))
        return true;
    const QHostAddress address(QString::fromLatin1(name));
    return !address.isNull() && address.isLoopback();
}

/// An address typed as a number cannot be rebound by DNS; it is only asked for when the user opened
/// the proxy to the network.
bool namesThisMachine(const QByteArray &name, const QByteArray &configured)
{
    if (namesLoopback(name))
        return true;
    const QHostAddress listening(QString::fromLatin1(configured));
    if (configured.isEmpty() || namesLoopback(configured))
        return false;
    return name == configured || !QHostAddress(QString::fromLatin1(name)).isNull()
        || listening.isNull();
}

/// Whether one of `allowed` was sent. All are compared, each in constant time.
bool sendsOneOf(const std::vector<const Secret *> &allowed, const HttpRequestHead &head)
{
    const QByteArray authorization = head.headers.value("authorization");
    // RFC 9110 §11.1: the scheme's name has no case.
    const bool isBearer =
        authorization.first(qMin<qsizetype>(7, authorization.size())).toLower() == "bearer ";
    const QByteArray candidates[] = {
        head.headers.value("x-api-key"),
        isBearer ? authorization.mid(7).trimmed() : QByteArray(),
        head.headers.value("x-goog-api-key"),
        queryValue(head.query, "key"),
    };
    bool matches = false;
    for (const QByteArray &candidate : candidates)
        for (const Secret *key : allowed)
            matches = (!key->isEmpty() && key->constantTimeEquals(candidate)) || matches;
    return matches;
}

} // namespace

bool ClientGuard::isLocalOrigin(const QByteArray &origin)
{
    const QUrl url(QString::fromLatin1(origin), QUrl::StrictMode);
    return (url.scheme() == u"http" || url.scheme() == u"https")
        && namesLoopback(url.host().toLatin1());
}

std::optional<ChatError> ClientGuard::check(const HttpRequestHead &head, Access access) const
{
    using Kind = ChatError::Kind;
    const QByteArray hostHeader = head.headers.value("host");
    if (!hostHeader.isEmpty() && !namesThisMachine(hostName(hostHeader), host))
        return ChatError {Kind::Permission,
                          "the Host header does not name this machine; use http://127.0.0.1",
                          "",
                          {}};
    const QByteArray origin = head.headers.value("origin");
    if (!origin.isEmpty() && !isLocalOrigin(origin))
        return ChatError {
            Kind::Permission, "requests from web pages of other origins are refused", "", {}};
    if (access == Access::Open)
        return std::nullopt;
    std::vector<const Secret *> allowed {&adminToken};
    if (access == Access::Client) {
        if (apiKey.isEmpty())
            return std::nullopt;
        allowed.push_back(&apiKey);
        for (const ClientKeySecret &one : keys)
            allowed.push_back(&one.secret);
    }
    if (sendsOneOf(allowed, head))
        return std::nullopt;
    return ChatError {Kind::Authentication,
                      access == Access::Admin
                          ? "invalid or missing admin token; kirotrayctl shows it"
                          : "invalid or missing API key; copy the key from KiroTray and send it as "
                            "x-api-key or Authorization: Bearer",
                      "",
                      {}};
}

} // namespace kirotray
