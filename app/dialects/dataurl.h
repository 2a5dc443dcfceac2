// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <optional>
#include <string>
#include <string_view>

/// Files that clients of OpenAI's APIs send as data URLs (RFC 2397). Pure; any thread.
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

/// The text of a text file. Absent, with a mistake in the reader at `value`, when `base64` is none
/// or its bytes are no UTF-8.
std::optional<std::string> readFileText(JsonReader &reader, const JsonValue &value,
                                        std::string_view base64);

} // namespace kirotray
