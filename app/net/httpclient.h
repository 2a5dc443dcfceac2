// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/net/httpcall.h"
#include "app/net/proxychoice.h"

#include <QByteArray>
#include <QObject>

#include <functional>
#include <memory>

namespace kirotray {

class ManagerPool;
class SystemProxy;

struct HttpReply
{
    int status = 0;
    QByteArray body; ///< at most limits::MaxReplyBody; more is Error::Upstream
    HeaderList headers;
    QByteArray header(const QByteArray &name) const; ///< null when absent; without case
};

/// The one choke point for everything that leaves this program: HTTP/1.1 only, identity encoding,
/// no redirects followed, no cookies, request ids, one log line a call without query and body. At
/// most limits::StreamsPerManager calls share a QNetworkAccessManager; managers are pooled by lane
/// and proxy. One per thread; lives on the thread that created it. A call outlives its client.
///
/// A request with a body reaches the wire at most once: Qt's own resending is off, because a token
/// or a chat request must not be repeated behind the caller's back. The caller retries
/// Error::Network.
class HttpClient : public QObject
{
    Q_OBJECT
public:
    explicit HttpClient(QObject *parent = nullptr);
    ~HttpClient() override;

    /// Starts a streaming call, owned by `parent`. No signal before the event loop runs again.
    HttpCall *start(const OutboundRequest &request, QObject *parent);
    /// A whole reply. `done` is called once, queued, on this thread; never after `context` is
    /// destroyed.
    void fetch(const OutboundRequest &request, QObject *context,
               std::function<void(Result<HttpReply>)> done);
    int managerCount() const; ///< for tests and statistics
    int activeCalls() const; ///< that hold a connection

private:
    std::shared_ptr<ManagerPool> m_pool;
    SystemProxy *m_systemProxy;
};

} // namespace kirotray
