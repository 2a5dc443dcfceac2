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
