// SPDX-License-Identifier: MIT
#include "app/kiro/tablereader.h"

#include "app/base/limits.h"
#include "app/kiro/identity.h"
#include "app/kiro/modelfields.h"

#include <QHostAddress>
#include <QUrl>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>

namespace kirotray::tablereader {

namespace {

QString textOf(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

/// A misspelt key would otherwise silently leave the built-in value in place.
void refuseUnknownKeys(JsonReader &reader, const JsonValue &object,
                       std::initializer_list<std::string_view> known)
{
    for (const JsonValue &member : object)
        if (std::find(known.begin(), known.end(), member.key()) == known.end())
            reader.fail(member, "unknown key");
}

bool isLoopback(const QString &host)
{
    return host == "localhost"_L1 || QHostAddress(host).isLoopback();
}

/// Tokens travel to these hosts: plain http is for this machine only.
const char *baseUrlProblem(const QString &text)
{
    if (text.endsWith(u'/'))
        return "must not end with '/'";
    QString example = text;
    const QUrl url(example.replace("{region}"_L1, "us-east-1"_L1), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty())
        return "expected a URL";
    if (url.hasQuery() || url.hasFragment() || !url.userInfo().isEmpty())
        return "must not carry a query, a fragment or a user";
    if (url.scheme() == "https"_L1)
        return nullptr;
    if (url.scheme() != "http"_L1)
        return "expected an http or https URL";
    return isLoopback(url.host()) ? nullptr : "must be https unless the host is this machine";
}

void readUrls(JsonReader &reader, const JsonValue &root, std::string_view key, QStringList &list)
{
    const JsonValue array = reader.optionalArray(root, key);
    if (array.isMissing())
        return;
    if (array.size() == 0)
        reader.fail(array, "must not be empty");
    QStringList urls;
    for (const JsonValue &entry : array) {
        if (!reader.expect(entry, JsonValue::Type::String))
            return;
        urls.append(textOf(entry.string()));
        if (const char *problem = baseUrlProblem(urls.last()))
            reader.fail(entry, problem);
    }
    list = urls;
}

/// Header values: a line break would split the header.
bool isPrintableAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void readHeaderText(JsonReader &reader, const JsonValue &root, std::string_view key, QString &field,
                    bool mayBeEmpty = false)
{
    const std::optional<std::string> text = reader.optionalString(root, key);
    if (!text)
        return;
    if (!isPrintableAscii(*text) || (text->empty() && !mayBeEmpty))
        reader.fail(root[key], "expected printable ASCII");
    field = textOf(*text);
}

void readProfileArn(JsonReader &reader, const JsonValue &root, std::string_view key, QString &field)
{
    readHeaderText(reader, root, key, field, true);
    if (!field.isEmpty() && !isProfileArn(field))
        reader.fail(root[key], "expected the ARN of a profile");
}

/// A positive whole number, or the fallback when absent.
qint64 positiveOr(JsonReader &reader, const JsonValue &row, std::string_view key, qint64 fallback)
{
    const qint64 value = reader.optionalInteger(row, key).value_or(fallback);
    if (value < 1)
        reader.fail(row[key], "must be positive");
    return value;
}

std::string nonEmptyText(JsonReader &reader, const JsonValue &row, std::string_view key)
{
    std::string text = reader.requiredString(row, key);
    if (text.empty())
        reader.fail(row[key], "must not be empty");
    return text;
}

/// Field sets by name: whole families of models take the same (kiro-protocol §1.9).
struct FieldSet
{
    KiroModelFields fields;
    std::optional<qint64> minTokens; ///< of max_tokens, up to what a model answers at most
};
using FieldSets = std::map<std::string, FieldSet, std::less<>>;

std::vector<std::string> nonEmptyTexts(JsonReader &reader, const JsonValue &row,
                                       std::string_view key)
{
    std::vector<std::string> texts;
    for (const JsonValue entry : reader.optionalArray(row, key)) {
        if (!reader.expect(entry, JsonValue::Type::String))
            return texts;
        if (entry.string().empty())
            reader.fail(entry, "must not be empty");
        texts.emplace_back(entry.string());
    }
    return texts;
}

FieldSet readFieldSet(JsonReader &reader, const JsonValue &row)
{
    FieldSet set;
    if (!reader.expect(row, JsonValue::Type::Object))
        return set;
    refuseUnknownKeys(
        reader, row,
        {"thinkingTypes", "thinkingDisplays", "efforts", "effortInReasoning", "minTokens"});
    set.fields.thinkingTypes = nonEmptyTexts(reader, row, "thinkingTypes");
    set.fields.thinkingDisplays = nonEmptyTexts(reader, row, "thinkingDisplays");
    set.fields.efforts = nonEmptyTexts(reader, row, "efforts");
    int rank = -1;
    for (const JsonValue effort : row["efforts"]) {
        if (effortRank(effort.string()) <= rank)
            reader.fail(effort, "expected none, minimal, low, medium, high, xhigh, max, rising");
        rank = effortRank(effort.string());
    }
    set.fields.effortInReasoning = reader.optionalBoolean(row, "effortInReasoning").value_or(false);
    set.minTokens = reader.optionalInteger(row, "minTokens");
    if (set.minTokens && *set.minTokens < 1)
        reader.fail(row["minTokens"], "must be positive");
    return set;
}

void readModelFields(JsonReader &reader, const JsonValue &row, const FieldSets &sets,
                     KiroModel &model)
{
    const std::optional<std::string> name = reader.optionalString(row, "fields");
    if (!name)
        return;
    const auto set = sets.find(*name);
    if (set == sets.end())
        return reader.fail(row["fields"], "no such set in fieldSets");
    model.fields = set->second.fields;
    if (!set->second.minTokens)
        return;
    model.fields.maxTokensMin = set->second.minTokens;
    model.fields.maxTokensMax = std::max(*set->second.minTokens, model.info.maxOutputTokens);
}

KiroModel readModel(JsonReader &reader, const JsonValue &row, const FieldSets &sets)
{
    KiroModel model;
    if (!reader.expect(row, JsonValue::Type::Object))
        return model;
    refuseUnknownKeys(reader, row,
                      {"id", "displayName", "maxInputTokens", "maxOutputTokens", "created",
                       "thirdParty", "takesImages", "maxCachePoints", "fields"});
    ModelInfo &info = model.info;
    info.id = nonEmptyText(reader, row, "id");
    info.displayName = reader.optionalString(row, "displayName").value_or(info.id);
    info.maxInputTokens = positiveOr(reader, row, "maxInputTokens", info.maxInputTokens);
    info.maxOutputTokens = positiveOr(reader, row, "maxOutputTokens", info.maxOutputTokens);
    info.created = reader.optionalInteger(row, "created").value_or(0);
    info.takesImages = reader.optionalBoolean(row, "takesImages").value_or(info.takesImages);
    model.thirdParty = reader.optionalBoolean(row, "thirdParty").value_or(false);
    const qint64 points =
        reader.optionalInteger(row, "maxCachePoints").value_or(model.maxCachePoints);
    if (points < 0 || points > limits::MaxCachePoints)
        reader.fail(row["maxCachePoints"], "expected 0 to 4");
    model.maxCachePoints = static_cast<int>(points);
    readModelFields(reader, row, sets, model);
    return model;
}

template <typename Value>
struct Named
{
    std::string_view name;
    Value value;
};

constexpr std::array<Named<KiroAction>, 11> Actions {{
    {"fail", KiroAction::Fail},
    {"refreshOnce", KiroAction::RefreshOnce},
    {"retryBackoff", KiroAction::RetryBackoff},
    {"retryNextHost", KiroAction::RetryNextHost},
    {"retryStrictSchema", KiroAction::RetryStrictSchema},
    {"retryWithoutThinking", KiroAction::RetryWithoutThinking},
    {"retryNewConversation", KiroAction::RetryNewConversation},
    {"retryWithoutModelFields", KiroAction::RetryWithoutModelFields},
    {"retryWithoutImages", KiroAction::RetryWithoutImages},
    {"retryWithProfile", KiroAction::RetryWithProfile},
    {"retryWithoutProfile", KiroAction::RetryWithoutProfile},
}};

constexpr std::array<Named<AccountEffect>, 6> Effects {{
    {"none", AccountEffect::None},
    {"authProblem", AccountEffect::AuthProblem},
    {"suspended", AccountEffect::Suspended},
    {"monthlyExhausted", AccountEffect::MonthlyExhausted},
    {"coolDown", AccountEffect::CoolDown},
    {"dailyExhausted", AccountEffect::DailyExhausted},
}};

using Kind = ChatError::Kind;
constexpr std::array<Named<Kind>, 15> ErrorKinds {{
    {"invalidRequest", Kind::InvalidRequest},
    {"contextLengthExceeded", Kind::ContextLengthExceeded},
    {"authentication", Kind::Authentication},
    {"permission", Kind::Permission},
    {"notFound", Kind::NotFound},
    {"methodNotAllowed", Kind::MethodNotAllowed},
    {"requestTooLarge", Kind::RequestTooLarge},
    {"unsupportedMedia", Kind::UnsupportedMedia},
    {"rateLimited", Kind::RateLimited},
    {"quotaExhausted", Kind::QuotaExhausted},
    {"upstream", Kind::Upstream},
    {"noAccount", Kind::NoAccount},
    {"timeout", Kind::Timeout},
    {"overloaded", Kind::Overloaded},
    {"internal", Kind::Internal},
}};

template <typename Value, std::size_t Size>
void readNamed(JsonReader &reader, const JsonValue &row, std::string_view key,
               const std::array<Named<Value>, Size> &names, Value &field)
{
    const std::optional<std::string> text = reader.optionalString(row, key);
    if (!text)
        return;
    for (const Named<Value> &entry : names) {
        if (entry.name == *text) {
            field = entry.value;
            return;
        }
    }
    reader.fail(row[key], "unknown value '" + *text + "'");
}

QString optionalText(JsonReader &reader, const JsonValue &row, std::string_view key)
{
    return textOf(reader.optionalString(row, key).value_or(std::string()));
}

KiroReaction readReaction(JsonReader &reader, const JsonValue &row)
{
    KiroReaction reaction;
    if (!reader.expect(row, JsonValue::Type::Object))
        return reaction;
    refuseUnknownKeys(reader, row,
                      {"reason", "errorClass", "status", "messageContains", "action", "effect",
                       "coolDownSeconds", "client", "clientMessage", "otherAccounts"});
    reaction.reason = optionalText(reader, row, "reason");
    reaction.errorClass = optionalText(reader, row, "errorClass");
    reaction.messageContains = optionalText(reader, row, "messageContains");
    reaction.clientMessage = optionalText(reader, row, "clientMessage");
    const qint64 status = reader.optionalInteger(row, "status").value_or(0);
    if (status != 0 && (status < 1 || status > 5) && (status < 100 || status > 599))
        reader.fail(row["status"], "expected 1 to 5 or 100 to 599");
    reaction.status = static_cast<int>(status);
    readNamed(reader, row, "action", Actions, reaction.action);
    readNamed(reader, row, "effect", Effects, reaction.effect);
    readNamed(reader, row, "client", ErrorKinds, reaction.client);
    const qint64 coolDown = reader.optionalInteger(row, "coolDownSeconds").value_or(0);
    if (coolDown < 0)
        reader.fail(row["coolDownSeconds"], "must not be negative");
    reaction.coolDown = std::chrono::seconds(coolDown);
    const std::optional<qint64> others = reader.optionalInteger(row, "otherAccounts");
    if (others && (*others < 0 || *others >= limits::MaxAccountsPerRequest))
        reader.fail(row["otherAccounts"],
                    "must not be negative or exceed the accounts of a request");
    else if (others)
        reaction.otherAccounts = static_cast<int>(*others);
    return reaction;
}

} // namespace

void readEndpoints(JsonReader &reader, const JsonValue &root, KiroTables &tables)
{
    refuseUnknownKeys(reader, root,
                      {"chat", "chatWithoutArn", "control", "mcp", "socialAuth", "oidc", "portal",
                       "ssoPortal", "identityProviders"});
    KiroEndpoints &endpoints = tables.endpoints;
    readUrls(reader, root, "chat", endpoints.chat);
    // Whoever points the chat somewhere else means all of it.
    if (!root["chat"].isAbsent())
        endpoints.chatWithoutArn = endpoints.chat;
    readUrls(reader, root, "chatWithoutArn", endpoints.chatWithoutArn);
    readUrls(reader, root, "control", endpoints.control);
    readUrls(reader, root, "mcp", endpoints.mcp);
    readUrls(reader, root, "socialAuth", endpoints.socialAuth);
    readUrls(reader, root, "oidc", endpoints.oidc);
    readUrls(reader, root, "portal", endpoints.portal);
    readUrls(reader, root, "ssoPortal", endpoints.ssoPortal);
    readUrls(reader, root, "identityProviders", endpoints.identityProviders);
}

void readClient(JsonReader &reader, const JsonValue &root, KiroTables &tables)
{
    refuseUnknownKeys(reader, root,
                      {"kiroVersion", "sdkChat", "sdkRuntime", "sdkOidc", "nodeVersion", "os",
                       "agentMode", "origin", "optOut", "sharedSocialArn", "sharedBuilderIdArn"});
    KiroClientIdentity &client = tables.client;
    readHeaderText(reader, root, "kiroVersion", client.kiroVersion);
    readHeaderText(reader, root, "sdkChat", client.sdkChat);
    readHeaderText(reader, root, "sdkRuntime", client.sdkRuntime);
    readHeaderText(reader, root, "sdkOidc", client.sdkOidc);
    readHeaderText(reader, root, "nodeVersion", client.nodeVersion);
    readHeaderText(reader, root, "os", client.os, true);
    readHeaderText(reader, root, "agentMode", client.agentMode);
    readHeaderText(reader, root, "origin", client.origin);
    readProfileArn(reader, root, "sharedSocialArn", client.sharedSocialArn);
    readProfileArn(reader, root, "sharedBuilderIdArn", client.sharedBuilderIdArn);
    client.optOut = reader.optionalBoolean(root, "optOut").value_or(client.optOut);
}

void readModels(JsonReader &reader, const JsonValue &root, KiroTables &tables)
{
    refuseUnknownKeys(reader, root, {"default", "fieldSets", "models", "aliases"});
    tables.models.clear();
    tables.aliases.clear();
    tables.defaultModel = optionalText(reader, root, "default");
    FieldSets sets;
    for (const JsonValue &set : reader.optionalObject(root, "fieldSets"))
        sets.insert_or_assign(std::string(set.key()), readFieldSet(reader, set));
    for (const JsonValue &row : reader.requiredArray(root, "models")) {
        KiroModel model = readModel(reader, row, sets);
        const bool isRepeated = findModel(tables, QString::fromStdString(model.info.id)) != nullptr;
        if (isRepeated)
            reader.fail(row, "the id is listed twice");
        tables.models.push_back(std::move(model));
    }
    for (const JsonValue &row : reader.optionalArray(root, "aliases")) {
        if (!reader.expect(row, JsonValue::Type::Object))
            return;
        refuseUnknownKeys(reader, row, {"pattern", "model"});
        tables.aliases.push_back({textOf(nonEmptyText(reader, row, "pattern")).toLower(),
                                  textOf(nonEmptyText(reader, row, "model"))});
    }
}

void readReactions(JsonReader &reader, const JsonValue &root, KiroTables &tables)
{
    refuseUnknownKeys(reader, root, {"reactions"});
    tables.reactions.clear();
    for (const JsonValue &row : reader.requiredArray(root, "reactions"))
        tables.reactions.push_back(readReaction(reader, row));
}

} // namespace kirotray::tablereader
