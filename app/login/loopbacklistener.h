// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/login/loginredirect.h"

#include <QList>
#include <QObject>
#include <QString>

#include <memory>

namespace kirotray {

class HttpExchange;
class HttpServer;

/// The place on this machine where a sign-in in the browser ends (RFC 8252 §7.3): a small HTTP
/// server on 127.0.0.1 and, where there is one, ::1. What is not the awaited redirect is answered
/// and ignored: other paths, a wrong or missing state, garbage; a foreign Host is refused. It keeps
/// listening until it is destroyed, since browsers ask for more than the redirect; the page that is
/// under way then still arrives. Main thread.
class LoopbackListener : public QObject
{
    Q_OBJECT
public:
    /// `language` of its pages: en, zh_CN.
    explicit LoopbackListener(QString language, QObject *parent = nullptr);
    ~LoopbackListener() override;

    /// The ports that the sign-in service accepts, in order (kiro-protocol §4.2 no. 2).
    static const QList<quint16> &servicePorts();

    /// Takes the first port that is free on both stacks; 0 in the list stands for any. The value is
    /// the port. Error::Network: none is free.
    Result<quint16> listen(const QList<quint16> &ports);
    quint16 port() const { return m_port; } ///< 0 before listen()

    /// The state that a redirect must bring; changes when a sign-in has a second round. Without
    /// one every redirect is ignored.
    void expect(const QByteArray &state) { m_state = state; }

signals:
    /// A redirect with the right state; its failure() may say no. Comes again when the browser
    /// loads the page again.
    void redirected(const kirotray::LoginRedirect &redirect);

private:
    bool listenOn(quint16 port);
    void answer(HttpExchange exchange);
    bool isOwnHost(const QByteArray &host) const;

    QString m_language;
    QByteArray m_state;
    HttpServer *m_server = nullptr; ///< a child; outlives this for the last answers
    quint16 m_port = 0;
};

} // namespace kirotray
