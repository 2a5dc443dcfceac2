// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/http/httpmessage.h"

#include <QByteArray>

namespace kirotray {

/// Where a request goes.
struct Route
{
    enum class Kind {
        Chat,
        CountTokens,
        Models,
        Model,
        StoredAnswer, ///< GET or DELETE of an OpenAI Responses answer
        StoredInput, ///< the input items of one
        Admin, ///< the administration, answered by the main thread
        Usage, ///< GET /v1/usage: credits, for status lines
        RemoteLogin, ///< a page of a sign-in in a browser on another machine
        Acknowledge, ///< a client's telemetry: thrown away and answered 200
        Health,
        Home, ///< somebody who looks whether anything is here
        Preflight,
        NoUpgrade, ///< a WebSocket is asked for
        NotFound,
        MethodNotAllowed
    };
    Kind kind = Kind::NotFound;
    DialectId dialect = DialectId::OpenAiChat; ///< also decides the envelope of an error
    QByteArray model = {}; ///< Kind::Model: the id, percent-decoded
    QByteArray answerId = {}; ///< Kind::StoredAnswer and StoredInput
    CallTarget target = {}; ///< Kind::Chat and CountTokens
    bool isBuffered = false; ///< /cc/…: the answer begins when the real token count is known
    QByteArray allow = {}; ///< Kind::MethodNotAllowed: value of the Allow header
};

/// Pure. Accepts what clients make of a base URL: `/v1/v1/…`, a missing `/v1`, `/anthropic/v1/…`,
/// `/openai/v1/…`, `/v1beta/openai/…`, doubled and trailing slashes. `/v1/models` belongs to the
/// API that the headers name (clients.md §0 no. 2).
Route routeOf(const HttpRequestHead &head);

} // namespace kirotray
