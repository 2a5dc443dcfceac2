// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpserver.h"
#include "tests/httptestclient.h"

#include <QTest>

#include <deque>

namespace kirotray {

inline const QByteArray HttpGet = "GET /path?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";

inline QByteArray postOf(const QByteArray &body, const QByteArray &fields = {})
{
    return "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: " + QByteArray::number(body.size())
        + "\r\n" + fields + "\r\n" + body;
}

inline HttpResponse responseOf(const QByteArray &body, int status = 200)
{
    HttpResponse response;
    response.status = status;
    response.headers.append("Content-Type", "application/json");
    response.body = body;
    return response;
}

inline QByteArray bodyOf(const HttpExchange &exchange)
{
    return QByteArray::fromStdString(exchange.request().body);
}

/// A server on a free port that keeps every exchange for the test to answer.
struct KeepingServer
{
    explicit KeepingServer(const HttpServerLimits &serverLimits = {})
        : server(std::make_unique<HttpServer>(serverLimits))
    {
        server->setHandler(
            [this](HttpExchange exchange) { exchanges.push_back(std::move(exchange)); });
        const Result<quint16> bound = server->listen(QHostAddress::LocalHost, 0);
        port = bound ? bound.value() : quint16(0);
    }
    /// Answers each request with its own path and body.
    void echo()
    {
        server->setHandler([](HttpExchange exchange) {
            exchange.respond(responseOf(exchange.request().head.path + ' ' + bodyOf(exchange)));
        });
    }
    HttpExchange take()
    {
        HttpExchange exchange = std::move(exchanges.front());
        exchanges.pop_front();
        return exchange;
    }

    std::deque<HttpExchange> exchanges; // destroyed after the server
    std::unique_ptr<HttpServer> server;
    quint16 port = 0;
};

/// Waits for the next answer; a macro, because it returns from the test when there is none.
#define NEXT_ANSWER(client, ...)                                                                   \
    answer.reset();                                                                                \
    QTRY_VERIFY(answer || (answer = (client).takeAnswer(__VA_ARGS__)))
#define TRY_ANSWER(client, ...)                                                                    \
    std::optional<WireAnswer> answer;                                                              \
    NEXT_ANSWER(client, __VA_ARGS__)

} // namespace kirotray
