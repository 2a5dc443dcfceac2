// SPDX-License-Identifier: MIT
#include "app/gateway/requestcompletion.h"

#include "app/gateway/answerstore.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace kirotray {

std::string sessionIn(const HttpHeaders &headers)
{
    static constexpr std::array Names {"x-claude-code-session-id", "session-id", "session_id",
                                       "x-session-id", "x-session-affinity"};
    for (const char *name : Names)
        if (const QByteArray value = headers.value(name); !value.isEmpty())
            return value.toStdString();
    return {};
}

std::optional<ChatError> inheritConversation(AnswerStore &answers, ChatRequest &request,
                                             std::string &conversationId)
{
    const std::string &previousId = request.state.previousId;
    if (previousId.empty())
        return std::nullopt;
    if (request.state.hasAnswers) {
        request.notes.push_back("previous_response_id: not needed, the input holds the whole "
                                "conversation");
        return std::nullopt;
    }
    std::optional<AnswerStore::Conversation> before = answers.conversation(previousId);
    if (!before)
        return ChatError {ChatError::Kind::NotFound,
                          "Previous response with id '" + previousId + "' not found.",
                          "previous_response_id",
                          {}};
    if (!before->systemText.empty())
        request.system = request.system.empty() ? before->systemText
                                                : before->systemText + "\n\n" + request.system;
    conversationId = before->conversationId;
    before->messages.insert(before->messages.end(),
                            std::make_move_iterator(request.messages.begin()),
                            std::make_move_iterator(request.messages.end()));
    request.messages = std::move(before->messages);
    return std::nullopt;
}

void markForCaching(ChatRequest &request)
{
    const bool isMarked = request.systemCachePoint
        || std::any_of(request.messages.begin(), request.messages.end(),
                       [](const Message &message) { return message.cachePoint; });
    const auto last =
        std::find_if(request.messages.rbegin(), request.messages.rend(),
                     [](const Message &message) { return message.role == Role::Assistant; });
    if (isMarked || last == request.messages.rend())
        return;
    request.systemCachePoint = true;
    last->cachePoint = true;
}

} // namespace kirotray
