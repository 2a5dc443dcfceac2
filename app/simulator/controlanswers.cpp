// SPDX-License-Identifier: MIT
#include "app/simulator/controlanswers.h"

#include "app/base/json.h"
#include "app/simulator/verdict.h"

namespace kirotray {

namespace {

constexpr auto DemoProfileArn = "arn:aws:codewhisperer:us-east-1:111122223333:profile/KIROTRAYDEMO";
constexpr qint64 MaxSearchQuery = 200; // characters, §6

double nextMonth(const QDateTime &now)
{
    const QDate first(now.date().year(), now.date().month(), 1);
    return static_cast<double>(
        QDateTime(first.addMonths(1), QTime(0, 0), Qt::UTC).toSecsSinceEpoch());
}

void writeUsageFigures(JsonWriter &writer, double used, double limit)
{
    writer.memberInteger("currentUsage", static_cast<qint64>(used));
    writer.key("currentUsageWithPrecision").number(used);
    writer.memberInteger("usageLimit", static_cast<qint64>(limit));
    writer.key("usageLimitWithPrecision").number(limit);
}

/// {"enum": […]}
void writeChoice(JsonWriter &writer, std::string_view name,
                 std::initializer_list<std::string_view> values)
{
    writer.key(name).beginObject().member("type", "string").key("enum").beginArray();
    for (const std::string_view value : values)
        writer.string(value);
    writer.endArray().endObject();
}

void beginProperties(JsonWriter &writer, std::string_view name)
{
    writer.key(name).beginObject().member("type", "object").key("properties").beginObject();
}

/// The form that the request validator holds requests to (§1.9).
void writeFieldsSchema(JsonWriter &writer, const ServiceModel &model)
{
    using Fields = ServiceModel::Fields;
    if (model.fields == Fields::None)
        return;
    beginProperties(writer, "additionalModelRequestFieldsSchema");
    if (model.fields == Fields::Gpt) {
        beginProperties(writer, "reasoning");
        writeChoice(writer, "effort", {"none", "low", "medium", "high", "xhigh", "max"});
        writer.endObject().endObject();
    } else {
        beginProperties(writer, "thinking");
        writeChoice(writer, "type", {"adaptive", "disabled"});
        writeChoice(writer, "display", {"summarized", "omitted"});
        writer.endObject().endObject();
        beginProperties(writer, "output_config");
        if (model.fields == Fields::ClaudeLargest)
            writeChoice(writer, "effort", {"low", "medium", "high", "xhigh", "max"});
        else
            writeChoice(writer, "effort", {"low", "medium", "high", "max"});
        writer.endObject().endObject();
        writer.key("max_tokens").beginObject().member("type", "integer");
        writer.memberInteger("minimum", 1024).memberInteger("maximum", model.maxOutputTokens);
        writer.endObject();
    }
    writer.endObject().endObject();
}

void writeModel(JsonWriter &writer, const ServiceModel &model)
{
    writer.beginObject();
    writer.member("modelId", model.id).member("modelName", model.name);
    writer.key("rateMultiplier").number(model.rate);
    writer.member("rateUnit", "Credit");
    writer.memberRaw("supportedInputTypes", model.images ? R"(["TEXT","IMAGE"])" : R"(["TEXT"])");
    writer.key("tokenLimits").beginObject();
    writer.memberInteger("maxInputTokens", model.maxInputTokens);
    writer.memberInteger("maxOutputTokens", model.maxOutputTokens);
    writer.endObject();
    if (std::string_view(model.id).starts_with("claude"))
        writer.memberRaw("promptCaching",
                         R"({"supportsPromptCaching":true,"maximumCacheCheckpointsPerRequest":4,)"
                         R"("minimumTokensPerCacheCheckpoint":1024})");
    writeFieldsSchema(writer, model);
    writer.member("status", "ACTIVE").endObject();
}

void writeProfile(JsonWriter &writer)
{
    writer.beginObject();
    writer.member("arn", DemoProfileArn).member("profileName", "KiroProfile-us-east-1");
    writer.member("status", "ACTIVE").member("profileType", "CODEWHISPERER");
    writer.endObject();
}

void beginRpcAnswer(JsonWriter &writer, const JsonValue &id)
{
    writer.beginObject().memberRaw("id", id.isMissing() ? "null" : id.raw());
    writer.member("jsonrpc", "2.0");
}

QByteArray rpcError(const JsonValue &id, int code, std::string_view message)
{
    std::string out;
    JsonWriter writer(out);
    beginRpcAnswer(writer, id);
    writer.key("error").beginObject().memberInteger("code", code).member("message", message);
    writer.endObject().endObject();
    return QByteArray::fromStdString(out);
}

QByteArray rpcResult(const JsonValue &id, std::string_view resultJson)
{
    std::string out;
    JsonWriter writer(out);
    beginRpcAnswer(writer, id);
    writer.memberRaw("result", resultJson).endObject();
    return QByteArray::fromStdString(out);
}

void writeSearchResult(JsonWriter &writer, std::string_view id, std::string_view title,
                       std::string_view snippet, const QDateTime &published)
{
    writer.beginObject().member("title", title);
    writer.member("url", "https://example.com/demo/" + std::string(id));
    writer.member("snippet", snippet).memberInteger("publishedDate", published.toMSecsSinceEpoch());
    writer.member("id", id).member("domain", "example.com");
    writer.memberInteger("maxVerbatimWordLimit", 30).memberBoolean("publicDomain", false);
    writer.endObject();
}

/// content[0].text of the answer: JSON within a string.
std::string searchResults(std::string_view query, const QDateTime &now)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().key("results").beginArray();
    writeSearchResult(writer, "r1", "About " + std::string(query),
                      "A made-up page of the demo account. No search was done.", now.addDays(-7));
    writeSearchResult(writer, "r2", std::string(query) + " - questions and answers",
                      "Another made-up page of the demo account.", now.addDays(-30));
    writer.endArray().memberInteger("totalResults", 2).member("query", query).memberNull("error");
    writer.endObject();
    return out;
}

QByteArray callWebSearch(const JsonValue &root, const QDateTime &now)
{
    const JsonValue params = root["params"];
    if (params["name"].string() != "web_search")
        return rpcError(root["id"], -32602, "Unknown tool");
    const std::string_view query = params["arguments"]["query"].string();
    if (isBlank(query) || characterCount(query) > MaxSearchQuery)
        return rpcError(root["id"], -32602, "query must have 1 to 200 characters");
    std::string result;
    JsonWriter writer(result);
    writer.beginObject().memberBoolean("isError", false).key("content").beginArray();
    writer.beginObject().member("type", "text").member("text", searchResults(query, now));
    writer.endObject().endArray().endObject();
    return rpcResult(root["id"], result);
}

} // namespace

