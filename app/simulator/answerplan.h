// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/scenario.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// One thing an AnswerStream does.
struct PlanItem
{
    enum class Kind {
        Write, ///< `bytes`; `count` times with `time` between them
        Wait, ///< lets `time` pass; already over when the stream is late
        Turn, ///< the same, but always goes back to the event loop
        Begin, ///< sends the HTTP header
        Drop, ///< cuts the connection
        Hang, ///< stops here for ever
    };
    Kind kind = Kind::Write;
    std::string bytes = {};
    std::chrono::milliseconds time {0};
    int count = 1;
};

/// Everything a stream will do, encoded beforehand; shared by streams whose answer is the same.
struct AnswerPlan
{
    std::vector<PlanItem> items;
    double credits = 0; ///< of all metering events
};
using AnswerPlanPtr = std::shared_ptr<const AnswerPlan>;

/// Encodes `steps`; the regular end is not an item.
AnswerPlan compilePlan(const std::vector<ScenarioStep> &steps);
/// `plan`, `times` in a row.
AnswerPlan repeatedPlan(const AnswerPlan &plan, int times);
/// The same bytes in writes of the given sizes, the last one until the end; a wait between two
/// steps ends a write early.
AnswerPlan cutPlan(const AnswerPlan &plan, const std::vector<int> &sizes,
                   std::chrono::milliseconds interval);
/// False when two requests get different bytes (a tool call without id).
bool isConstant(const std::vector<ScenarioStep> &steps);

/// Pieces of a text: `chunk` characters each; or words with the white space after them, two
/// ideographs making a word; or the whole. Never empty, never cut within a character.
std::vector<std::string_view> textPieces(std::string_view text, const step::Pace &pace);

} // namespace kirotray
