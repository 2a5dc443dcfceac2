// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/chat/chatrequest.h"
#include "app/kiro/requestbuilder.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// A call in an assistant turn.
struct TurnToolUse
{
    std::string_view id; ///< unique in the conversation
    std::string_view name; ///< the client's
    std::string_view inputJson; ///< a JSON object
};

/// The answer to a call of the turn before.
struct TurnToolResult
{
    std::string_view toolUseId;
    std::string_view text; ///< never blank
    bool isError = false;
};

/// A picture on its way; settleImages() fills what is sent.
struct TurnImage
{
    const ImagePart *part = nullptr;
    std::string_view format = {};
    std::string_view base64 = {};
    int loss = 0; ///< settleImages() only
};

/// A document on its way; settleDocuments() fills what is sent.
struct TurnDocument
{
    const DocumentPart *part = nullptr;
    std::string_view name = {};
    std::string_view format = {};
    std::string_view base64 = {};
};

/// One message as the upstream will see it. Views into the request or the conversation.
struct Turn
{
    Role role = Role::User;
    std::vector<std::string_view> texts; ///< none blank; sent joined by a blank line
    std::vector<TurnToolUse> uses; ///< assistant only
    std::vector<TurnToolResult> results; ///< user only; one for each use of the turn before
    std::vector<const ThinkingPart *> thinking; ///< assistant only; at most one, fit for replay
    std::vector<TurnImage> images = {}; ///< user only; those of tool results too
    std::vector<TurnDocument> documents = {}; ///< the same
    bool cachePoint = false; ///< everything up to here is to be cached (§1.8)
};

/// Turns that satisfy rules 1 to 7 of kiro-protocol §1.7: they alternate, the first and the last
/// are the user's, calls and results stand in pairs.
struct Conversation
{
    std::vector<Turn> turns;
    std::deque<std::string> owned; ///< texts that had to be made; a deque, so that views stay valid
};

/// True for a text of white space only, which the upstream takes for empty (rule 4).
bool isBlankText(std::string_view text);

/// Clean UTF-8 without U+0000 (rule 19): `text` itself or a repaired copy in `owned`.
std::string_view cleanText(std::string_view text, std::deque<std::string> &owned);

/// What becomes of past reasoning that the client sends back (§1.9).
enum class ThinkingReplay {
    Keep, ///< where it is whole
    DropForRetry, ///< the upstream refused it
    DropForModel, ///< the model takes none, or is asked to think by prompt tags
};

/// Repairs the client's messages. Pictures and documents are only gathered: see settleImages() and
/// settleDocuments(). `request` must outlive the result. Error::BadInput with the path `messages`
/// when no user turn is left. Pure.
Result<Conversation> repairConversation(const ChatRequest &request, ThinkingReplay replay,
                                        std::vector<NormaliserNote> &notes);

} // namespace kirotray
