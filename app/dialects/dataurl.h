// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

#include <optional>
#include <string>
#include <string_view>

/// Files that clients send within a request, as data URLs (RFC 2397) or bare. Pure; any thread.
namespace kirotray {

struct DataUrl
{
    std::string mediaType; ///< lower case, without parameters; empty when the client gives none
    std::string data; ///< base64 as the client sent it
};

bool isDataUrl(std::string_view text);

/// The data URL in `value`. One that is not base64, or whose base64 is percent-encoded, is left in
/// the reader as a mistake, as is a text that is no data URL.
std::optional<DataUrl> readDataUrl(JsonReader &reader, const JsonValue &value);

/// True for what can be shown to the model as text.
bool isTextMediaType(std::string_view mediaType);

/// The file at `value` as what the model is shown of it: a picture, a text under the file's name,
/// or a document. `file.data` may have any form of base64. Absent, with a mistake in the reader,
/// for a text file that is no UTF-8.
std::optional<Part> filePart(JsonReader &reader, const JsonValue &value, DataUrl file,
                             const std::string &name);

} // namespace kirotray