QByteArray usageAnswer(double credits, const QDateTime &now)
{
    static constexpr double UsedAtStart = 212.5;
    static constexpr double Limit = 1000;
    std::string out;
    JsonWriter writer(out);
    writer.beginObject();
    writer.key("nextDateReset").number(nextMonth(now));
    writer.memberRaw("limits", "[]");
    writer.memberRaw("subscriptionInfo",
                     R"({"type":"Q_DEVELOPER_STANDALONE_PRO","subscriptionTitle":"KIRO PRO",)"
                     R"("upgradeCapability":"UPGRADE_CAPABLE","overageCapability":)"
                     R"("OVERAGE_CAPABLE","subscriptionManagementTarget":"MANAGE"})");
    writer.memberRaw("overageConfiguration", R"({"overageStatus":"DISABLED"})");
    writer.memberRaw("userInfo",
                     R"({"userId":"d-0000000000.00000000-0000-4000-8000-000000000000",)"
                     R"("email":"demo@example.com"})");
    writer.key("usageBreakdownList").beginArray().beginObject();
    writer.member("resourceType", "CREDIT").member("displayName", "Credit");
    writer.member("displayNamePlural", "Credits").member("unit", "INVOCATIONS");
    writer.member("currency", "USD");
    writeUsageFigures(writer, UsedAtStart + credits, Limit);
    writer.memberInteger("currentOverages", 0).memberInteger("overageCap", 10'000);
    writer.key("overageRate").number(0.04);
    writer.key("overageCharges").number(0);
    writer.key("nextDateReset").number(nextMonth(now));
    writer.memberNull("freeTrialInfo").memberRaw("bonuses", "[]");
    writer.endObject().endArray().endObject();
    return QByteArray::fromStdString(out);
}

QByteArray modelsAnswer(const std::vector<ServiceModel> &models)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().key("models").beginArray();
    for (const ServiceModel &model : models)
        writeModel(writer, model);
    writer.endArray();
    if (!models.empty()) {
        writer.key("defaultModel").beginObject();
        writer.member("modelId", models.front().id).member("modelName", models.front().name);
        writer.endObject();
    }
    writer.memberNull("nextToken").endObject();
    return QByteArray::fromStdString(out);
}

QByteArray profilesAnswer()
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().key("profiles").beginArray();
    writeProfile(writer);
    writer.endArray().memberNull("nextToken").endObject();
    return QByteArray::fromStdString(out);
}

QByteArray profileAnswer()
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().key("profile");
    writeProfile(writer);
    writer.endObject();
    return QByteArray::fromStdString(out);
}

QByteArray mcpAnswer(std::string_view body, const QDateTime &now)
{
    const Result<JsonDocument> document = JsonDocument::parse(std::string(body));
    if (!document)
        return rpcError({}, -32700, "Parse error");
    const JsonValue root = document.value().root();
    const std::string_view method = root["method"].string();
    if (method == "notifications/initialized")
        return {};
    if (method == "initialize") {
        return rpcResult(root["id"],
                         R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}},)"
                         R"("serverInfo":{"name":"simulator","version":"1.0"}})");
    }
    if (method == "tools/list") {
        return rpcResult(root["id"],
                         R"({"tools":[{"name":"web_search","description":"Search the web",)"
                         R"("inputSchema":{"type":"object","properties":{"query":)"
                         R"({"type":"string"}},"required":["query"]}}]})");
    }
    if (method == "tools/call")
        return callWebSearch(root, now);
    return rpcError(root["id"], -32601, "Method not found");
}

} // namespace kirotray
