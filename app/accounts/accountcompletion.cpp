// SPDX-License-Identifier: MIT
#include "app/accounts/accountcompletion.h"

#include "app/accounts/completionrules.h"
#include "app/base/log.h"

namespace kirotray {

namespace {

Error completionProblem(const QString &what)
{
    return {Error::Code::Upstream, what};
}

} // namespace

/// The steps, each from the answer of the one before: token, profile, usage, merging. One that
/// fails is noted, and the next one follows where it can.
class AccountCompletion::Private
{
public:
    Private(AccountCompletion *completion, Services services, const AccountId &id, Callback done)
        : q(completion)
        , m_services(services)
        , m_done(std::move(done))
    {
        m_outcome.id = id;
    }

    void askToken();
    void askProfiles(const Account &account, const Secret &token);
    void takeProfiles(const Result<std::vector<KiroProfile>> &found);
    void askUsage();
    void takeUsage(const Result<Quota> &quota);
    void merge();
    void handOver(const Account &older, const Account &newer);
    void drop(const Account &older, const Account &dead);
    void merged(const Account &older, const Account &newer, const Result<Done> &result);
    void put(const Account &account);
    void finish();
    const Account *account() const { return m_services.store.find(m_outcome.id); }

private:
    AccountCompletion *q;
    Services m_services;
    Callback m_done;
    CompletionOutcome m_outcome;
};

void AccountCompletion::Private::askToken()
{
    if (account() == nullptr) {
        m_outcome.problems.push_back(
            {Error::Code::BadInput, u"unknown account"_s, m_outcome.id.value});
        finish();
        return;
    }
    m_services.tokens.token(m_outcome.id, {}, q, [this](const Result<Secret> &token) {
        const Account *found = account();
        if (!token || found == nullptr) {
            if (!token)
                m_outcome.problems.push_back(token.error());
            finish();
        } else if (completion::needsProfile(*found)) {
            askProfiles(*found, token.value());
        } else {
            askUsage();
        }
    });
}

void AccountCompletion::Private::askProfiles(const Account &account, const Secret &token)
{
    m_services.calls.profiles(
        identityOf(account, token), q,
        [this](const Result<std::vector<KiroProfile>> &found) { takeProfiles(found); });
}

void AccountCompletion::Private::takeProfiles(const Result<std::vector<KiroProfile>> &found)
{
    const Account *known = account();
    if (known == nullptr) {
        finish();
        return;
    }
    if (!found) {
        m_outcome.problems.push_back(found.error());
        askUsage();
        return;
    }
    m_outcome.profiles = found.value();
    const KiroProfile *chosen = completion::chosenProfile(*known, m_outcome.profiles);
    if (chosen == nullptr) {
        m_outcome.problems.push_back(
            completionProblem(m_outcome.profiles.empty()
                                  ? u"the account has no Kiro profile: it may lack a subscription"_s
                                  : u"none of the account's profiles is active"_s));
    } else if (chosen->arn != known->profileArn || known->profileSource.isEmpty()) {
        Account updated = *known;
        updated.profileArn = chosen->arn;
        updated.profileSource = u"list"_s;
        put(updated);
    }
    askUsage();
}

void AccountCompletion::Private::askUsage()
{
    m_services.usage.read(m_outcome.id, q,
                          [this](const Result<Quota> &quota) { takeUsage(quota); });
}

void AccountCompletion::Private::takeUsage(const Result<Quota> &quota)
{
    if (!quota)
        m_outcome.problems.push_back(quota.error());
    const Account *known = account();
    if (known != nullptr && quota && quota.value().usage) {
        Account updated = *known;
        completion::takeUser(updated, *quota.value().usage);
        if (updated != *known)
            put(updated);
        merge();
        return;
    }
    finish();
}

/// The account that was made last has the newer credential, unless it no longer works.
void AccountCompletion::Private::merge()
{
    const Account *known = account();
    const Account *other =
        known == nullptr ? nullptr : completion::otherOfUser(m_services.store.accounts(), *known);
    if (other == nullptr) {
        finish();
        return;
    }
    if (known->createdAt > other->createdAt) {
        handOver(*other, *known);
        return;
    }
    m_services.tokens.token(other->id, {}, q,
                            [this, older = *known, newer = *other](const Result<Secret> &token) {
                                if (token)
                                    handOver(older, newer);
                                else if (token.error().code == Error::Code::Unauthorized)
                                    drop(older, newer);
                                else
                                    merged(older, newer, token.error());
                            });
}

void AccountCompletion::Private::handOver(const Account &older, const Account &newer)
{
    m_services.tokens.handOver(
        newer.id, older.id, q,
        [this, older, newer](const Result<Done> &result) { merged(older, newer, result); });
}

/// Its credential is dead: nothing of it is worth keeping.
void AccountCompletion::Private::drop(const Account &older, const Account &dead)
{
    if (const Result<Done> removed = m_services.store.remove(dead.id); !removed) {
        merged(older, dead, removed);
        return;
    }
    m_services.tokens.forget(dead.id, q, [this, older](const Result<Done> &) {
        m_outcome.id = older.id;
        m_outcome.merged = true;
        merge();
    });
}

void AccountCompletion::Private::merged(const Account &older, const Account &newer,
                                        const Result<Done> &result)
{
    if (!result) {
        m_outcome.problems.push_back(result.error());
        finish();
        return;
    }
    qCInfo(logAccounts).noquote() << "same user, merged account=" << newer.id.value
                                  << "into=" << older.id.value;
    m_outcome.id = older.id;
    m_outcome.merged = true;
    if (account() != nullptr)
        put(completion::mergedAccount(older, newer));
    merge(); // there may be more than two
}

void AccountCompletion::Private::put(const Account &account)
{
    if (const Result<Done> stored = m_services.store.put(account); !stored)
        m_outcome.problems.push_back(stored.error());
}

void AccountCompletion::Private::finish()
{
    q->deleteLater();
    m_done(m_outcome);
}

AccountCompletion::AccountCompletion(Services services, const AccountId &id, QObject *parent,
                                     Callback done)
    : QObject(parent)
    , d(std::make_unique<Private>(this, services, id, std::move(done)))
{
}

AccountCompletion::~AccountCompletion() = default;

void AccountCompletion::start()
{
    QMetaObject::invokeMethod(
        this, [this] { d->askToken(); }, Qt::QueuedConnection);
}

} // namespace kirotray
