// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/chatask.h"
#include "app/simulator/scenario.h"

#include <string_view>
#include <vector>

namespace kirotray {

struct ServiceModel;

/// The answer when no rule matches: a few friendly words, streamed word by word, that echo the
/// question, in its language (Chinese or English); thinking first when it was asked for; a call of
/// a suitable tool when the question mentions tools, the weather or a declared name; after a
/// result a summary of it; usage, context share and credits at the end.
std::vector<ScenarioStep> demoAnswer(const ChatAsk &ask, const ServiceModel &model);

/// The part of a question worth repeating: its last line that is not markup, at most about eighty
/// characters.
std::string shortEcho(std::string_view question);

} // namespace kirotray
