// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/answertranslator.h"

#include <QString>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

using Frames = std::vector<std::string>;
using Events = std::vector<ChatEvent>;

// The frames of the usual events.
std::string textFrame(std::string_view content); ///< `content` as within JSON quotes
std::string toolFrame(std::string_view members); ///< members of the object, without braces
std::string stopFrame(std::string_view reason);
std::string contextFrame(double percentage);

/// "text(a) | start(id name) | delta({}) | end | finished tool_use": for comparing with a row.
QString describeAll(const Events &events);
std::string describeUsage(const Usage &usage);

/// One answer from the first byte to the clean end of the transport.
struct AnswerRun
{
    Events events;
    AnswerTranslator translator;
    std::optional<EventStreamError> framing;
};

/// A window of 1,000 tokens, a prompt of 77, and one renamed tool: short_name.
AnswerTranslator::Options plainOptions();
/// Decodes and translates `frames`, fed in pieces of `piece` bytes.
AnswerRun runAnswer(const Frames &frames, std::size_t piece,
                    const AnswerTranslator::Options &options = plainOptions());

inline constexpr std::size_t Whole = std::size_t(1) << 30;
/// Every row runs in one piece and byte by byte.
inline constexpr std::size_t Pieces[] {Whole, 1};

} // namespace kirotray
