// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/responsesmemory.h"

#include <string_view>

namespace kirotray {

/// A tool that OpenAI defines and its client runs. Upstream it is a function with these arguments.
struct ResponsesOwnTool
{
    std::string_view type; ///< in `tools`; also the function's name
    ResponsesToolForm::Kind kind;
    std::string_view description;
    std::string_view schemaJson;
};
/// Null when it is none, or one that OpenAI runs itself.
const ResponsesOwnTool *responsesOwnTool(std::string_view type);

} // namespace kirotray
