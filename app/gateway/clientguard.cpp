// SPDX-License-Identifier: MIT
#include "app/gateway/clientguard.h"

#include "app/base/result.h"

#include <QHostAddress>
#include <QUrl>

#include <array>

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

/// What a request may carry as its key, in all the places that clients use.
std::array<QByteArray, 4> keysIn(const HttpRequestHead &head)
{
    const QByteArray authorization = head.headers.value("authorization");
    // RFC 9110 §11.1: the scheme's name has no case.
    const bool isBearer =
        authorization.first(qMin<qsizetype>(7, authorization.size())).toLower() == "bearer ";
    return {
        head.headers.value("x-api-key"),
        isBearer ? authorization.mid(7).trimmed() : QByteArray(),
        head.headers.value("x-goog-api-key"),
        queryValue(head.query, "key"),
    };
}

/// All are compared, each in constant time.
bool isSent(const Secret &key, const std::array<QByteArray, 4> &sent)
{
    bool matches = false;
    for (const QByteArray &candidate : sent)
        matches = (!key.isEmpty() && key.constantTimeEquals(candidate)) || matches;
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
    // The path is the key, and the other machine knows this one by a name of its own.
    if (access == Access::Link)
        return std::nullopt;
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
    if (access == Access::Client && apiKey.isEmpty())
        return std::nullopt;
    const std::optional<Caller> caller = callerOf(head);
    if (caller && (caller->isAdmin || access == Access::Client))
        return std::nullopt;
    return ChatError {Kind::Authentication,
                      access == Access::Admin
                          ? "invalid or missing admin token; kirotrayctl shows it"
                          : "invalid or missing API key; copy the key from KiroTray and send it as "
                            "x-api-key or Authorization: Bearer",
                      "",
                      {}};
}

std::optional<ClientGuard::Caller> ClientGuard::callerOf(const HttpRequestHead &head) const
{
    const std::array<QByteArray, 4> sent = keysIn(head);
    std::optional<Caller> caller;
    if (isSent(apiKey, sent))
        caller = {u"default"_s};
    for (const ClientKeySecret &one : keys)
        if (isSent(one.secret, sent))
            caller = {one.key.name, false, one.key};
    if (isSent(adminToken, sent))
        caller = {u"admin"_s, true};
    return caller;
}

} // namespace kirotray
