// SPDX-License-Identifier: MIT
#include "app/gateway/preparedcall.h"

#include "app/chat/tokenestimate.h"

namespace kirotray {

namespace {

struct TranslatedBytes
{
    std::size_t operator()(const TextPart &part) const { return part.text.size(); }
    std::size_t operator()(const ThinkingPart &part) const
    {
        return part.text.size() + part.redactedData.size();
    }
    std::size_t operator()(const ToolUsePart &part) const { return part.inputJson.size(); }
    std::size_t operator()(const ToolResultPart &part) const
    {
        std::size_t sum = part.text.size();
        for (const ImagePart &image : part.images)
            sum += image.data.size();
        for (const DocumentPart &document : part.documents)
            sum += document.data.size();
        return sum;
    }
    std::size_t operator()(const ImagePart &part) const { return part.data.size(); }
    std::size_t operator()(const DocumentPart &part) const { return part.data.size(); }
};

} // namespace

ChatError toChatError(const Error &error)
{
    return {
        ChatError::Kind::InvalidRequest, error.what.toStdString(), error.path.toStdString(), {}};
}

std::variant<ChatRequest, ChatError> decodeCall(std::string body, const Dialect &dialect,
                                                const CallTarget &target)
{
    const Result<JsonDocument> document = JsonDocument::parse(std::move(body));
    if (!document)
        return toChatError(document.error());
    Result<ChatRequest> request = dialect.decode(document.value(), target);
    if (!request)
        return toChatError(request.error());
    return std::move(request).value();
}

std::optional<ChatError> buildCall(PreparedCall &call, const KiroTables &tables)
{
    if (call.promptTokens == 0)
        call.promptTokens = estimatePromptTokens(call.request);
    Result<BuiltRequest> built = buildRequest(call.request, call.options, tables);
    if (!built)
        return toChatError(built.error());
    call.built = std::make_shared<const BuiltRequest>(std::move(built).value());
    return std::nullopt;
}

std::variant<qint64, ChatError> countTokens(std::string body, const Dialect &dialect,
                                            const CallTarget &target)
{
    const Result<JsonDocument> document = JsonDocument::parse(std::move(body));
    if (!document)
        return toChatError(document.error());
    const Result<ChatRequest> request = dialect.decodeTokenCount(document.value(), target);
    if (!request)
        return toChatError(request.error());
    return estimatePromptTokens(request.value());
}

qsizetype translationBytes(std::span<const Message> messages)
{
    std::size_t sum = messages.size_bytes();
    for (const Message &message : messages)
        for (const Part &part : message.parts)
            sum += sizeof(Part) + std::visit(TranslatedBytes {}, part);
    return static_cast<qsizetype>(sum);
}

qsizetype translationBytes(const ChatRequest &request)
{
    std::size_t sum = request.system.size();
    for (const Tool &tool : request.tools)
        sum += tool.description.size() + tool.inputSchemaJson.size();
    return static_cast<qsizetype>(sum) + translationBytes(request.messages);
}

} // namespace kirotray
