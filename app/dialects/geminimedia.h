// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

#include <optional>

namespace kirotray {

/// A Blob (`inlineData`): a picture, a PDF, or the text of a text file. Anything else is left in
/// the reader as a mistake. Pure.
std::optional<Part> readGeminiBlob(JsonReader &reader, const JsonValue &blob);

/// A FileData: a picture at a web address; files that live at Google are a mistake. Pure.
std::optional<Part> readGeminiFile(JsonReader &reader, const JsonValue &file);

} // namespace kirotray
