// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Thinking in a form that a client keeps without looking inside and sends back on the next turn:
/// `encrypted_content` of a Responses item, `thoughtSignature` of a Gemini part, `signature` of an
/// Anthropic block whose text the client does not want to see. The upstream takes thinking back
/// whole or not at all; nothing in it is secret. Pure; any thread.
namespace kirotray {

/// More than this is not carried: a client sends it back with every further turn, and a long
/// thought has about 100 KiB.
inline constexpr std::size_t MaxCarriedThinking = 1024 * 1024;

/// Base64 in the standard alphabet. Each part has a signature or is redacted.
std::string packThinking(std::span<const ThinkingPart> parts);

/// Empty for anything that packThinking() did not make. Both base64 alphabets: Google's SDK for
/// Python gives it back in the one for URLs.
std::vector<ThinkingPart> unpackThinking(std::string_view packed);

} // namespace kirotray
