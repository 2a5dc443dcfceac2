// SPDX-License-Identifier: MIT
#include "tests/faultrows.h"

namespace kirotray {

namespace {

using Kind = ChatError::Kind;
using State = AccountHealth::State;

/// A refusal by status, reason and message; an empty reason is null.
QByteArray refusal(int status, const QByteArray &reason, const QByteArray &message,
                   const QByteArray &more = {})
{
    QByteArray text = "\"httpError\":{\"status\":" + QByteArray::number(status);
    if (!reason.isEmpty())
        text += ",\"reason\":\"" + reason + '"';
    return text + ",\"message\":\"" + message + '"' + more + '}';
}

QByteArray ofClass(const QByteArray &name)
{
    return ",\"class\":\"" + name + '"';
}

FaultRow contentRow(const QByteArray &reason, Kind kind = Kind::InvalidRequest, int attempts = 1)
{
    return {reason, refusal(400, reason, "x"), kind, attempts};
}

/// What no other account and no second try would change.
void addContentRows(std::vector<FaultRow> &rows)
{
    const QByteArray improper = "Improperly formed request.";
    rows.push_back({"improperly formed", refusal(400, "", improper), Kind::InvalidRequest});
    rows.push_back({"improperly formed, with tools", refusal(400, "", improper),
                    Kind::InvalidRequest, 2, false, AccountEffect::None, State::Ready, true});
    rows.push_back(contentRow("REQUEST_BODY_INVALID"));
    rows.push_back(contentRow("REQUEST_BODY_INVALID_JSON"));
    rows.push_back({"TOOL_SCHEMA_INVALID", refusal(400, "TOOL_SCHEMA_INVALID", "x"),
                    Kind::InvalidRequest, 2, false, AccountEffect::None, State::Ready, true});
    for (const char *reason : {"CONTENT_LENGTH_EXCEEDS_THRESHOLD", "PROMPT_TOO_LONG"})
        rows.push_back(contentRow(reason, Kind::ContextLengthExceeded));
    for (const char *message : {"Input is too long.", "Input content length exceeds threshold.",
                                "Failed to buffer the request body: length limit exceeded"})
        rows.push_back({message, refusal(400, "", message), Kind::ContextLengthExceeded});
    rows.push_back({"413 from the front end", refusal(413, "", "Request Entity Too Large"),
                    Kind::RequestTooLarge});
    for (const char *reason :
         {"TOOL_CONFIG_MISSING", "TOOL_DUPLICATE", "TOOL_USE_RESULT_MISMATCH",
          "IMAGE_COUNT_EXCEEDED", "IMAGE_DIMENSION_EXCEEDED", "IMAGE_FORMAT_UNSUPPORTED",
          "IMAGE_MIME_MISMATCH", "IMAGE_SIZE_EXCEEDED", "DOCUMENT_COUNT_EXCEEDED",
          "DOCUMENT_DUPLICATE_NAME", "DOCUMENT_MAXIMUM_PAGES_EXCEEDED",
          "DOCUMENT_MODEL_NOT_SUPPORTED", "DOCUMENT_PASSWORD_PROTECTED", "DOCUMENT_SIZE_EXCEEDED"})
        rows.push_back(contentRow(reason));
    rows.push_back(contentRow("THINKING_SIGNATURE_INVALID", Kind::InvalidRequest, 2));
    rows.push_back(contentRow("INVALID_CONVERSATION_ID", Kind::InvalidRequest, 2));
    rows.push_back({"CONVERSATION_LIMIT_EXCEEDED", refusal(402, "CONVERSATION_LIMIT_EXCEEDED", "x"),
                    Kind::InvalidRequest, 2});
    rows.push_back({"additionalModelRequestFields",
                    refusal(400, "REQUEST_BODY_INVALID",
                            "additionalModelRequestFields is not supported for this model"),
                    Kind::InvalidRequest, 2});
    rows.push_back({"profileArn is required",
                    refusal(400, "", "profileArn is required for this request."),
                    Kind::InvalidRequest});
}

/// What the account may not, though it is healthy.
void addPermissionRows(std::vector<FaultRow> &rows)
{
    rows.push_back({"not authorized",
                    refusal(403, "", "User is not authorized to make this call.",
                            ofClass("AccessDeniedException")),
                    Kind::Permission});
    for (const char *reason :
         {"FEATURE_NOT_SUPPORTED", "UNAUTHORIZED_CUSTOMIZATION_RESOURCE_ACCESS",
          "UNAUTHORIZED_WORKSPACE_CONTEXT_FEATURE_ACCESS"})
        rows.push_back({reason, refusal(403, reason, "x"), Kind::Permission});
    for (const char *reason :
         {"CUSTOMER_KMS_KEY_DISABLED", "CUSTOMER_KMS_KEY_INVALID_KEY_POLICY", "MISMATCHED_KMS_KEY"})
        rows.push_back({reason, refusal(409, reason, "x"), Kind::Permission, 1, false,
                        AccountEffect::AuthProblem, State::Unusable});
    rows.push_back({"409 KMS without a reason", refusal(409, "", "The KMS key is not usable"),
                    Kind::Permission, 1, false, AccountEffect::AuthProblem, State::Unusable});
    rows.push_back({"INVALID_MODEL_ID",
                    refusal(400, "INVALID_MODEL_ID",
                            "Invalid model. Please select a different model to continue."),
                    Kind::NotFound, 1, true});
    rows.push_back({"invalid model without a reason", refusal(400, "", "Invalid model."),
                    Kind::NotFound, 1, true});
}

void addSignInRows(std::vector<FaultRow> &rows)
{
    const auto add = [&rows](const char *name, const QByteArray &answer) {
        rows.push_back({name, answer, Kind::Authentication, 2, true, AccountEffect::AuthProblem,
                        State::Unusable});
    };
    add("401", refusal(401, "", "Unauthorized"));
    add("bearer token",
        refusal(403, "", "The bearer token included in the request is invalid.",
                ofClass("AccessDeniedException")));
    add("invalid token", refusal(403, "", "Invalid token"));
    add("expired token", refusal(403, "", "x", ofClass("ExpiredTokenException")));
}

void addLimitRows(std::vector<FaultRow> &rows)
{
    const auto suspended = [&rows](const char *name, const QByteArray &answer) {
        rows.push_back(
            {name, answer, Kind::Permission, 1, true, AccountEffect::Suspended, State::Unusable});
    };
    suspended("TEMPORARILY_SUSPENDED", refusal(403, "TEMPORARILY_SUSPENDED", "x"));
    suspended("suspended without a reason",
              refusal(403, "", "Your User ID (d-1) temporarily is suspended."));
    suspended("423", refusal(423, "", "Locked"));
    suspended("AccountSuspendedException",
              refusal(403, "", "x", ofClass("AccountSuspendedException")));
    const auto exhausted = [&rows](const char *name, const QByteArray &answer) {
        rows.push_back({name, answer, Kind::QuotaExhausted, 1, true,
                        AccountEffect::MonthlyExhausted, State::Exhausted, false, true});
    };
    exhausted("402", refusal(402, "", "You have reached the limit."));
    exhausted("MONTHLY_REQUEST_COUNT, 402", refusal(402, "MONTHLY_REQUEST_COUNT", "x"));
    exhausted("MONTHLY_REQUEST_COUNT, 429", refusal(429, "MONTHLY_REQUEST_COUNT", "x"));
    exhausted("MONTHLY_REQUEST_COUNT, 400", refusal(400, "MONTHLY_REQUEST_COUNT", "x"));
    exhausted("OVERAGE_REQUEST_LIMIT_EXCEEDED",
              refusal(402, "OVERAGE_REQUEST_LIMIT_EXCEEDED", "x"));
    rows.push_back({"DAILY_REQUEST_COUNT", refusal(429, "DAILY_REQUEST_COUNT", "x"),
                    Kind::RateLimited, 1, true, AccountEffect::DailyExhausted, State::Exhausted,
                    false, true});
    const auto cooling = [&rows](const char *name, const QByteArray &answer) {
        rows.push_back({name, answer, Kind::RateLimited, 1, true, AccountEffect::CoolDown,
                        State::CoolingDown, false, true});
    };
    for (const char *reason : {"USER_REQUEST_RATE_EXCEEDED", "SERVICE_REQUEST_RATE_EXCEEDED",
                               "CREDIT_CONSUMPTION_RATE_EXCEEDED"})
        cooling(reason, refusal(429, reason, "Too many requests, please wait."));
    cooling("suspicious activity",
            refusal(429, "", "Due to suspicious activity, we are imposing temporary limits",
                    ofClass("ThrottlingException")));
    cooling("429 with a long Retry-After",
            refusal(429, "", "Too many requests", ",\"retryAfter\":\"3600\""));
}

void addBusyRows(std::vector<FaultRow> &rows)
{
    const auto capacity = [&rows](const char *name, const QByteArray &answer) {
        rows.push_back({name, answer, Kind::Overloaded, 3});
    };
    capacity("INSUFFICIENT_MODEL_CAPACITY", refusal(429, "INSUFFICIENT_MODEL_CAPACITY", "x"));
    capacity("MODEL_TEMPORARILY_UNAVAILABLE", refusal(500, "MODEL_TEMPORARILY_UNAVAILABLE", "x"));
    capacity("unexpectedly high load",
             refusal(500, "", "Encountered unexpectedly high load when processing the request"));
    const auto transient = [&rows](const char *name, Kind kind, const QByteArray &answer) {
        rows.push_back({name, answer, kind, 3, true});
    };
    transient("408", Kind::Timeout, refusal(408, "", "x"));
    transient("429 without a reason", Kind::Upstream, refusal(429, "", "x"));
    transient("500", Kind::Upstream, refusal(500, "", "x", ofClass("InternalServerException")));
    transient(
        "503, not JSON", Kind::Upstream,
        "\"httpError\":{\"status\":503,\"contentType\":\"text/html\",\"rawBody\":\"<p>x</p>\"}");
    transient("504", Kind::Timeout, refusal(504, "", "x"));
    rows.push_back({"404", refusal(404, "", "x"), Kind::Upstream});
}

/// The network, and what comes within a stream.
void addStreamRows(std::vector<FaultRow> &rows)
{
    const auto steps = [](const QByteArray &list) { return "\"steps\":[" + list + ']'; };
    rows.push_back({"connection cut", steps("{\"drop\":true}"), Kind::Upstream, 2});
    rows.push_back({"no answer in time", steps("{\"hang\":true}"), Kind::Timeout, 2});
    const auto exception = [](const QByteArray &type, const QByteArray &reason) {
        return "{\"exception\":{\"type\":\"" + type + "\",\"message\":\"x\",\"reason\":\"" + reason
            + "\"}}";
    };
    const QByteArray throttled = exception("ThrottlingException", "USER_REQUEST_RATE_EXCEEDED");
    rows.push_back({"exception frame before content", steps(throttled), Kind::RateLimited, 1, true,
                    AccountEffect::CoolDown, State::CoolingDown, false, true});
    rows.push_back({"exception frame behind content", steps("{\"text\":\"Half\"}," + throttled),
                    Kind::RateLimited, 1, false, AccountEffect::CoolDown, State::CoolingDown, false,
                    true});
    rows.push_back({"suspended within a stream",
                    steps(exception("AccessDeniedException", "TEMPORARILY_SUSPENDED")),
                    Kind::Permission, 1, true, AccountEffect::Suspended, State::Unusable});
    rows.push_back({"error frame before content",
                    steps("{\"error\":{\"code\":\"InternalFailure\",\"message\":\"x\"}}"),
                    Kind::Upstream, 3, true});
    rows.push_back({"damaged frame", steps("{\"badFrame\":\"garbage\"}"), Kind::Upstream, 3});
}

} // namespace

std::vector<FaultRow> faultRows()
{
    std::vector<FaultRow> rows;
    addContentRows(rows);
    addPermissionRows(rows);
    addSignInRows(rows);
    addLimitRows(rows);
    addBusyRows(rows);
    addStreamRows(rows);
    return rows;
}

} // namespace kirotray
