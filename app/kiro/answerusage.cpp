// SPDX-License-Identifier: MIT
#include "app/kiro/answerusage.h"

#include <algorithm>
#include <cmath>

namespace kirotray {

namespace {

/// Values over 100 were not seen; a wild one must not overflow the token count.
constexpr double MaxContextPercentage = 10'000;

void takeCount(const JsonValue &value, std::optional<qint64> &count)
{
    const std::optional<qint64> number = value.integer();
    if (number && *number >= 0)
        count = number;
}

} // namespace

void AnswerUsage::addTokenUsage(const JsonValue &tokenUsage)
{
    if (!tokenUsage.isObject())
        return;
    takeCount(tokenUsage["uncachedInputTokens"], m_reported.uncached);
    takeCount(tokenUsage["outputTokens"], m_reported.output);
    takeCount(tokenUsage["totalTokens"], m_reported.total);
    takeCount(tokenUsage["cacheReadInputTokens"], m_reported.cacheRead);
    takeCount(tokenUsage["cacheWriteInputTokens"], m_reported.cacheWrite);
    addContextUsage(tokenUsage);
}

void AnswerUsage::addContextUsage(const JsonValue &event)
{
    const std::optional<double> percentage = event["contextUsagePercentage"].number();
    if (percentage && *percentage > 0 && *percentage <= MaxContextPercentage)
        m_contextPercentage = percentage;
}

void AnswerUsage::addMetering(const JsonValue &event)
{
    const std::string_view unit = event["unit"].string();
    const std::optional<double> credits = event["usage"].number();
    if (credits && *credits >= 0 && (unit.empty() || unit == "credit"))
        m_credits = credits;
}

bool AnswerUsage::isContextFull() const
{
    return m_contextPercentage && *m_contextPercentage >= 100;
}

Usage AnswerUsage::total(qint64 contextWindow, qint64 promptTokensEstimate) const
{
    Usage usage;
    usage.credits = m_credits;
    // Zeros stand for "not counted" too: no prompt is empty, and an answer that was seen is not.
    const bool hasOutput = m_reported.output && (*m_reported.output > 0 || m_output.tokens() == 0);
    usage.outputTokens = hasOutput ? *m_reported.output : m_output.tokens();
    usage.cacheReadTokens = m_reported.cacheRead.value_or(0);
    usage.cacheWriteTokens = m_reported.cacheWrite.value_or(0);
    const qint64 cached = usage.cacheReadTokens + usage.cacheWriteTokens;
    const bool hasInput = m_reported.uncached && *m_reported.uncached + cached > 0;
    const bool hasTotal = m_reported.total && hasOutput && *m_reported.total > usage.outputTokens;
    if (hasInput) {
        usage.inputTokens = *m_reported.uncached;
    } else if (hasTotal) {
        usage.inputTokens = std::max<qint64>(0, *m_reported.total - usage.outputTokens - cached);
    } else if (m_contextPercentage) {
        // The share counts the answer too (§10).
        const double inContext = *m_contextPercentage / 100 * static_cast<double>(contextWindow);
        usage.inputTokens =
            std::max<qint64>(0, std::llround(inContext) - usage.outputTokens - cached);
    } else {
        usage.inputTokens = std::max<qint64>(0, promptTokensEstimate - cached);
    }
    usage.isEstimate = !hasOutput || (!hasInput && !hasTotal);
    return usage;
}

} // namespace kirotray
