// SPDX-License-Identifier: MIT
#include "app/dialects/openaitoolmode.h"

namespace kirotray {

void readOpenAiToolMode(JsonReader &reader, const JsonValue &mode, ToolChoice &choice)
{
    if (mode.string() == "required")
        choice.mode = ToolChoice::Mode::Any;
    else if (mode.string() == "none")
        choice.mode = ToolChoice::Mode::None;
    else if (mode.string() != "auto")
        reader.fail(mode, "expected 'auto', 'none' or 'required'");
}

} // namespace kirotray
