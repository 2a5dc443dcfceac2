// SPDX-License-Identifier: MIT
#include "app/accounts/registrationwarnings.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

namespace {

QString registrationSentence(const Account &account, const QDateTime &now)
{
    const QString date = account.registrationEndsAt.date().toString(Qt::ISODate);
    if (account.registrationEndsAt <= now)
        return u"%1: the registration ended on %2; sign in again before the token ends"_s.arg(
            account.label, date);
    const qint64 days = now.daysTo(account.registrationEndsAt);
    const QString left = days < 1 ? u"today"_s
        : days == 1               ? u"in one day"_s
                                  : u"in %1 days"_s.arg(days);
    return u"%1: the registration ends %2, on %3; sign in again before"_s.arg(account.label, left,
                                                                              date);
}

} // namespace

std::vector<RegistrationWarning> registrationWarnings(const std::vector<Account> &accounts,
                                                      const QDateTime &now)
{
    const QDateTime horizon =
        now.addSecs(std::chrono::seconds(limits::RegistrationWarning).count());
    std::vector<RegistrationWarning> warnings;
    for (const Account &account : accounts) {
        const QDateTime &ends = account.registrationEndsAt;
        if (!isUsable(account) || !ends.isValid() || ends > horizon)
            continue;
        warnings.push_back({account.id, ends, ends <= now, registrationSentence(account, now)});
    }
    std::stable_sort(warnings.begin(), warnings.end(),
                     [](const auto &a, const auto &b) { return a.endsAt < b.endsAt; });
    return warnings;
}

} // namespace kirotray
