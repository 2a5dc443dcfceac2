// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/contextload.h"
#include "app/context/contextsettings.h"

#include <span>
#include <string>

namespace kirotray {

/// What the strategies decide by.
struct CutSituation
{
    const ContextSettings &settings;
    qint64 window = 0; ///< tokens the model takes; 0: not known
    int refusals = 0; ///< times the upstream has called this request too long; 0: not asked yet
};

/// How many of the oldest groups a strategy wants to go.
struct CutWish
{
    std::size_t groups = 0;
    std::string why; ///< for the traffic record; the end of a sentence
};

/// One row of the table in strategy.cpp, one .cpp each: a look at the load, and what must go. They
/// are combined: whoever wants most, gets it.
struct ContextStrategy
{
    const char *name;
    bool (*isOn)(const CutSituation &situation);
    bool needsTokens; ///< MessageLoad::tokens
    CutWish (*wish)(const ContextLoad &load, const CutSituation &situation);
};
std::span<const ContextStrategy> contextStrategies();

/// True when any would look at the request.
bool isAnyOn(const CutSituation &situation);
/// The largest wish. Pure; any thread.
CutWish combinedWish(const ContextLoad &load, const CutSituation &situation);

extern const ContextStrategy trimStrategy;
extern const ContextStrategy estimateStrategy;
extern const ContextStrategy retryStrategy;

/// 48000 → "48,000".
std::string countText(qint64 count);

} // namespace kirotray
