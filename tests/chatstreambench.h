// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/chatstream.h"
#include "app/kiro/profilechoice.h"
#include "tests/answerrun.h"
#include "tests/fakepeer.h"
#include "tests/framebuilder.h"

#include <QTest>

#include <memory>

/// A ChatStream and the peer it asks.
namespace kirotray::chatstreambench {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

inline const QByteArray StreamHead = "HTTP/1.1 200 OK\r\n"
                                     "Content-Type: application/vnd.amazon.eventstream\r\n"
                                     "Transfer-Encoding: chunked\r\n\r\n";
inline const QByteArray LastChunk = "0\r\n\r\n";
inline constexpr auto Endless = 60s; ///< longer than any test waits

inline QByteArray bytesOf(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

inline QByteArray chunkOf(const QByteArray &bytes)
{
    return bytes.isEmpty() ? bytes : QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n";
}

inline QByteArray helloFrame()
{
    return bytesOf(textFrame("Hello"));
}

inline PeerScript streamOf(const QByteArray &frames)
{
    return PeerScript().send(StreamHead + chunkOf(frames) + LastChunk);
}

/// One stream and all it reports.
class Watched : public QObject
{
public:
    Watched(HttpClient &http, ChatStream::Attempt attempt)
        : stream(std::make_unique<ChatStream>(http, std::move(attempt), nullptr))
    {
        connect(stream.get(), &ChatStream::events, this, [this](const Events &arrived) {
            batches += 1;
            events.insert(events.end(), arrived.begin(), arrived.end());
            if (onEvents)
                onEvents();
        });
        connect(stream.get(), &ChatStream::succeeded, this, [this] { successes += 1; });
        connect(stream.get(), &ChatStream::failed, this, [this](const UpstreamFailure &why) {
            failures += 1;
            failure = why;
        });
    }

    bool hasEnded() const { return successes + failures > 0; }

    std::unique_ptr<ChatStream> stream;
    std::function<void()> onEvents;
    Events events;
    UpstreamFailure failure;
    int batches = 0;
    int successes = 0;
    int failures = 0;
};

/// A test of streams. initTestCase(), init() and cleanup() of the test call these.
class ChatStreamBench : public QObject
{
protected:
    void loadTables() { m_tables = loadKiroTables(QString()).tables; }
    void open()
    {
        m_http = std::make_unique<HttpClient>();
        m_peer = std::make_unique<FakePeer>();
    }
    void close()
    {
        m_http.reset();
        m_peer.reset();
    }
    ChatStream::Attempt attempt(qsizetype requestSize = 0) const
    {
        auto request = std::make_shared<BuiltRequest>();
        request->conversationState =
            "{\"pad\":\"" + std::string(static_cast<std::size_t>(requestSize), ' ') + "\"}";
        ChatStream::Attempt given;
        given.tables = m_tables;
        given.identity.accountId = u"account-1"_s;
        given.identity.accessToken = Secret("token-1");
        given.baseUrl = m_peer->url({}).toString();
        given.request = request;
        given.invocationId = "0a1b2c3d-0000-4000-8000-000000000001";
        given.proxy.kind = ProxyChoice::Kind::None;
        given.timeouts = {Endless, Endless, Endless, Endless};
        return given;
    }

    KiroTablesPtr m_tables;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<FakePeer> m_peer;
};

} // namespace kirotray::chatstreambench
