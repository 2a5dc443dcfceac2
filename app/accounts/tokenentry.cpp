// SPDX-License-Identifier: MIT
#include "app/accounts/tokenentry.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr qint64 LongestTokenLife = 30; ///< days; the longest a grant is believed to give

void answerWith(TokenEntry::Waiter &waiter, const Secret &token)
{
    if (waiter.rejected == token)
        waiter.answer.give(Error {Error::Code::Upstream, u"the renewed token is the old one"_s});
    else
        waiter.answer.give(token);
}

} // namespace

bool TokenEntry::lastsBeyond(const QDateTime &until) const
{
    return !credential.accessToken.isEmpty() && !refused && credential.expiresAt.isValid()
        && credential.expiresAt > until && credential.expiresAt < until.addDays(LongestTokenLife);
}

bool TokenEntry::isForced() const
{
    return std::any_of(waiters.begin(), waiters.end(),
                       [](const Waiter &waiter) { return waiter.wantsNew; });
}

void TokenEntry::moveTimes(qint64 ms)
{
    if (credential.expiresAt.isValid())
        credential.expiresAt = credential.expiresAt.addMSecs(ms);
    if (pausedUntil.isValid())
        pausedUntil = pausedUntil.addMSecs(ms);
}

void TokenEntry::adopt(const Credential &newer)
{
    credential = newer;
    known = true;
    unsaved = false;
    refused = false;
    dead = false;
}

void TokenEntry::serve(const QDateTime &until, bool neverExpires)
{
    for (const Waiter &waiter : waiters) {
        if (!waiter.rejected.isEmpty() && waiter.rejected == credential.accessToken)
            refused = true;
    }
    const bool usable =
        neverExpires ? !credential.accessToken.isEmpty() && !refused : lastsBeyond(until);
    if (!usable)
        return;
    std::vector<Waiter> others;
    for (Waiter &waiter : std::exchange(waiters, {})) {
        if (waiter.wantsNew)
            others.push_back(std::move(waiter));
        else
            answerWith(waiter, credential.accessToken);
    }
    waiters = std::move(others);
}

void TokenEntry::fail(const Error &error, const QDateTime &until)
{
    const bool isGood = lastsBeyond(until);
    for (Waiter &waiter : std::exchange(waiters, {})) {
        if (isGood && !waiter.wantsNew)
            answerWith(waiter, credential.accessToken);
        else
            waiter.answer.give(error);
    }
}

void TokenEntry::serveRenewed()
{
    for (Waiter &waiter : std::exchange(waiters, {}))
        answerWith(waiter, credential.accessToken);
}

} // namespace kirotray
