// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

#include <string>
#include <string_view>
#include <vector>

/// The `content` of chat messages. Mistakes are left in the reader. Pure; any thread.
namespace kirotray {

/// Which kinds of content a message may hold.
enum class OpenAiContentKinds { Text, TextAndFiles };

struct OpenAiContent
{
    std::vector<Part> parts; ///< texts (also empty ones), pictures and documents as sent
    bool cachePoint = false; ///< a part carries cache_control
};

/// A string or an array of parts. `notes` gets what has no effect.
OpenAiContent readOpenAiContent(JsonReader &reader, const JsonValue &content,
                                OpenAiContentKinds kinds, std::vector<std::string> &notes);

/// `cache_control` is no member of OpenAI's, but clients of several vendors send it (clients.md
/// §4).
bool hasCacheControl(const JsonValue &object);

} // namespace kirotray
