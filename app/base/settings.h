// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QObject>

#include <memory>

class QSettings;

namespace kirotray {

/// A setting's name in the file, its type and its value on a fresh install. A released name is
/// never reused.
template <typename T>
struct Key
{
    QLatin1StringView name;
    T fallback;
};

/// Numbers have a range, ends included.
template <>
struct Key<int>
{
    QLatin1StringView name;
    int fallback;
    int min;
    int max;
};

/// Every setting there is. Secrets are never settings. Window geometry lives under state/.
namespace keys {
inline constexpr Key<int> ProxyPort {"proxy/port"_L1, 8747, 1024, 65535}; ///< TCP
inline constexpr Key<QLatin1StringView> ProxyHost {"proxy/host"_L1, "127.0.0.1"_L1};
inline constexpr Key<bool> ProxyStartWithProgram {"proxy/startWithProgram"_L1, true};
inline constexpr Key<QLatin1StringView> OutboundProxy {"net/proxy"_L1,
                                                       "system"_L1}; ///< ProxyChoice::parse()
inline constexpr Key<QLatin1StringView> OpenAiThinking {"answers/openAiThinking"_L1,
                                                        "native"_L1}; ///< thinkingStyleNamed()
inline constexpr Key<QLatin1StringView> AnthropicThinking {"answers/anthropicThinking"_L1,
                                                           "native"_L1};
inline constexpr Key<QLatin1StringView> ThinkingSuffix {
    "answers/thinkingSuffix"_L1, "-thinking"_L1}; ///< of model names; empty: none
inline constexpr Key<bool> FetchRemoteImages {"answers/fetchRemoteImages"_L1, false};

// Which account answers (app/accounts/pool.h).
inline constexpr Key<QLatin1StringView> PoolStrategy {"pool/strategy"_L1,
                                                      "round-robin"_L1}; ///< poolStrategyNamed()
inline constexpr Key<int> PoolStickySeconds {"pool/stickySeconds"_L1, 3600, 60, 86'400};
inline constexpr Key<int> PoolCoolDownSeconds {"pool/coolDownSeconds"_L1, 60, 5, 3600};
inline constexpr Key<int> PoolMaxFailures {"pool/maxFailures"_L1, 5, 1, 100};

// How fast (app/accounts/pacing.h).
inline constexpr Key<bool> PacingEnabled {"pacing/enabled"_L1, true};
inline constexpr Key<int> PacingMinGapMs {"pacing/minGapMs"_L1, 1000, 0, 60'000};
inline constexpr Key<int> PacingBurst {"pacing/burst"_L1, 5, 1, 100}; ///< starts free of the gap
inline constexpr Key<int> PacingPerAccount {"pacing/perAccountPerMinute"_L1, 60, 1, 10'000};
inline constexpr Key<int> PacingTotal {"pacing/totalPerMinute"_L1, 120, 1, 100'000};
inline constexpr Key<int> PacingConcurrency {"pacing/concurrency"_L1, 6, 1, 1000}; ///< an account
inline constexpr Key<int> PacingQueue {"pacing/queue"_L1, 64, 0, 1000};
inline constexpr Key<int> PacingWaitSeconds {"pacing/waitSeconds"_L1, 60, 1, 600};

// Quota (app/accounts/usagekeeper.h).
inline constexpr Key<int> UsageMinutes {"usage/minutes"_L1, 15, 5, 1440}; ///< between two readings
inline constexpr Key<int> LowQuotaPercent {"usage/lowPercent"_L1, 10, 0, 90}; ///< left; 0: never

// Long conversations (app/context/contextsettings.h).
inline constexpr Key<bool> ContextTrim {"context/trim"_L1, false};
inline constexpr Key<bool> ContextEstimate {"context/estimate"_L1, false};
inline constexpr Key<bool> ContextSummarise {"context/summarise"_L1, false};
inline constexpr Key<QLatin1StringView> ContextRetry {"context/retry"_L1,
                                                      "others"_L1}; ///< contextRetryNamed()
inline constexpr Key<int> ContextMaxMessages {"context/maxMessages"_L1, 50, 4, 10'000};
inline constexpr Key<int> ContextMaxChars {"context/maxChars"_L1, 100'000, 1000, 100'000'000};
inline constexpr Key<bool> SummaryCache {"context/summaryCache"_L1, true};
inline constexpr Key<int> SummaryMinDeltaMessages {"context/summaryMinDeltaMessages"_L1, 3, 0,
                                                   1000};
inline constexpr Key<int> SummaryMinDeltaChars {"context/summaryMinDeltaChars"_L1, 4000, 0,
                                                10'000'000};
inline constexpr Key<int> SummaryMaxAgeSeconds {"context/summaryMaxAgeSeconds"_L1, 180, 1, 86'400};

// Traffic (app/flows/flowlog.h).
inline constexpr Key<bool> FlowRecording {"flows/record"_L1, true}; ///< false: nothing is kept
inline constexpr Key<bool> FlowBodies {"flows/bodies"_L1, false}; ///< in memory only
inline constexpr Key<int> FlowDays {"flows/days"_L1, 30, 1, 3650};
inline constexpr Key<int> FlowMegabytes {"flows/megabytes"_L1, 64, 4, 4096}; ///< of the database
inline constexpr Key<int> FlowBodyMegabytes {"flows/bodyMegabytes"_L1, 64, 1, 2048};

inline constexpr Key<QLatin1StringView> LogLevel {"log/level"_L1,
                                                  "info"_L1}; ///< debug, info, warning, error
inline constexpr Key<QLatin1StringView> Language {"ui/language"_L1, ""_L1}; ///< empty: the system's
} // namespace keys

/// Typed settings in one INI file. A value of a wrong type or out of range reads as its fallback.
/// Main thread; other threads get values.
class Settings : public QObject
{
    Q_OBJECT
public:
    explicit Settings(const QString &file, QObject *parent = nullptr);
    ~Settings() override;

    bool get(const Key<bool> &key) const;
    int get(const Key<int> &key) const;
    QString get(const Key<QLatin1StringView> &key) const;
    /// No-op when the value is the same. Error::Storage when the file cannot be written (the old
    /// value then stays), Error::BadInput for a number out of range.
    Result<Done> set(const Key<bool> &key, bool value);
    Result<Done> set(const Key<int> &key, int value);
    Result<Done> set(const Key<QLatin1StringView> &key, const QString &value);

signals:
    void changed(QLatin1StringView name); ///< only on a real change

private:
    Result<Done> setText(QLatin1StringView name, const QString &text);
    std::unique_ptr<QSettings> m_file;
};

} // namespace kirotray
