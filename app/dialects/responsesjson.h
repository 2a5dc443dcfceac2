// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <string>

/// JSON that the Responses API repeats. Pure; any thread.
namespace kirotray {

/// A client's value without white space between its tokens: an event of a stream is one line.
void writeOnOneLine(JsonWriter &writer, const JsonValue &value);
std::string jsonOnOneLine(const JsonValue &value);

/// The request's `input` as `/input_items` lists it: a string is a message, and each item has an
/// id. `input` is a string or an array.
std::string listedInputItems(const JsonValue &input);

/// A call's argument text as a JSON object, which the upstream insists on: what is no object goes
/// along as the text it is.
std::string argumentObject(const JsonValue &arguments, bool &isObject);

} // namespace kirotray
