// SPDX-License-Identifier: MIT
#include "app/accounts/accountintake.h"

#include <QPointer>

#include <algorithm>
#include <memory>

namespace kirotray {

namespace {

void keepWhereSilent(QString &found, const QString &known)
{
    if (found.isEmpty())
        found = known;
}

/// What the service tells of an account; a source that says nothing takes nothing away.
void keepFacts(Account &account, const Account &known)
{
    for (QString Account::*const field :
         {&Account::provider, &Account::email, &Account::userId, &Account::ssoRegion,
          &Account::apiRegion, &Account::startUrl, &Account::tokenEndpoint, &Account::issuerUrl,
          &Account::scopes, &Account::importedFrom})
        keepWhereSilent(account.*field, known.*field);
    if (account.profileArn.isEmpty() || known.profileSource == u"user") {
        account.profileArn = known.profileArn;
        account.profileSource = known.profileSource;
    }
}

/// What the user settled here, and what never changes.
void keepChoices(Account &account, const Account &known)
{
    account.id = known.id;
    account.machineId = known.machineId;
    account.createdAt = known.createdAt;
    account.label = known.label;
    account.priority = known.priority;
    account.group = known.group;
    account.tags = known.tags;
    account.enabled = known.enabled;
    account.description = known.description;
    account.writesBack = known.writesBack;
    account.stopsBeforeOverage = known.stopsBeforeOverage;
    account.proxy = known.proxy;
}

/// Only we can have rotated the token that we took from there. The same id is an export of ours,
/// whose token may be an old one by now: it is only wanted when ours no longer works.
bool keepsOurs(const Account &account, const Account &known)
{
    const bool sameToken =
        !account.fingerprint.isEmpty() && known.fingerprint == account.fingerprint;
    return sameToken || (account.id == known.id && known.problem != AccountProblem::SignInNeeded);
}

/// Where our credential comes from and where it is renewed.
void keepLineage(Account &account, const Account &known)
{
    account.fingerprint = known.fingerprint;
    account.tokenEndpoint = known.tokenEndpoint;
    account.issuerUrl = known.issuerUrl;
    account.scopes = known.scopes;
}

IntakeEntry plannedEntry(ImportedAccount imported, const Account *known)
{
    IntakeEntry entry {std::move(imported)};
    Account &account = entry.imported.account;
    account.registrationEndsAt = entry.imported.credential.clientSecretExpiresAt;
    if (known == nullptr)
        return entry;
    entry.isNew = false;
    entry.keepsCredential = keepsOurs(account, *known);
    if (entry.keepsCredential)
        keepLineage(account, *known);
    keepChoices(account, *known);
    keepFacts(account, *known);
    account.problem = entry.keepsCredential ? known->problem : AccountProblem::None;
    account.note = entry.keepsCredential ? known->note : QString();
    if (!account.registrationEndsAt.isValid() && entry.keepsCredential)
        account.registrationEndsAt = known->registrationEndsAt;
    return entry;
}

/// Of two credentials of one user the one that lasts longer; the later one when that is not told.
bool replacesEarlier(const Credential &later, const Credential &earlier)
{
    return !earlier.expiresAt.isValid() || !later.expiresAt.isValid()
        || later.expiresAt >= earlier.expiresAt;
}

/// The entry of the same user that is planned already.
std::vector<IntakeEntry>::iterator samePlanned(std::vector<IntakeEntry> &entries,
                                               const ImportedAccount &imported,
                                               const Account *known)
{
    if (known != nullptr) {
        const auto same = std::find_if(entries.begin(), entries.end(), [known](const auto &entry) {
            return entry.imported.account.id == known->id;
        });
        if (same != entries.end())
            return same;
    }
    return std::find_if(entries.begin(), entries.end(), [&imported](const IntakeEntry &entry) {
        return sameUser({entry.imported.account}, imported) != nullptr;
    });
}

const Account *accountOf(const std::vector<Account> &known, const AccountId &id)
{
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&id](const Account &account) { return account.id == id; });
    return found == known.end() ? nullptr : &*found;
}

} // namespace

std::vector<IntakeEntry> planIntake(const std::vector<Account> &known,
                                    std::vector<ImportedAccount> found)
{
    std::vector<IntakeEntry> entries;
    for (std::size_t at = 0; at < found.size(); ++at) {
        ImportedAccount &imported = found[at];
        const Account *account = sameUser(known, imported);
        const auto same = samePlanned(entries, imported, account);
        if (same == entries.end()) {
            entries.push_back(plannedEntry(std::move(imported), account));
            entries.back().foundAt = at;
            continue;
        }
        if (!replacesEarlier(imported.credential, same->imported.credential))
            continue;
        if (account == nullptr)
            account = accountOf(known, same->imported.account.id);
        *same = plannedEntry(std::move(imported), account);
        same->foundAt = at;
    }
    return entries;
}

AccountIntake::AccountIntake(AccountStore &store, TokenKeeper &keeper,
                             std::vector<IntakeEntry> entries, QObject *parent, Callback done)
    : QObject(parent)
    , m_store(store)
    , m_keeper(keeper)
    , m_done(std::move(done))
    , m_entries(std::move(entries))
{
}

void AccountIntake::start()
{
    QMetaObject::invokeMethod(this, &AccountIntake::storeNext, Qt::QueuedConnection);
}

void AccountIntake::storeNext()
{
    for (; m_next < m_entries.size() && m_entries[m_next].keepsCredential; ++m_next) {
        if (m_store.find(m_entries[m_next].imported.account.id) != nullptr)
            continue;
        // Without its account there is no credential to keep.
        undo({Error::Code::BadInput, u"an account was removed meanwhile: try again"_s});
        return;
    }
    if (m_next == m_entries.size()) {
        putAccounts();
        return;
    }
    const ImportedAccount &imported = m_entries[m_next].imported;
    m_keeper.store(imported.account.id, imported.credential, this,
                   [this](const Result<Done> &stored) {
                       if (!stored) {
                           undo(stored.error());
                           return;
                       }
                       ++m_next;
                       storeNext();
                   });
}

void AccountIntake::putAccounts()
{
    Outcome outcome;
    for (const IntakeEntry &entry : m_entries) {
        const Account &account = entry.imported.account;
        if (const Account *before = m_store.find(account.id))
            m_replaced.push_back(*before);
        if (const Result<Done> put = m_store.put(account); !put) {
            undo(put.error());
            return;
        }
        ++(entry.isNew ? outcome.added : outcome.updated);
        outcome.ids.push_back(account.id);
    }
    conclude(outcome);
}

void AccountIntake::undo(const Error &error)
{
    for (const Account &account : m_replaced)
        (void)m_store.put(account); // the first error is the one to report
    // The last one to give up its reference concludes, so that nothing is left behind when the
    // program ends right after.
    const std::shared_ptr<void> last(nullptr, [guard = QPointer(this), error](void *) {
        if (guard)
            guard->conclude(error);
    });
    for (std::size_t i = 0; i < m_next; ++i) {
        const IntakeEntry &entry = m_entries[i];
        if (!entry.isNew || entry.keepsCredential)
            continue;
        const AccountId id = entry.imported.account.id;
        if (m_store.find(id) != nullptr)
            (void)m_store.remove(id);
        m_keeper.forget(id, this, [last](const Result<Done> &) {});
    }
}

void AccountIntake::conclude(const Result<Outcome> &outcome)
{
    deleteLater();
    std::exchange(m_done, {})(outcome);
}

} // namespace kirotray
