// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/usagekeeper.h"
#include "app/kiro/controlcalls.h"

#include <QObject>

#include <functional>

namespace kirotray {

struct CompletionOutcome
{
    AccountId id; ///< the account that stayed, when two turned out to be the same user
    std::vector<KiroProfile> profiles; ///< more than one: the user may choose another
    bool merged = false; ///< into an account that was there before
    std::vector<Error> problems; ///< what could not be learnt; the account is kept all the same
};

/// Learns what a sign-in or an import does not tell: profile ARN by the rules of kiro-protocol §1.6
/// (API keys by GetProfile, §4.7), region from the ARN, usage with e-mail and user id, end of the
/// registration. Two accounts that turn out to be the same user (same provider and user id, or
/// e-mail) become one: the newer credential under the older id. Deletes itself when done; `done`
/// once, never after `parent` is gone. Main thread.
class AccountCompletion : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(const CompletionOutcome &)>;
    struct Services
    {
        AccountStore &store;
        TokenKeeper &tokens;
        ControlCalls &calls;
        UsageKeeper &usage;
    };
    AccountCompletion(Services services, const AccountId &id, QObject *parent, Callback done);
    ~AccountCompletion() override;
    void start();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
