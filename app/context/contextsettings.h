// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <chrono>
#include <optional>

namespace kirotray {

class Settings;

/// When a request that the upstream called too long is shortened and asked again.
enum class ContextRetry {
    Off,
    Others, ///< for clients that do not compact by themselves; the others get the error they act on
    All,
};
std::optional<ContextRetry> contextRetryNamed(const QString &text); ///< off, others, all
QString toString(ContextRetry retry);

/// True for programs that shorten a conversation themselves once an API tells them that it is too
/// long: claude-code, codex, gemini-cli, opencode; names as in FlowRecord::client.
bool compactsByItself(const QString &client);

/// What is done with conversations that are too long (features HIS-01…13); freely combined. A
/// value.
struct ContextSettings
{
    bool trims = false; ///< beyond maxMessages or maxChars, the oldest groups go
    bool estimates =
        false; ///< beyond the model's window by estimate, the same ahead of the upstream
    bool summarises =
        false; ///< what goes is replaced by a summary that a model writes; alone: at trims' bounds
    ContextRetry retry = ContextRetry::Others;
    int maxMessages = 50;
    qint64 maxChars = 100'000;
    bool cachesSummaries = true;
    int summaryMinDeltaMessages = 3; ///< fewer new ones: the cached summary is good enough
    qint64 summaryMinDeltaChars = 4000; ///< likewise
    std::chrono::seconds summaryMaxAge {180};
};

ContextSettings contextBy(const Settings &settings); ///< main thread

} // namespace kirotray
