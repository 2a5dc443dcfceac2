// SPDX-License-Identifier: MIT
#include "app/login/loopbacklistener.h"

#include "app/base/limits.h"
#include "app/http/httpserver.h"
#include "app/login/loginpage.h"

#include <QCoreApplication>
#include <QPointer>

#include <array>

namespace kirotray {

namespace {

constexpr int LoopbackConnections = 32; ///< one browser; the rest is somebody else
constexpr qsizetype LoopbackBody = limits::KiB; ///< redirects have none
constexpr std::chrono::milliseconds LastPageGrace = std::chrono::seconds(2);

constexpr std::array<QByteArrayView, 3> RedirectPaths {"/oauth/callback", "/signin/callback", "/"};

LoginPage receivedPage(const QString &language)
{
    return {inLanguage(language, "Sign-in received", "已收到登录信息"),
            inLanguage(language,
                       "<p>You can close this page. KiroTray finishes the sign-in by itself.</p>",
                       "<p>您可以关闭此页面，KiroTray 会自动完成登录。</p>"),
            language};
}

LoginPage refusedPage(const QString &language, const QString &why)
{
    return {inLanguage(language, "Sign-in failed", "登录失败"),
            u"<p>"_s + why.toHtmlEscaped() + u"</p>"_s
                + inLanguage(language, "<p>You can close this page and try again in KiroTray.</p>",
                             "<p>您可以关闭此页面，然后在 KiroTray 中重试。</p>"),
            language};
}

LoginPage strayPage(const QString &language)
{
    return {inLanguage(language, "Nothing to do here", "此处无需操作"),
            inLanguage(language,
                       "<p>This address only ends a sign-in of KiroTray. This request belongs to "
                       "none that is under way.</p>",
                       "<p>此地址仅用于完成 KiroTray 的登录，该请求不属于任何进行中的登录。</p>"),
            language};
}

bool isRedirectPath(const QByteArray &path)
{
    return std::ranges::find(RedirectPaths, QByteArrayView(path)) != RedirectPaths.end();
}

} // namespace

LoopbackListener::LoopbackListener(QString language, QObject *parent)
    : QObject(parent)
    , m_language(std::move(language))
{
}

LoopbackListener::~LoopbackListener()
{
    if (m_server == nullptr)
        return;
    // The browser may still be reading the last page.
    m_server->setParent(QCoreApplication::instance());
    connect(m_server, &HttpServer::stopped, m_server, &QObject::deleteLater);
    m_server->stop(LastPageGrace);
}

const QList<quint16> &LoopbackListener::servicePorts()
{
    static const QList<quint16> ports {3128,  4649,  6588,  8008,  9091,
                                       49153, 50153, 51153, 52153, 53153};
    return ports;
}

Result<quint16> LoopbackListener::listen(const QList<quint16> &ports)
{
    for (const quint16 port : ports) {
        const int tries = port == 0 ? limits::PortTries : 1;
        for (int attempt = 0; attempt < tries; ++attempt)
            if (listenOn(port))
                return m_port;
    }
    return Error {Error::Code::Network,
                  u"none of the ports that a sign-in may end on is free on this machine"_s};
}

bool LoopbackListener::listenOn(quint16 port)
{
    HttpServerLimits serverLimits;
    serverLimits.maxConnections = LoopbackConnections;
    serverLimits.maxBody = LoopbackBody;
    auto server = std::make_unique<HttpServer>(serverLimits);
    const Result<quint16> bound = server->listen(QHostAddress(QHostAddress::LocalHost), port);
    if (!bound)
        return false;
    // Where ::1 belongs to another program, the browser might end there. A machine without IPv6
    // is no obstacle.
    const Result<quint16> second =
        server->listen(QHostAddress(QHostAddress::LocalHostIPv6), bound.value());
    if (!second && second.error().code == Error::Code::Network)
        return false;
    server->setHandler([self = QPointer<LoopbackListener>(this)](HttpExchange exchange) {
        if (self)
            self->answer(std::move(exchange));
    });
    server->setErrorRenderer(
        [language = m_language](const HttpRequestHead &, int status, const QByteArray &) {
            return loginPageResponse(status, strayPage(language));
        });
    delete m_server;
    m_server = server.release();
    m_server->setParent(this);
    m_port = bound.value();
    return true;
}

bool LoopbackListener::isOwnHost(const QByteArray &host) const
{
    const QByteArray end = ':' + QByteArray::number(m_port);
    const QByteArray name = host.toLower();
    return name == "localhost" + end || name == "127.0.0.1" + end || name == "[::1]" + end;
}

void LoopbackListener::answer(HttpExchange exchange)
{
    const HttpRequestHead head = exchange.request().head;
    if (!isOwnHost(head.headers.value("Host")))
        return exchange.respond(loginPageResponse(421, strayPage(m_language)));
    if (head.method != "GET" || !isRedirectPath(head.path))
        return exchange.respond(loginPageResponse(404, strayPage(m_language)));
    const LoginRedirect redirect {head.path, head.query};
    if (!redirect.hasState(m_state))
        return exchange.respond(loginPageResponse(400, strayPage(m_language)));
    const std::optional<Error> failure = redirect.failure();
    exchange.respond(loginPageResponse(
        200, failure ? refusedPage(m_language, failure->what) : receivedPage(m_language)));
    emit redirected(redirect); // the last act: a slot may destroy this
}

} // namespace kirotray
