// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QByteArray>
#include <QNetworkProxy>
#include <QObject>
#include <QUrl>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

class QNetworkReply;

namespace kirotray {

class ManagerPool;

/// Where outbound connections go through. A per-account proxy is given with the request.
struct ProxyChoice
{
    enum class Kind { System, None, Http, Socks5 };
    Kind kind = Kind::System;
    QString host = {};
    quint16 port = 0;
    QString user = {};
    QString password = {};
    bool operator==(const ProxyChoice &) const = default;
    /// "", "none", "system", "http://user:pass@host:port", "socks5://host:port". Error::BadInput
    /// otherwise.
    static Result<ProxyChoice> parse(const QString &text);
};

struct OutboundRequest
{
    QByteArray method = "POST";
    QUrl url;
    std::vector<std::pair<QByteArray, QByteArray>> headers; ///< sent verbatim, in this order
    QByteArray body;
    QString lane; ///< account id: connections, cookies and TLS sessions of two lanes never mix
    ProxyChoice proxy;
    std::chrono::milliseconds firstByteTimeout; ///< from start to the reply's header
    std::chrono::milliseconds idleTimeout; ///< between two pieces of the reply
    std::chrono::milliseconds totalTimeout;
};

/// One outbound request. Ends with exactly one finished(), also when it was aborted; not after
/// destruction. Destroying it aborts the request at once and returns its lease.
class HttpCall : public QObject
{
    Q_OBJECT
public:
    ~HttpCall() override;

    int status() const; ///< 0 until headersReceived()
    QByteArray header(const QByteArray &name) const; ///< of the reply; null when absent
    QString requestId() const; ///< ours, eight hex digits, for log lines

    /// All bytes that have arrived. While nothing is read and pause() holds, at most about
    /// limits::UpstreamReadBuffer are taken from the socket.
    QByteArray readAll();
    void pause(); ///< no readyRead until resume(); TCP slows the sender down
    void resume();
    void abort(); ///< finished() follows with Error::Cancelled

signals:
    void headersReceived();
    void readyRead();
    /// Transport result only: an HTTP error status is a success here. `ok` false: see error().
    void finished(bool ok);

public:
    const Error &error() const; ///< Timeout, Network or Cancelled; after finished(false)

private:
    friend class HttpClient;
    class Private;
    explicit HttpCall(QObject *parent);
    std::unique_ptr<Private> d;
};

struct HttpReply
{
    int status = 0;
    QByteArray body; ///< at most limits::MaxReplyBody; more is Error::Upstream
    std::vector<std::pair<QByteArray, QByteArray>> headers;
    QByteArray header(const QByteArray &name) const; ///< null when absent; without case
};

/// The one choke point for everything that leaves this program: HTTP/1.1 only, identity encoding,
/// no redirects followed, no cookies, request ids, one log line a call without query and body. At
/// most limits::StreamsPerManager calls share a QNetworkAccessManager; managers are pooled by lane
/// and proxy. One per thread; lives on the thread that created it.
class HttpClient : public QObject
{
    Q_OBJECT
public:
    explicit HttpClient(QObject *parent = nullptr);
    ~HttpClient() override;

    /// Starts a streaming call, owned by `parent`.
    HttpCall *start(const OutboundRequest &request, QObject *parent);
    /// A whole reply. `done` is called once, queued, on this thread; never after `context` is
    /// destroyed.
    void fetch(const OutboundRequest &request, QObject *context,
               std::function<void(Result<HttpReply>)> done);
    int managerCount() const; ///< for tests and statistics
    int activeCalls() const;

private:
    std::shared_ptr<ManagerPool> m_pool;
};

} // namespace kirotray
