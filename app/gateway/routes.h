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
        Health,
        Preflight,
        NotFound,
        MethodNotAllowed
    };
    Kind kind = Kind::NotFound;
    DialectId dialect = DialectId::OpenAiChat; ///< also decides the envelope of an error
    QByteArray model; ///< Kind::Model: the id, percent-decoded
    QByteArray allow; ///< Kind::MethodNotAllowed: value of the Allow header
};

/// Pure. Accepts what clients make of a base URL: `/v1/v1/…`, a missing `/v1`, `/anthropic/v1/…`,
/// `/openai/v1/…`, doubled and trailing slashes. `/v1/models` belongs to the API that the headers
/// name (clients.md §0 no. 2).
Route routeOf(const HttpRequestHead &head);

} // namespace kirotray
