// SPDX-License-Identifier: MIT
#include "app/simulator/scenario.h"

#include "app/simulator/identityservice.h"
#include "app/simulator/oidcidentity.h"
#include "app/simulator/scenarioreader.h"

#include <algorithm>
#include <array>

namespace kirotray {

bool ScenarioReader::objectWith(const JsonValue &value,
                                std::initializer_list<std::string_view> keys)
{
    if (!expect(value, JsonValue::Type::Object))
        return false;
    for (const JsonValue member : value) {
        if (std::find(keys.begin(), keys.end(), member.key()) == keys.end())
            fail(member, "unknown member");
    }
    return !failed();
}

int ScenarioReader::integer(const JsonValue &object, std::string_view key, int fallback, int least,
                            int most)
{
    const std::optional<qint64> value = optionalInteger(object, key);
    if (!value)
        return fallback;
    if (*value < least || *value > most) {
        fail(object[key], "out of range");
        return fallback;
    }
    return static_cast<int>(*value);
}

std::chrono::milliseconds ScenarioReader::milliseconds(const JsonValue &object,
                                                       std::string_view key)
{
    return std::chrono::milliseconds(integer(object, key, 0, 0));
}

std::string ScenarioReader::text(const JsonValue &object, std::string_view key)
{
    return optionalString(object, key).value_or(std::string());
}

bool ScenarioReader::flag(const JsonValue &object, std::string_view key, bool fallback)
{
    return optionalBoolean(object, key).value_or(fallback);
}

HttpFailure readHttpFailure(const JsonValue &value, ScenarioReader &reader,
                            std::initializer_list<std::string_view> extraKeys)
{
    static constexpr std::array<std::string_view, 7> OwnKeys {
        "status", "class", "reason", "message", "retryAfter", "contentType", "rawBody"};
    for (const JsonValue member : value) {
        const bool known = std::find(OwnKeys.begin(), OwnKeys.end(), member.key()) != OwnKeys.end()
            || std::find(extraKeys.begin(), extraKeys.end(), member.key()) != extraKeys.end();
        if (!known)
            reader.fail(member, "unknown member");
    }
    HttpFailure failure;
    if (value["status"].isMissing())
        reader.fail(value["status"], "expected a status");
    failure.refusal.status = reader.integer(value, "status", 400, 300, 599);
    failure.refusal.errorClass = reader.bytes(value, "class");
    failure.refusal.reason = reader.bytes(value, "reason");
    failure.refusal.message = reader.bytes(value, "message");
    failure.refusal.cause = "script";
    failure.retryAfter = reader.bytes(value, "retryAfter");
    failure.contentType = reader.bytes(value, "contentType");
    if (failure.contentType.isEmpty())
        failure.contentType = "text/plain";
    if (const auto raw = reader.optionalString(value, "rawBody"))
        failure.rawBody = ScenarioReader::toBytes(*raw);
    return failure;
}

namespace {

ScenarioMatch readMatch(const JsonValue &value, ScenarioReader &reader)
{
    ScenarioMatch match;
    if (value.isAbsent()
        || !reader.objectWith(value,
                              {"text", "model", "nth", "toolResults", "toolResultText", "resultOf",
                               "tool", "notTool", "tools", "system", "anyText", "notText",
                               "token"}))
        return match;
    match.text = reader.text(value, "text");
    match.model = reader.text(value, "model");
    match.tool = reader.text(value, "tool");
    match.token = reader.bytes(value, "token");
    match.nth = reader.integer(value, "nth", 0, 1);
    match.toolResults = reader.optionalBoolean(value, "toolResults");
    match.toolResultText = reader.text(value, "toolResultText");
    match.resultOf = reader.text(value, "resultOf");
    match.notTool = reader.text(value, "notTool");
    match.tools = reader.optionalBoolean(value, "tools");
    match.system = reader.text(value, "system");
    match.anyText = reader.text(value, "anyText");
    match.notText = reader.text(value, "notText");
    return match;
}

ScenarioRule readRule(const JsonValue &value, ScenarioReader &reader)
{
    ScenarioRule rule;
    if (!reader.objectWith(value,
                           {"name", "match", "times", "firstByteDelayMs", "httpError", "steps",
                            "repeat", "cut", "cutIntervalMs"}))
        return rule;
    rule.name = reader.text(value, "name");
    rule.match = readMatch(reader.optionalObject(value, "match"), reader);
    rule.times = reader.integer(value, "times", -1, 1);
    rule.firstByteDelay = reader.milliseconds(value, "firstByteDelayMs");
    rule.repeat = reader.integer(value, "repeat", 1, 1, 1'000'000);
    rule.cutInterval = reader.milliseconds(value, "cutIntervalMs");
    if (const JsonValue error = reader.optionalObject(value, "httpError"); !error.isAbsent())
        rule.httpError = readHttpFailure(error, reader);
    if (const JsonValue steps = reader.optionalArray(value, "steps"); !steps.isAbsent()) {
        if (rule.httpError)
            reader.fail(steps, "excludes httpError");
        rule.steps.emplace();
        for (const JsonValue element : steps)
            rule.steps->push_back(readStep(element, reader));
    }
    for (const JsonValue size : reader.optionalArray(value, "cut")) {
        const std::optional<qint64> bytes = size.integer();
        if (!bytes || *bytes < 1 || *bytes > 1'000'000'000)
            reader.fail(size, "expected a number of bytes");
        rule.cut.push_back(static_cast<int>(bytes.value_or(1)));
    }
    return rule;
}

/// A signature, or the pair of one and its text.
GivenThinking readGivenThinking(const JsonValue &value, ScenarioReader &reader)
{
    GivenThinking given;
    if (!value.isObject()) {
        given.signature = value.string();
    } else if (reader.objectWith(value, {"signature", "text"})) {
        given.signature = reader.text(value, "signature");
        given.text = reader.text(value, "text");
    }
    if (given.signature.empty())
        reader.fail(value, "expected a signature");
    return given;
}

ServiceRules readService(const JsonValue &value, ScenarioReader &reader)
{
    ServiceRules rules;
    if (value.isAbsent()
        || !reader.objectWith(value,
                              {"validate", "requireProfileArn", "strictSchemas", "maxHistory",
                               "maxMessageCharacters", "maxToolResultCharacters",
                               "maxInputCharacters", "models", "signatures"}))
        return rules;
    rules.validate = reader.flag(value, "validate", rules.validate);
    rules.requireProfileArn = reader.flag(value, "requireProfileArn", rules.requireProfileArn);
    if (reader.flag(value, "strictSchemas", false))
        rules.schemas = SchemaRule::Strict;
    rules.maxHistory = reader.integer(value, "maxHistory", rules.maxHistory, 0);
    ConversationBounds &bounds = rules.bounds;
    const auto readBound = [&](std::string_view key, qint64 &bound) {
        bound = reader.integer(value, key, static_cast<int>(bound), 1);
    };
    readBound("maxMessageCharacters", bounds.messageCharacters);
    readBound("maxToolResultCharacters", bounds.toolResultCharacters);
    readBound("maxInputCharacters", bounds.inputCharacters);
    for (const JsonValue each : reader.optionalArray(value, "signatures"))
        bounds.signatures.push_back(readGivenThinking(each, reader));
    const JsonValue models = reader.optionalArray(value, "models");
    if (!models.isAbsent())
        rules.models.clear();
    for (const JsonValue id : models) {
        if (!reader.expect(id, JsonValue::Type::String))
            break;
        const ServiceModel *known = findServiceModel(builtInServiceModels(), id.string());
        ServiceModel model = known != nullptr ? *known : ServiceModel();
        model.id = id.string();
        if (model.name.empty())
            model.name = model.id;
        rules.models.push_back(model);
    }
    return rules;
}

QSet<QByteArray> readTokenSet(const JsonValue &object, std::string_view key, ScenarioReader &reader)
{
    QSet<QByteArray> tokens;
    for (const JsonValue token : reader.optionalArray(object, key)) {
        reader.expect(token, JsonValue::Type::String);
        tokens.insert(ScenarioReader::toBytes(std::string(token.string())));
    }
    return tokens;
}

TokenRules::Failure readTokenFailure(const JsonValue &value, ScenarioReader &reader)
{
    TokenRules::Failure failure;
    if (!reader.expect(value, JsonValue::Type::Object))
        return failure;
    failure.answer = readHttpFailure(value, reader, {"on", "times"});
    failure.times = reader.integer(value, "times", -1, 1);
    const std::string endpoint = reader.text(value, "on");
    if (endpoint == "social")
        failure.endpoint = TokenRules::Endpoint::Social;
    else if (endpoint == "oidc")
        failure.endpoint = TokenRules::Endpoint::Oidc;
    else if (!endpoint.empty() && endpoint != "any")
        reader.fail(value["on"], "expected social, oidc or any");
    return failure;
}

TokenRules readTokens(const JsonValue &value, ScenarioReader &reader)
{
    TokenRules rules;
    if (value.isAbsent()
        || !reader.objectWith(value,
                              {"expiresIn", "delayMs", "rotate", "grace", "anyAccess", "access",
                               "refresh", "expired", "apiKeys", "externalIdp", "failures"}))
        return rules;
    rules.expiresIn = std::chrono::seconds(
        reader.integer(value, "expiresIn", static_cast<int>(rules.expiresIn.count()), 0));
    rules.delay = reader.milliseconds(value, "delayMs");
    rules.rotate = reader.flag(value, "rotate", rules.rotate);
    rules.grace = reader.flag(value, "grace", rules.grace);
    rules.anyAccess = reader.flag(value, "anyAccess", rules.anyAccess);
    rules.access = readTokenSet(value, "access", reader);
    rules.refresh = readTokenSet(value, "refresh", reader);
    rules.expired = readTokenSet(value, "expired", reader);
    rules.apiKeys = readTokenSet(value, "apiKeys", reader);
    rules.externalIdp = readTokenSet(value, "externalIdp", reader);
    for (const JsonValue failure : reader.optionalArray(value, "failures"))
        rules.failures.push_back(readTokenFailure(failure, reader));
    return rules;
}

ControlOverride readControlOverride(const JsonValue &value, ScenarioReader &reader)
{
    ControlOverride instead;
    if (!reader.objectWith(value, {"json", "httpError", "times", "delayMs"}))
        return instead;
    const JsonValue json = value["json"];
    if (!json.isMissing())
        instead.json = ScenarioReader::toBytes(std::string(json.raw()));
    if (const JsonValue error = reader.optionalObject(value, "httpError"); !error.isAbsent()) {
        instead.httpError = readHttpFailure(error, reader);
        if (instead.json)
            reader.fail(error, "excludes json");
    }
    instead.times = reader.integer(value, "times", -1, 1);
    instead.delay = reader.milliseconds(value, "delayMs");
    return instead;
}

std::vector<std::pair<ControlCall, ControlOverride>> readControl(const JsonValue &value,
                                                                 ScenarioReader &reader)
{
    static constexpr std::array<std::pair<std::string_view, ControlCall>, 5> Calls {
        {{"usage", ControlCall::Usage},
         {"models", ControlCall::Models},
         {"profiles", ControlCall::Profiles},
         {"profile", ControlCall::Profile},
         {"mcp", ControlCall::Mcp}}};
    std::vector<std::pair<ControlCall, ControlOverride>> result;
    if (value.isAbsent()
        || !reader.objectWith(value, {"usage", "models", "profiles", "profile", "mcp"}))
        return result;
    for (const auto &[key, call] : Calls) {
        if (!value[key].isMissing())
            result.emplace_back(call, readControlOverride(value[key], reader));
    }
    return result;
}

} // namespace

Result<Scenario> parseScenario(const QByteArray &json)
{
    Scenario scenario;
    if (json.trimmed().isEmpty())
        return scenario;
    const Result<JsonDocument> document = JsonDocument::parse(json.toStdString());
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    ScenarioReader reader;
    reader.objectWith(root, {"rules", "service", "tokens", "control", "logins", "record"});
    scenario.record = reader.integer(root, "record", 0, 0, 1'000);
    for (const JsonValue rule : reader.optionalArray(root, "rules"))
        scenario.rules.push_back(readRule(rule, reader));
    scenario.service = readService(reader.optionalObject(root, "service"), reader);
    scenario.tokens = readTokens(reader.optionalObject(root, "tokens"), reader);
    scenario.control = readControl(reader.optionalObject(root, "control"), reader);
    const JsonValue logins = reader.optionalObject(root, "logins");
    if (!logins.isAbsent() && reader.objectWith(logins, {"social", "portal", "idp", "oidc"})) {
        readLoginRules(logins, reader, scenario.logins);
        scenario.oidc = readOidcRules(reader.optionalObject(logins, "oidc"), reader);
    }
    if (reader.failed())
        return reader.error();
    return scenario;
}

} // namespace kirotray
