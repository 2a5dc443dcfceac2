// SPDX-License-Identifier: MIT
#include "app/gateway/preparedcall.h"

#include "app/chat/tokenestimate.h"

#include <QUuid>

namespace kirotray {

namespace {

std::variant<ChatRequest, ChatError> decodeBody(std::string body, const Dialect &dialect,
                                                bool countOnly)
{
    Result<JsonDocument> document = JsonDocument::parse(std::move(body));
    if (!document)
        return toChatError(document.error());
    Result<ChatRequest> request = countOnly ? dialect.decodeTokenCount(document.value(), {})
                                            : dialect.decode(document.value(), {});
    if (!request)
        return toChatError(request.error());
    return std::move(request).value();
}

} // namespace

ChatError toChatError(const Error &error)
{
    return {
        ChatError::Kind::InvalidRequest, error.what.toStdString(), error.path.toStdString(), {}};
}

std::variant<PreparedCall, ChatError> prepareCall(std::string body, const Dialect &dialect,
                                                  const KiroTables &tables)
{
    auto decoded = decodeBody(std::move(body), dialect, false);
    if (auto *refusal = std::get_if<ChatError>(&decoded))
        return std::move(*refusal);
    PreparedCall call;
    call.request = std::move(std::get<ChatRequest>(decoded));
    call.modelId = resolveModel(tables, QString::fromStdString(call.request.model));
    if (call.modelId.isEmpty())
        return ChatError {ChatError::Kind::NotFound,
                          "model '" + call.request.model
                              + "' does not exist; GET /v1/models lists them",
                          "model",
                          {}};
    const KiroModel *model = findModel(tables, call.modelId);
    call.contextWindow = (model == nullptr ? ModelInfo {} : model->info).maxInputTokens;
    call.promptTokens = estimatePromptTokens(call.request);
    call.options.modelId = call.modelId;
    call.options.conversationId = conversationIdFor(call.request);
    call.options.continuationId = QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
    if (auto refusal = rebuild(call, tables))
        return std::move(*refusal);
    return call;
}

std::optional<ChatError> rebuild(PreparedCall &call, const KiroTables &tables)
{
    Result<BuiltRequest> built = buildRequest(call.request, call.options, tables);
    if (!built)
        return toChatError(built.error());
    call.built = std::make_shared<const BuiltRequest>(std::move(built).value());
    return std::nullopt;
}

std::variant<qint64, ChatError> countTokens(std::string body, const Dialect &dialect)
{
    auto decoded = decodeBody(std::move(body), dialect, true);
    if (auto *refusal = std::get_if<ChatError>(&decoded))
        return std::move(*refusal);
    return estimatePromptTokens(std::get<ChatRequest>(decoded));
}

} // namespace kirotray
