// SPDX-License-Identifier: MIT
#include "app/accounts/keylimits.h"

#include "app/kiro/namepattern.h"

#include <algorithm>

namespace kirotray {

namespace {

QDateTime nextLocalDay(const QDateTime &now)
{
    return now.toLocalTime().date().addDays(1).startOfDay();
}

bool isModelAllowed(const ClientKey &key, const QString &model)
{
    if (key.models.isEmpty() || model.isEmpty())
        return true;
    const QString asked = model.toLower();
    return std::any_of(key.models.begin(), key.models.end(), [&asked](const QString &pattern) {
        return matchesPattern(asked, pattern.toLower());
    });
}

KeyLimits::Refusal spent(KeyLimits::Refusal::Why why, const ClientKey &key, const QString &limit,
                         const QDateTime &now)
{
    const QDateTime next = nextLocalDay(now);
    return {why,
            u"the key '%1' has used its %2 of today; they come back at %3 local time"_s.arg(
                key.name, limit, next.toString(u"yyyy-MM-dd HH:mm"_s)),
            next.toUTC()};
}

} // namespace

bool countsAsUse(const FlowRecord &flow)
{
    constexpr int FirstError = 400;
    return flow.attempts > 0 || flow.status < FirstError;
}

void KeyLimits::rollOver(ClientKey &key, const QDateTime &now)
{
    const QDate today = now.toLocalTime().date();
    if (key.day == today)
        return;
    key.day = today;
    key.requestsToday = 0;
    key.creditsToday = 0;
}

void KeyLimits::setKeys(const std::vector<ClientKey> &keys, const QDateTime &now)
{
    QHash<QString, ClientKey> byName;
    for (ClientKey key : keys) {
        rollOver(key, now);
        const auto known =
            std::find_if(m_keys.begin(), m_keys.end(),
                         [&key](const ClientKey &other) { return other.id == key.id; });
        if (known != m_keys.end()) {
            rollOver(*known, now);
            key.requestsToday = std::max(key.requestsToday, known->requestsToday);
            key.creditsToday = std::max(key.creditsToday, known->creditsToday);
        }
        byName.insert(key.name, key);
    }
    m_keys = std::move(byName);
}

std::optional<KeyLimits::Refusal> KeyLimits::admit(const QString &name, const QString &model,
                                                   const QDateTime &now)
{
    const auto known = m_keys.find(name);
    if (known == m_keys.end())
        return std::nullopt;
    ClientKey &key = *known;
    rollOver(key, now);
    if (!key.enabled)
        return Refusal {Refusal::Why::Disabled, u"the key '%1' is disabled"_s.arg(name)};
    if (!isModelAllowed(key, model))
        return Refusal {Refusal::Why::Model,
                        u"the key '%1' does not allow the model '%2'; it allows %3"_s.arg(
                            name, model, key.models.join(u", "_s))};
    if (key.requestsPerDay && key.requestsToday >= *key.requestsPerDay)
        return spent(Refusal::Why::Requests, key, u"%1 requests"_s.arg(*key.requestsPerDay), now);
    if (key.creditsPerDay && key.creditsToday >= *key.creditsPerDay)
        return spent(Refusal::Why::Credits, key, u"%1 credits"_s.arg(*key.creditsPerDay), now);
    ++key.requestsToday;
    return std::nullopt;
}

void KeyLimits::ended(const FlowRecord &flow, const QDateTime &now)
{
    const auto known = m_keys.find(flow.clientKey);
    if (known == m_keys.end())
        return;
    rollOver(*known, now);
    if (!countsAsUse(flow))
        known->requestsToday = std::max(0, known->requestsToday - 1);
    known->creditsToday += flow.credits.value_or(0);
}

int KeyLimits::requestsToday(const QString &name) const
{
    return m_keys.value(name).requestsToday;
}

double KeyLimits::creditsToday(const QString &name) const
{
    return m_keys.value(name).creditsToday;
}

} // namespace kirotray
