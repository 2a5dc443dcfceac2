// SPDX-License-Identifier: MIT
// Automatic trimming: no more messages and no more characters than the user wants (HIS-01, HIS-11).
#include "app/context/strategy.h"

namespace kirotray {

namespace {

/// Summaries alone are made at the same bounds: without any, nothing would ever go.
bool isTrimOn(const CutSituation &situation)
{
    const ContextSettings &settings = situation.settings;
    return settings.trims || (settings.summarises && !settings.estimates);
}

CutWish trimWish(const ContextLoad &load, const CutSituation &situation)
{
    const ContextSettings &settings = situation.settings;
    const std::size_t byCount = groupsBeyond(load, &MessageLoad::messages, settings.maxMessages);
    const std::size_t byCharacters =
        groupsBeyond(load, &MessageLoad::characters, settings.maxChars);
    if (byCount >= byCharacters)
        return {byCount, "there are more than " + countText(settings.maxMessages) + " messages"};
    return {byCharacters, "there are more than " + countText(settings.maxChars) + " characters"};
}

} // namespace

const ContextStrategy trimStrategy {"trim", isTrimOn, false, trimWish};

} // namespace kirotray
