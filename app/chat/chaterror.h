// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace kirotray {

/// A failure as a client is told of it. Each dialect maps the kind to its own envelope and status.
struct ChatError
{
    enum class Kind {
        InvalidRequest, ///< 400
        ContextLengthExceeded, ///< 400, in the words clients recognise
        Authentication, ///< 401: the client's key, or no account can be signed in
        Permission, ///< 403
        NotFound, ///< 404: path or model
        MethodNotAllowed, ///< 405
        RequestTooLarge, ///< 413
        UnsupportedMedia, ///< 415
        RateLimited, ///< 429: asked too fast, later works
        QuotaExhausted, ///< 429: the plan's credits are used up until they are given anew
        Upstream, ///< 502: the upstream answered nonsense, or broke off
        NoAccount, ///< 503: nothing is configured that could answer
        Timeout, ///< 504
        Overloaded, ///< 529 (Anthropic), 503 elsewhere
        Internal, ///< 500
    };
    Kind kind = Kind::Internal;
    std::string message; ///< a sentence for a developer; no secret, no upstream body
    std::string param; ///< JSON path of the offending field; empty when there is none
    std::optional<std::chrono::seconds> retryAfter;
    bool operator==(const ChatError &) const = default;
};

} // namespace kirotray
