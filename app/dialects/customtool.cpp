// SPDX-License-Identifier: MIT
#include "app/dialects/customtool.h"

#include "app/base/json.h"

namespace kirotray {

std::string customToolArguments(std::string_view input)
{
    std::string json;
    JsonWriter(json).beginObject().member("input", input).endObject();
    return json;
}

std::string customToolInput(std::string_view argumentsJson)
{
    const Result<JsonDocument> arguments = JsonDocument::parse(argumentsJson);
    if (arguments) {
        const JsonValue input = arguments.value().root()["input"];
        if (input.isString())
            return std::string(input.string());
    }
    return std::string(argumentsJson);
}

std::string customToolGrammar(std::string_view syntax, std::string_view definition)
{
    return "The input must match this " + std::string(syntax) + " grammar:\n"
        + std::string(definition);
}

} // namespace kirotray
