// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <span>
#include <string>

/// JSON that the Responses API repeats. Pure; any thread.
namespace kirotray {

/// A client's value without white space between its tokens: an event of a stream is one line.
std::string jsonOnOneLine(const JsonValue &value);

/// The input of a request as `/input_items` lists it: each item has an id.
std::string listedInputItems(std::span<const JsonValue> items);
/// The same of an input that is a string: one message.
std::string listedInputText(const JsonValue &text);

} // namespace kirotray
