// SPDX-License-Identifier: MIT
#include "app/dialects/openaichat.h"

#include "app/dialects/openaienvelope.h"

namespace kirotray {

namespace {

class OpenAiChat final : public Dialect
{
public:
    const char *name() const override { return "openai-chat"; }

    Result<ChatRequest> decode(const JsonDocument &body, const CallTarget &) const override
    {
        return decodeOpenAiChat(body);
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const ChatRequest &request,
                                                 const AnswerContext &context) const override
    {
        return openAiChatStreamEncoder(request, context);
    }
    std::string encodeAnswer(const ChatRequest &request, const ChatAnswer &answer,
                             const AnswerContext &context) const override
    {
        return encodeOpenAiChatAnswer(request, answer, context);
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
    std::string encodeTokenCount(qint64) const override { return {}; }
};

} // namespace

const Dialect &openAiChat()
{
    static const OpenAiChat instance;
    return instance;
}

} // namespace kirotray
