// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatevent.h"
#include "app/dialects/dialect.h"
#include "app/dialects/responsesmemory.h"

#include <string>
#include <string_view>
#include <vector>

/// The objects of the Responses API. Pure; any thread.
namespace kirotray {

/// Where a response or an item stands; also the `status` in words.
enum class ResponsesStatus { InProgress, Completed, Incomplete, Failed };
std::string_view responsesStatusName(ResponsesStatus status);

/// The object of one response, and the same at its beginning and its end.
struct ResponsesObject
{
    std::string id;
    std::string model;
    qint64 created = 0; ///< Unix seconds
    const std::vector<std::pair<std::string, std::string>> *echo = nullptr;
};

/// What is known at the end only.
struct ResponsesOutcome
{
    ResponsesStatus status = ResponsesStatus::InProgress;
    std::string_view incompleteReason; ///< ResponsesStatus::Incomplete only
    const ChatError *error = nullptr; ///< ResponsesStatus::Failed only
    const Usage *usage = nullptr;
    qint64 reasoningTokens = 0; ///< estimated; part of the output tokens
};

void writeResponsesObject(JsonWriter &writer, const ResponsesObject &object,
                          const ResponsesOutcome &outcome, const std::vector<std::string> &items);

} // namespace kirotray
