// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

#include <QString>

namespace kirotray {

/// The program that asks, by its User-Agent (clients.md): claude-code, codex, gemini-cli, opencode,
/// openai-sdk, anthropic-sdk, google-genai-sdk, curl, … A program that is not known gives the name
/// its header begins with; empty: it sends none. Pure.
QString clientProgram(const HttpHeaders &headers);

} // namespace kirotray
