// SPDX-License-Identifier: MIT
#include "app/simulator/refusal.h"

#include "app/base/json.h"

namespace kirotray {

Refusal improper(QByteArray cause)
{
    Refusal refusal;
    refusal.cause = std::move(cause);
    return refusal;
}

Refusal invalid(QByteArray reason, QByteArray cause)
{
    Refusal refusal;
    if (reason == "CONTENT_LENGTH_EXCEEDS_THRESHOLD")
        refusal.message = "Input is too long.";
    else if (reason == "INVALID_MODEL_ID")
        refusal.message = "Invalid model. Please select a different model to continue.";
    refusal.reason = std::move(reason);
    refusal.cause = std::move(cause);
    return refusal;
}

Refusal badToken(QByteArray cause)
{
    return {403,
            "AccessDeniedException",
            {},
            "The bearer token included in the request is invalid.",
            std::move(cause)};
}

HttpResponse jsonResponse(int status, QByteArray body)
{
    HttpResponse response;
    response.status = status;
    response.headers.append("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

HttpResponse render(const Refusal &refusal)
{
    std::string body;
    JsonWriter writer(body);
    writer.beginObject();
    writer.member("message", refusal.message.toStdString());
    if (refusal.reason.isEmpty())
        writer.memberNull("reason");
    else
        writer.member("reason", refusal.reason.toStdString());
    writer.endObject();
    HttpResponse response = jsonResponse(refusal.status, QByteArray::fromStdString(body));
    if (!refusal.errorClass.isEmpty())
        response.headers.append("x-amzn-errortype", refusal.errorClass);
    return response;
}

} // namespace kirotray
