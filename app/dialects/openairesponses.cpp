// SPDX-License-Identifier: MIT
#include "app/dialects/openairesponses.h"

#include "app/dialects/openaienvelope.h"

namespace kirotray {

namespace {

class OpenAiResponses final : public Dialect
{
public:
    const char *name() const override { return "openai-responses"; }
    const char *messagesMember() const override { return "input"; }

    Result<ChatRequest> decode(const JsonDocument &body, const CallTarget &) const override
    {
        return decodeOpenAiResponses(body);
    }
    Result<ChatRequest> decodeTokenCount(const JsonDocument &body,
                                         const CallTarget &) const override
    {
        return decodeOpenAiResponsesCount(body);
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const ChatRequest &request,
                                                 const AnswerContext &context) const override
    {
        return openAiResponsesStreamEncoder(request, context);
    }
    std::string encodeAnswer(const ChatRequest &request, const ChatAnswer &answer,
                             const AnswerContext &context) const override
    {
        return encodeOpenAiResponsesAnswer(request, answer, context);
    }
    ErrorReply encodeError(const ChatError &error) const override
    {
        return openAiErrorReply(error);
    }
    std::string encodeModels(std::span<const ModelInfo> models) const override
    {
        return openAiModels(models);
    }
    std::string encodeModel(const ModelInfo &model) const override { return openAiModel(model); }
    std::string encodeTokenCount(qint64 tokens) const override
    {
        std::string out;
        JsonWriter(out)
            .beginObject()
            .member("object", "response.input_tokens")
            .memberInteger("input_tokens", tokens)
            .endObject();
        return out;
    }
};

} // namespace

const Dialect &openAiResponses()
{
    static const OpenAiResponses instance;
    return instance;
}

} // namespace kirotray
