// SPDX-License-Identifier: MIT
#include "app/dialects/dialect.h"

#include "app/dialects/anthropicmessages.h"
#include "app/dialects/gemini.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openairesponses.h"

namespace kirotray {

ErrorReply Dialect::encodeErrorOf(const ChatError &error, const std::string &) const
{
    return encodeError(error);
}

const Dialect &dialect(DialectId id)
{
    switch (id) {
    case DialectId::AnthropicMessages:
        return anthropicMessages();
    case DialectId::OpenAiChat:
        return openAiChat();
    case DialectId::OpenAiResponses:
        return openAiResponses();
    case DialectId::Gemini:
        return gemini();
    }
    Q_UNREACHABLE();
}

} // namespace kirotray
