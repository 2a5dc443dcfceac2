// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/kirotables.h"

#include <QByteArray>

namespace kirotray {

/// A refusal as it came off the wire, before it is judged.
struct UpstreamRefusal
{
    int status = 0; ///< 0: inside a stream (exception or error frame)
    QString errorClass; ///< from __type or x-amzn-errortype, namespace and suffix removed
    QString reason;
    QString message; ///< at most 200 characters
    std::optional<std::chrono::seconds> retryAfter;
};

/// A refusal with the reaction the table gives it (kiro-protocol §3). The effect counts once the
/// action did not help. RetryBackoff: ChatError::Kind::Overloaded means that the model lacks
/// capacity, which takes seconds to pass; any other kind passes in a moment.
struct UpstreamFailure
{
    KiroAction action = KiroAction::Fail;
    AccountEffect effect = AccountEffect::None;
    std::chrono::seconds coolDown {0};
    int otherAccounts = 0; ///< how many may be asked the same, once the action did not help
    ChatError error; ///< for the client, when no retry helps
    UpstreamRefusal refusal;
};

/// Reads `reason`, `message`, `Message`, nested `error`, `__type` and the error-type header; text
/// that is no JSON becomes the message (§3.1).
UpstreamRefusal parseRefusal(int status, const QByteArray &body, const QByteArray &errorTypeHeader,
                             const QByteArray &retryAfterHeader);
UpstreamFailure classify(const KiroTables &tables, const UpstreamRefusal &refusal);
/// No answer at all: never the account's fault.
UpstreamFailure classifyTransport(const Error &error);

} // namespace kirotray
