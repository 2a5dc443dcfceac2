// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpserver.h"

#include <chrono>
#include <functional>

namespace kirotray {

/// What the connections of one server share. Each holds a reference, so that a callback survives
/// the server that called it.
struct HttpServerShared
{
    HttpServerLimits limits;
    HttpServer::HeadFilter headFilter;
    HttpServer::Handler handler;
    HttpServer::ErrorRenderer errorRenderer;
    /// A connection wants to be looked at then; see HttpConnection::deadline().
    std::function<void(std::chrono::steady_clock::time_point)> wakeAt;
    qsizetype bodyBytes = 0; ///< received and not yet being answered
    int activeExchanges = 0;
    bool isStopping = false;

    /// By the error renderer; plain text without one.
    HttpResponse renderError(const HttpRequestHead &head, int status,
                             const QByteArray &message) const
    {
        if (errorRenderer)
            return errorRenderer(head, status, message);
        HttpResponse plain;
        plain.status = status;
        plain.headers.append("Content-Type", "text/plain; charset=utf-8");
        plain.body = message + '\n';
        return plain;
    }
};

} // namespace kirotray
