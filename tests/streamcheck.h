// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatanswer.h"

#include <QByteArray>

#include <optional>
#include <string>
#include <vector>

/// What the grammars of the four APIs' streams share; see streamgrammar.h.
namespace kirotray {

/// What is looked at by every check.
struct StreamCheck
{
    std::string stream;
    ChatAssembler whole; ///< the same answer without a stream
    std::string wholeJson; ///< the same in the API's JSON; empty: it failed
    bool isCallCut = false; ///< the stream may show the beginning of one that the whole leaves out
    bool isEventStream = true; ///< false: one JSON array
    std::vector<std::string> broken;

    bool must(bool isKept, std::string rule)
    {
        if (!isKept)
            broken.push_back(std::move(rule));
        return isKept;
    }
    /// The payload as JSON; broken when it is none.
    std::optional<JsonDocument> parsed(const QByteArray &payload)
    {
        Result<JsonDocument> document = JsonDocument::parse(payload.toStdString());
        if (!must(bool(document), "no JSON: " + payload.toStdString()))
            return std::nullopt;
        return std::move(document).value();
    }
};

// Of the whole answer; nothing when it failed.
std::string wholeText(const ChatAssembler &assembler);
std::vector<std::string> wholeInputs(const ChatAssembler &assembler);
/// Breaks a rule where the joined pieces of the calls are not the inputs of the whole answer.
void compareInputs(StreamCheck &check, const std::vector<std::string> &streamed);

void checkChatStream(StreamCheck &check);
void checkResponsesStream(StreamCheck &check);

} // namespace kirotray
