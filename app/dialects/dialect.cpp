// SPDX-License-Identifier: MIT
#include "app/dialects/dialect.h"

#include "app/dialects/anthropicmessages.h"
#include "app/dialects/openaichat.h"

namespace kirotray {

const Dialect &dialect(DialectId id)
{
    switch (id) {
    case DialectId::AnthropicMessages:
        return anthropicMessages();
    case DialectId::OpenAiChat:
        return openAiChat();
    case DialectId::OpenAiResponses:
    case DialectId::Gemini:
        break;
    }
    Q_UNREACHABLE();
}

} // namespace kirotray
