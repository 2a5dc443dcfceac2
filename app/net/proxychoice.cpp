// SPDX-License-Identifier: MIT
#include "app/net/proxychoice.h"

#include <QHostAddress>
#include <QNetworkProxy>
#include <QUrl>

namespace kirotray {

namespace {

Error badProxy(const QString &what)
{
    return {Error::Code::BadInput, u"proxy address: "_s + what};
}

std::optional<ProxyChoice::Kind> proxyKind(const QString &scheme)
{
    if (scheme == "http"_L1)
        return ProxyChoice::Kind::Http;
    if (scheme == "socks5"_L1 || scheme == "socks5h"_L1)
        return ProxyChoice::Kind::Socks5;
    return std::nullopt;
}

} // namespace

Result<ProxyChoice> ProxyChoice::parse(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || trimmed.compare("system"_L1, Qt::CaseInsensitive) == 0)
        return ProxyChoice {};
    if (trimmed.compare("none"_L1, Qt::CaseInsensitive) == 0)
        return ProxyChoice {.kind = Kind::None};
    const QUrl url(trimmed, QUrl::StrictMode);
    if (!url.isValid())
        return badProxy(u"expected none, system, http://host:port or socks5://host:port"_s);
    const std::optional<Kind> kind = proxyKind(url.scheme());
    if (!kind)
        return badProxy(u"expected http:// or socks5://"_s);
    if (url.host().isEmpty())
        return badProxy(u"the host is missing"_s);
    if (url.port() <= 0)
        return badProxy(u"the port is missing"_s);
    if (url.path().size() > 1 || url.hasQuery() || url.hasFragment())
        return badProxy(u"nothing may follow the port"_s);
    return ProxyChoice {*kind, url.host(), static_cast<quint16>(url.port()),
                        url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded)};
}

QNetworkProxy explicitProxy(const ProxyChoice &choice)
{
    switch (choice.kind) {
    case ProxyChoice::Kind::System:
    case ProxyChoice::Kind::None:
        break;
    case ProxyChoice::Kind::Http:
        return {QNetworkProxy::HttpProxy, choice.host, choice.port, choice.user, choice.password};
    case ProxyChoice::Kind::Socks5:
        return {QNetworkProxy::Socks5Proxy, choice.host, choice.port, choice.user, choice.password};
    }
    return {QNetworkProxy::NoProxy};
}

bool isLoopbackTarget(const QUrl &url)
{
    QString host = url.host().toLower();
    if (host.endsWith(u'.'))
        host.chop(1);
    if (host == "localhost"_L1 || host.endsWith(".localhost"_L1))
        return true;
    return QHostAddress(host).isLoopback();
}

} // namespace kirotray
