// SPDX-License-Identifier: MIT
#include "app/accounts/tokenentry.h"

#include <utility>

namespace kirotray {

bool TokenEntry::lastsBeyond(const QDateTime &until) const
{
    return !credential.accessToken.isEmpty() && !refused && credential.expiresAt.isValid()
        && credential.expiresAt > until;
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
    if (usable)
        serveRenewed();
}

void TokenEntry::fail(const Error &error, const QDateTime &until)
{
    if (lastsBeyond(until)) {
        serveRenewed();
        return;
    }
    for (Waiter &waiter : std::exchange(waiters, {}))
        waiter.answer.give(error);
}

void TokenEntry::serveRenewed()
{
    for (Waiter &waiter : std::exchange(waiters, {})) {
        if (waiter.rejected == credential.accessToken)
            waiter.answer.give(
                Error {Error::Code::Upstream, u"the renewed token is the old one"_s});
        else
            waiter.answer.give(credential.accessToken);
    }
}

} // namespace kirotray
