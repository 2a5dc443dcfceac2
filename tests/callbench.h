// SPDX-License-Identifier: MIT
#pragma once

#include "app/net/httpclient.h"
#include "tests/fakepeer.h"

#include <QSignalSpy>

#include <chrono>
#include <memory>

namespace kirotray {

using namespace std::chrono_literals;

inline const QByteArray EndlessHeader =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

inline QByteArray chunk(const QByteArray &bytes)
{
    return QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n";
}

inline OutboundRequest requestTo(const QUrl &url)
{
    OutboundRequest request;
    request.url = url;
    request.body = "{}";
    request.lane = u"account-1"_s;
    return request;
}

/// Everything a call reports, in the order it does.
struct Watched
{
    explicit Watched(HttpCall *watchedCall, bool isReading = true)
        : call(watchedCall)
        , headers(watchedCall, &HttpCall::headersReceived)
        , reads(watchedCall, &HttpCall::readyRead)
        , finished(watchedCall, &HttpCall::finished)
    {
        if (isReading)
            QObject::connect(watchedCall, &HttpCall::readyRead, watchedCall,
                             [this, watchedCall] { body += watchedCall->readAll(); });
    }
    bool waitForEnd() { return !finished.isEmpty() || finished.wait(20s / 1ms); }
    bool succeeded() const { return finished.size() == 1 && finished[0][0].toBool(); }
    bool failedWith(Error::Code code) const
    {
        return finished.size() == 1 && !finished[0][0].toBool() && call->error().code == code;
    }

    HttpCall *call;
    QByteArray body;
    QSignalSpy headers;
    QSignalSpy reads;
    QSignalSpy finished;
};

/// A client, a peer that answers "hello", and an owner of calls.
struct CallBench
{
    CallBench() { peer->always(PeerScript::reply(200, "hello")); }
    HttpCall *start() { return client->start(requestTo(peer->url()), owner.get()); }

    // Destroyed in reverse: calls first, the peer last.
    std::unique_ptr<FakePeer> peer = std::make_unique<FakePeer>();
    std::unique_ptr<HttpClient> client = std::make_unique<HttpClient>();
    std::unique_ptr<QObject> owner = std::make_unique<QObject>();
};

} // namespace kirotray
