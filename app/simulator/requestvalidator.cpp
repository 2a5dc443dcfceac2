// SPDX-License-Identifier: MIT
#include "app/simulator/requestvalidator.h"

#include "app/simulator/verdict.h"

#include <QRegularExpression>

#include <array>

namespace kirotray {

namespace {

/// The value of four hex digits at `at`; negative when they are none.
int hexUnitAt(std::string_view text, std::size_t at)
{
    if (at + 4 > text.size())
        return -1;
    int value = 0;
    for (const char c : text.substr(at, 4)) {
        const int digit = c >= '0' && c <= '9' ? c - '0'
            : c >= 'a' && c <= 'f'             ? c - 'a' + 10
            : c >= 'A' && c <= 'F'             ? c - 'A' + 10
                                               : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/// Looks for \u0000 and surrogates without their other half in a JSON text (rule 19). The parser
/// replaces them, so this is done on the bytes.
bool hasBadUnicodeEscape(std::string_view json)
{
    bool highBefore = false; // the escape just before was a high surrogate
    std::size_t expectedLow = 0; // and this is where its low half has to be
    for (std::size_t at = json.find('\\'); at != std::string_view::npos;) {
        if (highBefore && at != expectedLow)
            return true;
        const bool isUnicode = at + 1 < json.size() && json[at + 1] == 'u';
        const int unit = isUnicode ? hexUnitAt(json, at + 2) : -1;
        const bool isLow = unit >= 0xDC00 && unit <= 0xDFFF;
        if (unit == 0 || isLow != highBefore)
            return true;
        highBefore = unit >= 0xD800 && unit <= 0xDBFF;
        const std::size_t next = at + (isUnicode ? 6 : 2);
        expectedLow = next;
        at = next < json.size() ? json.find('\\', next) : std::string_view::npos;
    }
    return highBefore;
}

bool hasClientVersion(const HttpHeaders &headers)
{
    static const QRegularExpression version(
        u"KiroIDE[- ]\\d+\\.\\d+\\.\\d+|appVersion-\\d+\\.\\d+|(AmazonQ-For|Kiro)-CLI"_s);
    return version.match(QString::fromLatin1(headers.value("User-Agent"))).hasMatch();
}

void checkModel(const JsonValue &state, const ServiceRules &rules, Verdict &verdict)
{
    const JsonValue model = state["currentMessage"]["userInputMessage"]["modelId"];
    if (findServiceModel(rules.models, model.string()) == nullptr)
        verdict.invalid("INVALID_MODEL_ID", model, "unknown model");
}

void checkProfileArn(const JsonValue &root, const ServiceRules &rules, Verdict &verdict)
{
    const JsonValue arn = root["profileArn"];
    if (!arn.isMissing() && !isServiceProfileArn(arn.string()))
        verdict.invalid("REQUEST_BODY_INVALID", arn, "malformed ARN");
    if (!arn.isMissing() || !rules.requireProfileArn)
        return;
    Refusal refusal = improper("profileArn: missing");
    refusal.message = "profileArn is required for this request.";
    verdict.refuse(refusal);
}

void checkClaudeFields(const JsonValue &fields, const ServiceModel &model, Verdict &verdict)
{
    static constexpr qint64 MinTokens = 1024;
    const JsonValue thinking = fields["thinking"];
    if (!thinking.isMissing() && verdict.object(thinking)) {
        verdict.oneOf(thinking, "type", {"adaptive", "disabled"}, true);
        verdict.oneOf(thinking, "display", {"summarized", "omitted"});
    }
    const JsonValue output = fields["output_config"];
    if (!output.isMissing() && verdict.object(output)) {
        if (model.fields == ServiceModel::Fields::ClaudeLargest)
            verdict.oneOf(output, "effort", {"low", "medium", "high", "xhigh", "max"});
        else
            verdict.oneOf(output, "effort", {"low", "medium", "high", "max"});
    }
    const JsonValue tokens = fields["max_tokens"];
    const std::optional<qint64> count = tokens.integer();
    if (!tokens.isMissing() && (!count || *count < MinTokens || *count > model.maxOutputTokens))
        verdict.improper(tokens, "out of range");
}

/// Rule 18 and §1.9: only what the model announces.
void checkAdditionalFields(const JsonValue &root, const ServiceRules &rules, Verdict &verdict)
{
    const JsonValue fields = root["additionalModelRequestFields"];
    if (fields.isMissing() || !verdict.object(fields))
        return;
    const JsonValue message = root["conversationState"]["currentMessage"]["userInputMessage"];
    const ServiceModel *model = findServiceModel(rules.models, message["modelId"].string());
    if (model == nullptr)
        return; // refused already
    if (model->fields == ServiceModel::Fields::None) {
        Refusal refusal = improper("additionalModelRequestFields: not announced");
        refusal.message = "additionalModelRequestFields is not supported for this model";
        return verdict.refuse(refusal);
    }
    const bool isGpt = model->fields == ServiceModel::Fields::Gpt;
    for (const JsonValue field : fields) {
        const std::string_view key = field.key();
        const bool isClaudeField =
            key == "thinking" || key == "output_config" || key == "max_tokens";
        if (isGpt ? key != "reasoning" : !isClaudeField)
            verdict.improper(field, "field of another family");
    }
    if (!isGpt)
        return checkClaudeFields(fields, *model, verdict);
    const JsonValue reasoning = fields["reasoning"];
    if (!reasoning.isMissing() && verdict.object(reasoning))
        verdict.oneOf(reasoning, "effort", {"none", "low", "medium", "high", "xhigh", "max"});
}

void checkBody(const HttpHeaders &headers, const JsonValue &root, const ServiceRules &rules,
               Verdict &verdict)
{
    if (!verdict.object(root))
        return;
    const JsonValue state = root["conversationState"];
    const int history = state["history"].size();
    if (history > rules.maxHistory
        || (history > rules.maxHistoryWithoutVersion && !hasClientVersion(headers)))
        verdict.improper(state["history"], "too many messages for this client version");
    checkProfileArn(root, rules, verdict);
    ConversationRules(rules.bounds, rules.schemas, verdict).check(state);
    if (verdict.refused())
        return;
    checkModel(state, rules, verdict);
    checkAdditionalFields(root, rules, verdict);
}

} // namespace

bool isServiceProfileArn(std::string_view arn)
{
    static const QRegularExpression form(QRegularExpression::anchoredPattern(
        u"arn:aws[a-z-]*:codewhisperer:[a-z0-9-]+:\\d{12}:profile/[A-Za-z0-9]+"_s));
    return form.match(QString::fromUtf8(arn.data(), static_cast<qsizetype>(arn.size()))).hasMatch();
}

bool isJsonContentType(const HttpHeaders &headers)
{
    QByteArray type = headers.value("Content-Type");
    if (const qsizetype end = type.indexOf(';'); end >= 0)
        type.truncate(end);
    type = type.trimmed().toLower();
    return type == "application/json" || type == "application/x-amz-json-1.0";
}

CheckedRequest checkChatRequest(const HttpHeaders &headers, std::string_view body,
                                const ServiceRules &rules)
{
    if (!isJsonContentType(headers)) {
        return {{},
                Refusal {415,
                         "UnsupportedMediaTypeException",
                         {},
                         "Unsupported media type.",
                         "Content-Type"}};
    }
    Result<JsonDocument> document = JsonDocument::parse(std::string(body));
    if (!document)
        return {{}, invalid("REQUEST_BODY_INVALID_JSON", document.error().what.toUtf8())};
    if (!rules.validate)
        return {std::move(document).value(), {}};
    Verdict verdict;
    if (hasBadUnicodeEscape(body))
        verdict.refuse(improper("unpaired surrogate or U+0000"));
    checkBody(headers, document.value().root(), rules, verdict);
    if (verdict.refused())
        return {{}, verdict.refusal()};
    return {std::move(document).value(), {}};
}

} // namespace kirotray
