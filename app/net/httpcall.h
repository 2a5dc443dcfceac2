// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"
#include "app/base/result.h"
#include "app/net/headerlist.h"
#include "app/net/proxychoice.h"

#include <QByteArray>
#include <QObject>
#include <QUrl>

#include <chrono>
#include <memory>

namespace kirotray {

class ManagerPool;
class SystemProxy;

/// Accept-Encoding is always "identity". A field that is not given but that Qt would fill in by
/// itself is neutral: Accept-Language "*", User-Agent "KiroTray/<version>". Fields of one name are
/// joined with ", ". A line break in a value or a scheme other than http and https ends the call
/// with Error::BadInput.
struct OutboundRequest
{
    QByteArray method = "POST";
    QUrl url;
    HeaderList headers; ///< sent verbatim, in this order
    QByteArray body;
    QString lane; ///< account id: connections, cookies and TLS sessions of two lanes never mix
    ProxyChoice proxy; ///< System never applies to this machine itself
    /// From start to the reply's header.
    std::chrono::milliseconds firstByteTimeout = limits::RequestTimeout;
    /// Between two pieces of the reply, pauses not counted.
    std::chrono::milliseconds idleTimeout = limits::RequestTimeout;
    std::chrono::milliseconds totalTimeout = limits::RequestTimeout;
};

/// One outbound request. Ends with exactly one finished(), also when it was aborted; not after
/// destruction. Destroying it aborts the request at once and returns its lease. Any slot may
/// destroy it.
class HttpCall : public QObject
{
    Q_OBJECT
public:
    ~HttpCall() override;

    int status() const; ///< 0 until headersReceived()
    QByteArray header(const QByteArray &name) const; ///< of the reply; null when absent; no case
    const HeaderList &headers() const; ///< of the reply
    QString requestId() const; ///< ours, eight hex digits, for log lines

    /// All bytes that have arrived. While nothing is read and pause() holds, at most about
    /// limits::UpstreamReadBuffer are taken from the socket.
    QByteArray readAll();
    void pause(); ///< no readyRead until resume(); TCP slows the sender down
    void resume(); ///< what arrived meanwhile is announced from the event loop
    void abort(); ///< finished() follows, queued, with Error::Cancelled

signals:
    void headersReceived();
    void readyRead();
    /// Transport result only: an HTTP error status is a success here. A chunked reply that the peer
    /// cuts off is not always told from a complete one (a race inside QNetworkAccessManager): the
    /// reader of the body checks that it is whole. `ok` false: see error(). Not
    /// emitted while paused, unless the call failed. readAll() still works.
    void finished(bool ok);

public:
    const Error &error() const; ///< Timeout, Network, Cancelled or BadInput; after finished(false)

private:
    friend class HttpClient;
    class Private;
    explicit HttpCall(QObject *parent);
    void begin(const OutboundRequest &request, std::shared_ptr<ManagerPool> pool,
               SystemProxy &systemProxy);
    std::unique_ptr<Private> d;
};

} // namespace kirotray
