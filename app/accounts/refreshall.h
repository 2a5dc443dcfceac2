// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/pendinganswer.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/tokenrenewal.h"

#include <QTimer>

#include <deque>
#include <vector>

namespace kirotray {

/// Renews accounts because a person asked, one started after the other and limits::RefreshStagger
/// apart. Who asks meanwhile gets the same outcomes. Main thread.
class RefreshAll : public QObject
{
public:
    using Outcomes = std::vector<RefreshOutcome>;
    explicit RefreshAll(TokenRenewal &renewal);

    void ask(const std::vector<AccountId> &ids, PendingAnswer<Outcomes> answer);

private:
    void next();
    void finish(const AccountId &id, const Result<Secret> &token);
    void answerWhenDone();

    TokenRenewal &m_renewal;
    QTimer m_stagger;
    std::deque<AccountId> m_left;
    std::size_t m_running = 0;
    Outcomes m_outcomes;
    std::vector<PendingAnswer<Outcomes>> m_waiters;
};

} // namespace kirotray
