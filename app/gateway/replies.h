// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/http/httpmessage.h"

#include <QString>

namespace kirotray {

/// The small pieces that gateway answers are made of. Pure, except for the random ids.

std::string newAnswerId(); ///< 24 alphanumerics

/// What every answer carries beside its content.
struct ReplyStamp
{
    /// Sent as `request-id` (Anthropic's name) and `x-request-id` (OpenAI's): a user's report finds
    /// its log line.
    QString flowId;
    /// Of the asking page, which may read the answer; empty for a foreign page, or none.
    QByteArray origin;
    /// Sent as `x-kirotray-model`: which model was asked for and which one answers; empty: not
    /// decided.
    QByteArray model = {};
    /// Sent as `x-kirotray-account`: see accountHash(); empty: not decided.
    QByteArray account = {};
};
ReplyStamp stampFor(const HttpRequestHead &head); ///< with a new flow id
/// Tells accounts apart without naming them: 12 hex digits of the label's SHA-256.
QByteArray accountHash(const QString &label);
/// What the request-id header says.
std::string requestIdOf(const ReplyStamp &stamp);

HttpHeaders streamHeaders(const ReplyStamp &stamp, QByteArray contentType);
/// Without a body yet.
HttpResponse stampedResponse(int status, const QByteArray &contentType, const ReplyStamp &stamp);
HttpResponse jsonResponse(int status, const std::string &body, const ReplyStamp &stamp);
/// In the dialect's envelope, with Retry-After where the error says when.
HttpResponse errorResponse(const Dialect &dialect, const ChatError &error, const ReplyStamp &stamp);
/// The answer to OPTIONS; `methods` as in an Allow header.
HttpResponse preflightResponse(const HttpRequestHead &head, const QByteArray &methods);

/// Why no token could be had, as a client is told.
ChatError tokenRefusal(const Error &error, const QString &accountLabel);

} // namespace kirotray
