// SPDX-License-Identifier: MIT
#include "app/dialects/gemini.h"

#include "app/dialects/dialectparts.h"
#include "app/dialects/geminifields.h"

namespace kirotray {

namespace {

struct GeminiFailure
{
    int code;
    std::string_view status; ///< of google.rpc.Code
};

GeminiFailure geminiFailure(ChatError::Kind kind)
{
    switch (kind) {
    case ChatError::Kind::InvalidRequest:
    case ChatError::Kind::ContextLengthExceeded:
        return {400, "INVALID_ARGUMENT"};
    case ChatError::Kind::Authentication:
        return {401, "UNAUTHENTICATED"};
    case ChatError::Kind::Permission:
        return {403, "PERMISSION_DENIED"};
    case ChatError::Kind::NotFound:
        return {404, "NOT_FOUND"};
    case ChatError::Kind::MethodNotAllowed:
        return {405, "INVALID_ARGUMENT"};
    case ChatError::Kind::RequestTooLarge:
        return {413, "INVALID_ARGUMENT"};
    case ChatError::Kind::UnsupportedMedia:
        return {415, "INVALID_ARGUMENT"};
    case ChatError::Kind::RateLimited:
    case ChatError::Kind::QuotaExhausted:
        return {429, "RESOURCE_EXHAUSTED"};
    case ChatError::Kind::Upstream:
        return {502, "UNAVAILABLE"};
    case ChatError::Kind::NoAccount:
    case ChatError::Kind::Overloaded:
        return {503, "UNAVAILABLE"};
    case ChatError::Kind::Timeout:
        return {504, "DEADLINE_EXCEEDED"};
    case ChatError::Kind::Internal:
        break;
    }
    return {500, "INTERNAL"};
}

/// Google's words for a full context, which clients look for.
constexpr std::string_view FullInputWords = "exceeds the maximum number of tokens allowed";

constexpr std::string_view FullInputSentence =
    "The input token count exceeds the maximum number of tokens allowed";

void writeDetails(JsonWriter &writer, const ChatError &error)
{
    const bool hasField = error.kind == ChatError::Kind::InvalidRequest && !error.param.empty();
    if (!hasField && !error.retryAfter)
        return;
    writer.key("details").beginArray();
    if (hasField) {
        writer.beginObject().member("@type", "type.googleapis.com/google.rpc.BadRequest");
        writer.key("fieldViolations").beginArray().beginObject();
        writer.member("field", error.param).member("description", error.message);
        writer.endObject().endArray().endObject();
    }
    if (error.retryAfter)
        writer.beginObject()
            .member("@type", "type.googleapis.com/google.rpc.RetryInfo")
            .member("retryDelay", std::to_string(error.retryAfter->count()) + 's')
            .endObject();
    writer.endArray();
}

void writeGeminiModel(JsonWriter &writer, const ModelInfo &model)
{
    writer.beginObject()
        .member("name", "models/" + model.id)
        .member("baseModelId", model.id)
        .member("version", "001") // the API requires one; the upstream has none
        .member("displayName", model.displayName)
        .member("description", model.displayName + " through KiroTray")
        .memberInteger("inputTokenLimit", model.maxInputTokens)
        .memberInteger("outputTokenLimit", model.maxOutputTokens);
    writer.key("supportedGenerationMethods").beginArray();
    for (const std::string_view method :
         {"generateContent", "streamGenerateContent", "countTokens"})
        writer.string(method);
    writer.endArray().endObject();
}

class Gemini final : public Dialect
{
public:
    const char *name() const override { return "gemini"; }

    Result<ChatRequest> decode(const JsonDocument &body, const CallTarget &target) const override
    {
        return decodeGemini(body.root(), target);
    }
    /// `contents` alone, or a whole request within `generateContentRequest`.
    Result<ChatRequest> decodeTokenCount(const JsonDocument &body,
                                         const CallTarget &target) const override
    {
        const JsonValue whole = geminiMember(body.root(), "generateContentRequest");
        return decodeGemini(whole.isAbsent() ? body.root() : whole, target);
    }
    const char *messagesMember() const override { return "contents"; }
    const char *streamContentType(const ChatRequest &request) const override
    {
        return isGeminiArrayStream(request) ? "application/json; charset=UTF-8"
                                            : "text/event-stream";
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const ChatRequest &request,
                                                 const AnswerContext &context) const override
    {
        return geminiStreamEncoder(request, context);
    }
    std::string encodeAnswer(const ChatRequest &request, const ChatAnswer &answer,
                             const AnswerContext &context) const override
    {
        return encodeGeminiAnswer(request, answer, context);
    }
    ErrorReply encodeError(const ChatError &error) const override
    {
        return geminiErrorReply(error);
    }
    std::string encodeModels(std::span<const ModelInfo> models) const override
    {
        std::string out;
        JsonWriter writer(out);
        writer.beginObject().key("models").beginArray();
        for (const ModelInfo &model : models)
            writeGeminiModel(writer, model);
        writer.endArray().endObject();
        return out;
    }
    std::string encodeModel(const ModelInfo &model) const override
    {
        std::string out;
        JsonWriter writer(out);
        writeGeminiModel(writer, model);
        return out;
    }
    std::string encodeTokenCount(qint64 tokens) const override
    {
        return "{\"totalTokens\":" + std::to_string(tokens) + '}';
    }
};

} // namespace

ErrorReply geminiErrorReply(const ChatError &error)
{
    const GeminiFailure failure = geminiFailure(error.kind);
    ErrorReply reply {failure.code, {}};
    JsonWriter writer(reply.body);
    writer.beginObject().key("error").beginObject();
    writer.memberInteger("code", failure.code)
        .member("message", fullContextMessage(error, FullInputWords, FullInputSentence))
        .member("status", failure.status);
    writeDetails(writer, error);
    writer.endObject().endObject();
    return reply;
}

bool isGeminiArrayStream(const ChatRequest &request)
{
    return !memoryOf<GeminiMemory>(request)->serverSentEvents;
}

const Dialect &gemini()
{
    static const Gemini instance;
    return instance;
}

} // namespace kirotray
