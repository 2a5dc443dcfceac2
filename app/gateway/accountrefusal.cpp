// SPDX-License-Identifier: MIT
#include "app/gateway/accountrefusal.h"

#include "app/base/result.h"

#include <algorithm>

namespace kirotray {

namespace {

using Kind = ChatError::Kind;

std::chrono::seconds secondsUntil(const QDateTime &until, const QDateTime &now)
{
    return std::chrono::seconds(std::max<qint64>(1, (now.msecsTo(until) + 999) / 1000));
}

std::string shownTime(const QDateTime &time)
{
    return time.toUTC().toString(u"yyyy-MM-dd HH:mm"_s).toStdString() + " UTC";
}

ChatError exhaustedError(const QDateTime &until, const QDateTime &now)
{
    ChatError error {Kind::QuotaExhausted, "the credits of all Kiro accounts are used up", "", {}};
    if (!until.isValid())
        return error;
    error.message += "; they are given anew at " + shownTime(until);
    error.retryAfter = secondsUntil(until, now);
    return error;
}

ChatError coolingError(const QDateTime &until, const QDateTime &now)
{
    const std::chrono::seconds wait = secondsUntil(until, now);
    return {Kind::RateLimited,
            "all Kiro accounts pause after the service refused them; try again in "
                + std::to_string(wait.count()) + " s",
            "", wait};
}

ChatError unusableError(const std::vector<AccountEffect> &problems)
{
    const auto has = [&problems](AccountEffect effect) {
        return std::find(problems.begin(), problems.end(), effect) != problems.end();
    };
    if (has(AccountEffect::AuthProblem))
        return {Kind::Authentication,
                "no account can be used: the service refuses the sign-in; each must be signed in "
                "again in KiroTray",
                "",
                {}};
    if (has(AccountEffect::Suspended))
        return {Kind::Permission,
                "no account can be used: the service has suspended it; see KiroTray for what to do",
                "",
                {}};
    return {Kind::NoAccount,
            "no account can be used: each is disabled or must be signed in again",
            "",
            {}};
}

/// Lower passes sooner.
int delayRank(Kind kind)
{
    switch (kind) {
    case Kind::Overloaded:
    case Kind::Upstream:
    case Kind::Timeout:
        return 0;
    case Kind::RateLimited:
        return 1;
    case Kind::QuotaExhausted:
        return 2;
    case Kind::Authentication:
        return 3;
    case Kind::Permission:
        return 4;
    case Kind::NotFound:
        return 5;
    default:
        return 6;
    }
}

bool isSooner(const ChatError &error, const ChatError &best)
{
    constexpr std::chrono::seconds Tie {2}; // the clock went on between two accounts
    if (error.kind != best.kind)
        return delayRank(error.kind) < delayRank(best.kind);
    if (!error.retryAfter)
        return false;
    return !best.retryAfter || *error.retryAfter + Tie < *best.retryAfter;
}

} // namespace

ChatError poolRefusal(const Pool::Refusal &refusal, const std::vector<AccountEffect> &problems,
                      const std::string &model, const QDateTime &now)
{
    using Why = Pool::Refusal::Why;
    switch (refusal.why) {
    case Why::NoAccounts:
        break;
    case Why::NoneUsable:
        return unusableError(problems);
    case Why::Exhausted:
        return exhaustedError(refusal.until, now);
    case Why::CoolingDown:
        return coolingError(refusal.until, now);
    case Why::ModelRefused:
        return {Kind::NotFound, "'" + model + "' is not available to any account", "model", {}};
    case Why::AllTried:
        return {Kind::Upstream, "no further account can be asked", "", {}};
    }
    return {Kind::NoAccount,
            "no Kiro account is set up; add one in KiroTray or with: kirotrayctl accounts import "
            "FILE",
            "",
            {}};
}

ChatError keyRefusal(const KeyLimits::Refusal &refusal, const QDateTime &now)
{
    using Why = KeyLimits::Refusal::Why;
    const bool isDay = refusal.why == Why::Requests || refusal.why == Why::Credits;
    ChatError error {isDay ? Kind::QuotaExhausted : Kind::Permission,
                     refusal.what.toStdString(),
                     refusal.why == Why::Model ? "model" : "",
                     {}};
    if (isDay)
        error.retryAfter = secondsUntil(refusal.until, now);
    return error;
}

ChatError soonestOver(const std::vector<ChatError> &errors)
{
    const ChatError *best = &errors.front();
    for (const ChatError &error : errors)
        if (isSooner(error, *best))
            best = &error;
    return *best;
}

ChatError errorAfter(const Pool::Refusal &refusal, std::vector<ChatError> errors,
                     const QDateTime &now)
{
    using Why = Pool::Refusal::Why;
    if (refusal.why != Why::Exhausted && refusal.why != Why::CoolingDown)
        return soonestOver(errors);
    errors.push_back(poolRefusal(refusal, {}, {}, now));
    ChatError error = soonestOver(errors);
    const bool waits = error.kind == Kind::RateLimited || error.kind == Kind::QuotaExhausted;
    if (waits && !error.retryAfter && refusal.until.isValid()) {
        error.retryAfter = secondsUntil(refusal.until, now);
        error.message += " Try again at " + shownTime(refusal.until) + '.';
    }
    return error;
}

} // namespace kirotray
