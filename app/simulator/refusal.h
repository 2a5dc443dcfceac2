// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

#include <QByteArray>

namespace kirotray {

/// How the service says no (kiro-protocol §3.1).
struct Refusal
{
    int status = 400;
    QByteArray errorClass = "ValidationException"; ///< header x-amzn-errortype; empty: none
    QByteArray reason; ///< empty: null
    QByteArray message = "Improperly formed request.";
    QByteArray cause = {}; ///< English, which rule and where; for the log and tests, never sent
    bool operator==(const Refusal &) const = default;
};

/// A structural mistake: the answer that explains nothing (§1.7).
Refusal improper(QByteArray cause);
/// A 400 with a reason of §3.1 and its usual message.
Refusal invalid(QByteArray reason, QByteArray cause);
/// 403 "The bearer token included in the request is invalid."
Refusal badToken(QByteArray cause);

/// `{"message":…,"reason":…}` with the header x-amzn-errortype.
HttpResponse render(const Refusal &refusal);
/// A JSON answer.
HttpResponse jsonResponse(int status, QByteArray body);

} // namespace kirotray
