// SPDX-License-Identifier: MIT
#include "app/dialects/customtool.h"

#include "app/dialects/freetextinput.h"

namespace kirotray {

namespace {

constexpr std::string_view CustomToolSchema =
    R"({"type":"object","properties":{"input":{"type":"string","description":"The whole input of the tool, as raw text."}},"required":["input"]})";

} // namespace

void readCustomTool(JsonReader &reader, const JsonValue &tool, Tool &out)
{
    out.description = reader.optionalString(tool, "description").value_or("");
    out.inputSchemaJson = CustomToolSchema;
    const JsonValue format = reader.optionalObject(tool, "format");
    if (format["type"].string() != "grammar")
        return;
    // Chat nests the grammar, Responses does not.
    const JsonValue grammar = format["grammar"].isObject() ? format["grammar"] : format;
    out.description += out.description.empty() ? "" : "\n\n";
    out.description +=
        "The input must match this " + reader.requiredString(grammar, "syntax") + " grammar:\n";
    out.description += reader.requiredString(grammar, "definition");
}

std::string customToolArguments(std::string_view input)
{
    std::string json;
    JsonWriter(json).beginObject().member("input", input).endObject();
    return json;
}

std::string customToolInput(std::string_view argumentsJson)
{
    FreeTextInput input;
    std::string text;
    input.add(argumentsJson, text);
    input.finish(text);
    return text;
}

} // namespace kirotray
