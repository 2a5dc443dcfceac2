// SPDX-License-Identifier: MIT
#include "app/context/contextsettings.h"

#include "app/base/log.h"
#include "app/base/settings.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

struct RetryName
{
    ContextRetry retry;
    QLatin1StringView name;
};
constexpr std::array RetryNames {
    RetryName {ContextRetry::Off, "off"_L1},
    RetryName {ContextRetry::Others, "others"_L1},
    RetryName {ContextRetry::All, "all"_L1},
};

} // namespace

std::optional<ContextRetry> contextRetryNamed(const QString &text)
{
    for (const RetryName &row : RetryNames)
        if (text == row.name)
            return row.retry;
    return std::nullopt;
}

QString toString(ContextRetry retry)
{
    for (const RetryName &row : RetryNames)
        if (retry == row.retry)
            return row.name;
    return {};
}

bool compactsByItself(const QString &client)
{
    static constexpr std::array Compacting {"claude-code"_L1, "codex"_L1, "gemini-cli"_L1,
                                            "opencode"_L1};
    return std::find(Compacting.begin(), Compacting.end(), client) != Compacting.end();
}

ContextSettings contextBy(const Settings &settings)
{
    ContextSettings context;
    context.trims = settings.get(keys::ContextTrim);
    context.estimates = settings.get(keys::ContextEstimate);
    context.summarises = settings.get(keys::ContextSummarise);
    const QString retry = settings.get(keys::ContextRetry);
    if (const auto known = contextRetryNamed(retry))
        context.retry = *known;
    else
        qCWarning(logGateway).noquote() << u"setting ignored key=context/retry value="_s + retry;
    context.maxMessages = settings.get(keys::ContextMaxMessages);
    context.maxChars = settings.get(keys::ContextMaxChars);
    context.cachesSummaries = settings.get(keys::SummaryCache);
    context.summaryMinDeltaMessages = settings.get(keys::SummaryMinDeltaMessages);
    context.summaryMinDeltaChars = settings.get(keys::SummaryMinDeltaChars);
    context.summaryMaxAge = std::chrono::seconds(settings.get(keys::SummaryMaxAgeSeconds));
    return context;
}

} // namespace kirotray
