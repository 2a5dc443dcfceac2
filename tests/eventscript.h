// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"

#include <QByteArray>

#include <variant>
#include <vector>

namespace kirotray {

/// A keep-alive between two events.
struct ScriptPing
{
};
using ScriptStep = std::variant<ChatEvent, ScriptPing>;

/// Reads the events.txt of a fixture: one JSON array a line, lines with `#` are comments.
///
///     ["text","…"] ["thinking","…"] ["signature","…"] ["redacted","…"] ["ping"]
///     ["call","id","name"] ["input","…"] ["end"] ["cut"]
///     ["finished","end_turn",{"input":1,"output":2,"read":3,"write":4},"stop sequence"]
///     ["failed","overloaded","message","param"]
///
/// Ends the test program with a message when a line is none of these.
std::vector<ScriptStep> readEventScript(const QByteArray &script);

ChatError::Kind errorKindNamed(std::string_view name);

} // namespace kirotray
