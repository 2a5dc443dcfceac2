// SPDX-License-Identifier: MIT
#include "app/admin/settingrows.h"

#include "app/accounts/pool.h"
#include "app/chat/thinkingstyle.h"
#include "app/context/contextsettings.h"
#include "app/net/proxychoice.h"

#include <array>
#include <functional>
#include <vector>

namespace kirotray {

namespace {

constexpr std::array SwitchRows {
    keys::ProxyStartWithProgram, keys::FetchRemoteImages, keys::PacingEnabled,
    keys::ContextTrim,           keys::ContextEstimate,   keys::ContextSummarise,
    keys::SummaryCache,          keys::FlowRecording,     keys::FlowBodies,
};

constexpr std::array NumberRows {
    keys::ProxyPort,
    keys::PoolStickySeconds,
    keys::PoolCoolDownSeconds,
    keys::PoolMaxFailures,
    keys::PacingMinGapMs,
    keys::PacingBurst,
    keys::PacingPerAccount,
    keys::PacingTotal,
    keys::PacingConcurrency,
    keys::PacingQueue,
    keys::PacingWaitSeconds,
    keys::UsageMinutes,
    keys::LowQuotaPercent,
    keys::ContextMaxMessages,
    keys::ContextMaxChars,
    keys::SummaryMinDeltaMessages,
    keys::SummaryMinDeltaChars,
    keys::SummaryMaxAgeSeconds,
    keys::FlowDays,
    keys::FlowMegabytes,
    keys::FlowBodyMegabytes,
};

bool isThinkingStyle(const QString &text)
{
    return thinkingStyleNamed(text.toStdString()).has_value();
}

bool isStrategy(const QString &text)
{
    return poolStrategyNamed(text).has_value();
}

bool isContextRetry(const QString &text)
{
    return contextRetryNamed(text).has_value();
}

/// A password would lie in the settings file.
bool isProxyWithoutPassword(const QString &text)
{
    const Result<ProxyChoice> proxy = ProxyChoice::parse(text);
    return proxy && proxy.value().password.isEmpty();
}

bool isLogLevel(const QString &text)
{
    return QStringList {u"debug"_s, u"info"_s, u"warning"_s, u"error"_s}.contains(text);
}

bool isLanguage(const QString &text)
{
    return QStringList {u""_s, u"en"_s, u"zh_CN"_s}.contains(text);
}

bool isShortText(const QString &text)
{
    constexpr qsizetype MaxSettingText = 200;
    return text.size() <= MaxSettingText;
}

struct TextRow
{
    Key<QLatin1StringView> key;
    bool (*isValid)(const QString &text);
    const char *expected;
};

constexpr std::array TextRows {
    TextRow {keys::ProxyHost, isShortText, "an address"},
    TextRow {keys::OutboundProxy, isProxyWithoutPassword, "a proxy without a password"},
    TextRow {keys::OpenAiThinking, isThinkingStyle, "a thinking style"},
    TextRow {keys::AnthropicThinking, isThinkingStyle, "a thinking style"},
    TextRow {keys::ThinkingSuffix, isShortText, "a short text"},
    TextRow {keys::PoolStrategy, isStrategy,
             "round-robin, least-used, most-quota, priority or fill-first"},
    TextRow {keys::ContextRetry, isContextRetry, "off, others or all"},
    TextRow {keys::LogLevel, isLogLevel, "debug, info, warning or error"},
    TextRow {keys::Language, isLanguage, "en, zh_CN or nothing"},
};

using SettingChange = std::function<Result<Done>(Settings &)>;

std::string_view nameOf(QLatin1StringView name)
{
    return {name.data(), static_cast<std::size_t>(name.size())};
}

Error wrongSetting(QLatin1StringView name, const QString &expected)
{
    return {Error::Code::BadInput, u"expected "_s + expected, QString(name)};
}

Result<SettingChange> numberChange(const Key<int> &key, const JsonValue &value)
{
    const std::optional<qint64> number = value.integer();
    if (!number || *number < key.min || *number > key.max)
        return wrongSetting(key.name, u"a number from %1 to %2"_s.arg(key.min).arg(key.max));
    return SettingChange([key, wanted = static_cast<int>(*number)](Settings &settings) {
        return settings.set(key, wanted);
    });
}

Result<SettingChange> textChange(const TextRow &row, const JsonValue &value)
{
    const QString text = QString::fromStdString(std::string(value.string()));
    if (!value.isString() || !row.isValid(text))
        return wrongSetting(row.key.name, QString::fromLatin1(row.expected));
    return SettingChange(
        [key = row.key, text](Settings &settings) { return settings.set(key, text); });
}

Result<SettingChange> changeOf(const JsonValue &value)
{
    const std::string_view name = value.key();
    for (const Key<bool> &key : SwitchRows)
        if (name == nameOf(key.name)) {
            if (value.type() != JsonValue::Type::Boolean)
                return wrongSetting(key.name, u"true or false"_s);
            return SettingChange([key, wanted = value.boolean()](Settings &settings) {
                return settings.set(key, wanted);
            });
        }
    for (const Key<int> &key : NumberRows)
        if (name == nameOf(key.name))
            return numberChange(key, value);
    for (const TextRow &row : TextRows)
        if (name == nameOf(row.key.name))
            return textChange(row, value);
    return Error {Error::Code::BadInput, u"there is no such setting"_s,
                  QString::fromStdString(std::string(name))};
}

} // namespace

void writeSettings(JsonWriter &json, const Settings &settings)
{
    json.beginObject();
    for (const Key<bool> &key : SwitchRows)
        json.memberBoolean(nameOf(key.name), settings.get(key));
    for (const Key<int> &key : NumberRows)
        json.memberInteger(nameOf(key.name), settings.get(key));
    for (const TextRow &row : TextRows)
        json.member(nameOf(row.key.name), settings.get(row.key).toStdString());
    json.endObject();
}

Result<Done> changeSettings(Settings &settings, const JsonValue &wanted)
{
    std::vector<SettingChange> changes;
    for (const JsonValue value : wanted) {
        Result<SettingChange> change = changeOf(value);
        if (!change)
            return change.error();
        changes.push_back(std::move(change).value());
    }
    for (const SettingChange &change : changes)
        if (Result<Done> done = change(settings); !done)
            return done;
    return Done {};
}

} // namespace kirotray
