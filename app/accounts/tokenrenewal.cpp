// SPDX-License-Identifier: MIT
#include "app/accounts/tokenrenewal.h"

#include "app/accounts/importer.h"
#include "app/base/limits.h"
#include "app/base/log.h"

#include <algorithm>
#include <memory>

namespace kirotray {

namespace {

constexpr QLatin1StringView SignInNote = "sign in again: "_L1;

qint64 renewalMs(std::chrono::milliseconds duration)
{
    return duration.count();
}

} // namespace

TokenRenewal::TokenRenewal(AccountStore &store, Vault &vault, ControlCalls &calls,
                           std::function<QDateTime()> clock)
    : m_store(store)
    , m_vault(vault)
    , m_calls(calls)
    , m_clock(std::move(clock))
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &TokenRenewal::storeUnsaved);
}

TokenRenewal::~TokenRenewal()
{
    // The last chance for what could not be stored so far; the vault carries it out by itself.
    for (const auto &[id, entry] : m_entries) {
        if (entry.unsaved && entry.storing == 0)
            m_vault.write(vaultKey(id), serialise(entry.credential), &m_vault, [](auto) {});
    }
}

/// A token's end was set by the clock of then. Where the clock is put back, waiting for that end
/// would mean not to renew in time; what is left of its life is what counts.
QDateTime TokenRenewal::now() const
{
    const QDateTime time = m_clock();
    const qint64 back = m_latest.isValid() ? m_latest.msecsTo(time) : 0;
    const bool isPutBack = back < -renewalMs(limits::WakeGap);
    if (isPutBack) {
        qCWarning(logAccounts).noquote() << "the clock was put back seconds=" << -back / 1000;
        for (auto &[id, entry] : m_entries)
            entry.moveTimes(back);
    }
    if (isPutBack || !m_latest.isValid() || time > m_latest)
        m_latest = time;
    return time;
}

void TokenRenewal::store(const AccountId &id, const Credential &credential,
                         PendingAnswer<Done> done)
{
    ++m_entries[id].storing;
    const auto answer = std::make_shared<PendingAnswer<Done>>(std::move(done));
    m_vault.write(vaultKey(id), serialise(credential), this,
                  [this, id, credential, answer](const Result<Done> &result) {
                      stored(id, credential, result);
                      answer->give(result);
                  });
}

void TokenRenewal::forget(const AccountId &id)
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return;
    const Error removed {Error::Code::BadInput, u"the account was removed"_s, id.value};
    for (TokenEntry::Waiter &waiter : found->second.waiters)
        waiter.answer.give(removed);
    m_entries.erase(found);
    if (!isBusy())
        emit settled();
}

void TokenRenewal::ask(const AccountId &id, const Secret &rejected, PendingAnswer<Secret> answer)
{
    m_entries[id].waiters.push_back({rejected, std::move(answer)});
    proceed(id);
}

void TokenRenewal::renew(const AccountId &id, PendingAnswer<Secret> answer)
{
    const Account *account = m_store.find(id);
    if (account != nullptr && account->kind == AccountKind::ApiKey) {
        answer.give(Error {Error::Code::BadInput, u"an API key is not renewed"_s, id.value});
        return;
    }
    m_entries[id].waiters.push_back({{}, std::move(answer), true});
    proceed(id);
}

void TokenRenewal::endNetworkPauses()
{
    for (auto &[id, entry] : m_entries) {
        if (std::exchange(entry.isNetworkPause, false))
            entry.pausedUntil = {};
    }
}

void TokenRenewal::renewIfDue(const AccountId &id)
{
    const Account *account = m_store.find(id);
    TokenEntry &entry = m_entries[id];
    if (account != nullptr && entry.flight == 0 && entry.storing == 0 && entry.dead)
        continueFromFile(Account(*account), entry);
    else
        proceed(id);
}

bool TokenRenewal::isDue(const AccountId &id) const
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return true;
    const TokenEntry &entry = found->second;
    return entry.flight == 0 && entry.storing == 0
        && !entry.lastsBeyond(now().addMSecs(renewalMs(limits::RefreshAhead)));
}

bool TokenRenewal::isBusy() const
{
    return std::any_of(m_entries.begin(), m_entries.end(), [](const auto &item) {
        return item.second.flight != 0 || item.second.storing > 0;
    });
}

TokenEntry *TokenRenewal::inFlight(const AccountId &id, quint64 flight)
{
    const auto found = m_entries.find(id);
    return found == m_entries.end() || found->second.flight != flight ? nullptr : &found->second;
}

void TokenRenewal::endFlight(TokenEntry &entry)
{
    entry.flight = 0;
    if (!isBusy())
        emit settled();
}

bool TokenRenewal::isWanted(const Account &account, const TokenEntry &entry) const
{
    if (!entry.waiters.empty())
        return true;
    const QDateTime time = now();
    return account.enabled && account.kind != AccountKind::ApiKey && !entry.dead
        && !entry.lastsBeyond(time.addMSecs(renewalMs(limits::RefreshAhead)))
        && (!entry.pausedUntil.isValid() || entry.pausedUntil <= time);
}

void TokenRenewal::proceed(const AccountId &wanted)
{
    const AccountId id = wanted; // the caller's may lie in the store, which changes on the way
    TokenEntry &entry = m_entries[id];
    const Account *account = m_store.find(id);
    if (account == nullptr) {
        entry.fail({Error::Code::BadInput, u"unknown account"_s, id.value}, now());
        return;
    }
    const bool isKey = account->kind == AccountKind::ApiKey;
    if (entry.known)
        entry.serve(now().addMSecs(renewalMs(limits::TokenMinLife)), isKey);
    if (entry.flight != 0 || entry.storing > 0 || (entry.known && !isWanted(*account, entry)))
        return;
    if (!entry.known)
        load(id, entry);
    else if (isKey)
        declareDead(id, entry, u"the API key was refused"_s);
    else if (entry.credential.refreshToken.isEmpty() || (entry.dead && !entry.isForced()))
        readFileAgain(id, entry, u"there is no refresh token that works"_s);
    else if (!entry.dead || !continueFromFile(Account(*account), entry))
        refresh(Account(*account), entry, entry.credential, {});
}

void TokenRenewal::load(const AccountId &id, TokenEntry &entry)
{
    entry.flight = ++m_lastFlight;
    m_vault.read(vaultKey(id), this, [this, id, flight = entry.flight](const Result<Secret> &text) {
        if (TokenEntry *waiting = inFlight(id, flight))
            loaded(id, *waiting, text);
    });
}

void TokenRenewal::loaded(const AccountId &id, TokenEntry &entry, const Result<Secret> &text)
{
    entry.flight = 0;
    const bool missing = !text && text.error().code == Error::Code::BadInput;
    if (!text && !missing) {
        postpone(entry, text.error());
        return;
    }
    // Missing or damaged is an empty credential: only a sign-in, or the file it was imported from,
    // helps.
    const Result<Credential> credential =
        text ? parseCredential(text.value()) : Result<Credential>(Credential {});
    if (!credential)
        qCWarning(logAccounts).noquote()
            << "credential unreadable account=" << id.value << describe(credential.error());
    entry.adopt(credential ? credential.value() : Credential {});
    proceed(id);
    if (!isBusy())
        emit settled();
}

void TokenRenewal::refresh(const Account &account, TokenEntry &entry, const Credential &from,
                           const QString &fingerprint)
{
    entry.flight = ++m_lastFlight;
    RefreshInput input;
    input.identity = identityOf(account, from.accessToken);
    input.refreshToken = from.refreshToken;
    input.clientId = from.clientId;
    input.clientSecret = from.clientSecret;
    input.tokenEndpoint = account.tokenEndpoint;
    input.scopes = account.scopes;
    const Renewal base {from, {}, fingerprint};
    m_calls.refresh(
        input, this,
        [this, id = account.id, flight = entry.flight, base](const Result<TokenGrant> &grant) {
            if (TokenEntry *waiting = inFlight(id, flight))
                refreshed(id, *waiting, base, grant);
        });
}

void TokenRenewal::refreshed(const AccountId &id, TokenEntry &entry, const Renewal &base,
                             const Result<TokenGrant> &grant)
{
    if (!grant) {
        if (grant.error().code == Error::Code::Unauthorized) {
            readFileAgain(id, entry, grant.error().what);
            return;
        }
        entry.triedFingerprint.clear(); // it was not the token's fault
        postpone(entry, grant.error());
        return;
    }
    Renewal renewal = base;
    renewal.replaced = base.credential.refreshToken;
    renewal.profileArn = grant.value().profileArn;
    renewal.credential.accessToken = grant.value().accessToken;
    renewal.credential.expiresAt = grant.value().expiresAt;
    if (!grant.value().refreshToken.isEmpty())
        renewal.credential.refreshToken = grant.value().refreshToken;
    if (entry.storing > 0)
        entry.held = renewal.credential; // a person signs in at this very moment: that one counts
    else
        save(id, renewal);
}

void TokenRenewal::save(const AccountId &id, const Renewal &renewal)
{
    TokenEntry &entry = m_entries[id];
    entry.unsaved = false; // an older one must not follow this one into the vault
    const quint64 flight = entry.flight;
    m_vault.write(vaultKey(id), serialise(renewal.credential), this,
                  [this, id, flight, renewal](const Result<Done> &result) {
                      if (TokenEntry *waiting = inFlight(id, flight))
                          saved(id, *waiting, renewal, result);
                  });
}

void TokenRenewal::saved(const AccountId &id, TokenEntry &entry, const Renewal &renewal,
                         const Result<Done> &result)
{
    entry.adopt(renewal.credential);
    entry.pausedUntil = now().addMSecs(renewalMs(limits::RefreshPause));
    if (!result) {
        // The old refresh token may be void already, so the new one is kept here and tried again.
        entry.unsaved = true;
        m_retry.start(limits::VaultRetry);
        qCWarning(logAccounts).noquote()
            << "renewed credential not stored, kept in memory account=" << id.value
            << describe(result.error());
    } else {
        qCInfo(logAccounts).noquote() << "token renewed account=" << id.value;
    }
    entry.serveRenewed();
    endFlight(entry);
    Renewal noted = renewal;
    if (isWrittenBack(id, renewal))
        noted.fingerprint = fingerprintOf(renewal.credential); // the file's token by now
    updateAccount(id, noted);
    emit tokenChanged(id);
}

void TokenRenewal::updateAccount(const AccountId &id, const Renewal &renewal)
{
    const Account *found = m_store.find(id);
    if (found == nullptr)
        return;
    Account account = *found;
    if (account.problem == AccountProblem::SignInNeeded) {
        account.problem = AccountProblem::None;
        account.note.clear();
    }
    if (!renewal.fingerprint.isEmpty())
        account.fingerprint = renewal.fingerprint;
    if (account.profileArn.isEmpty() && isProfileArn(renewal.profileArn)) {
        account.profileArn = renewal.profileArn;
        account.profileSource = u"login"_s;
    }
    if (const Result<Done> put = m_store.put(account); !put)
        qCWarning(logAccounts).noquote() << "account not updated" << describe(put.error());
}

void TokenRenewal::stored(const AccountId &id, const Credential &credential,
                          const Result<Done> &result)
{
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return; // forgotten meanwhile
    TokenEntry &entry = found->second;
    --entry.storing;
    const std::optional<Credential> held =
        entry.storing == 0 ? std::exchange(entry.held, std::nullopt) : std::nullopt;
    if (!result) {
        if (held)
            save(id, {*held, {}, {}});
        else
            proceed(id);
        if (!isBusy())
            emit settled();
        return;
    }
    entry.adopt(credential);
    entry.triedFingerprint.clear();
    entry.pausedUntil = {};
    entry.serveRenewed();
    endFlight(entry); // whatever was under way belongs to the old sign-in
    updateAccount(id, {});
    emit tokenChanged(id);
}

void TokenRenewal::readFileAgain(const AccountId &id, TokenEntry &entry, const QString &why)
{
    const Account *account = m_store.find(id);
    if (account == nullptr || !continueFromFile(Account(*account), entry))
        declareDead(id, entry, why);
}

/// The other program may have renewed its token: one try with what its file holds now.
bool TokenRenewal::continueFromFile(const Account &account, TokenEntry &entry)
{
    if (account.importedFrom.isEmpty())
        return false;
    const Result<std::vector<ImportedAccount>> found = importFile(account.importedFrom);
    if (!found)
        return false;
    const ImportedAccount *next = successorOf(account, m_store.accounts(), found.value());
    if (next == nullptr || next->account.fingerprint == entry.triedFingerprint
        || next->credential.refreshToken == entry.credential.refreshToken)
        return false;
    entry.triedFingerprint = next->account.fingerprint;
    const Credential &credential = next->credential;
    const auto refused = [&credential](const TokenEntry::Waiter &waiter) {
        return waiter.rejected == credential.accessToken;
    };
    const bool fresh = credential.expiresAt.isValid()
        && credential.expiresAt > now().addMSecs(renewalMs(limits::TokenMinLife))
        && std::none_of(entry.waiters.begin(), entry.waiters.end(), refused)
        && !credential.accessToken.isEmpty()
        && credential.accessToken != entry.credential.accessToken;
    if (!fresh) {
        refresh(account, entry, credential, next->account.fingerprint);
        return true;
    }
    // Its access token is good still: renewing would take the refresh token from that program.
    entry.flight = ++m_lastFlight;
    save(account.id, {credential, {}, next->account.fingerprint});
    return true;
}

void TokenRenewal::declareDead(const AccountId &id, TokenEntry &entry, const QString &why)
{
    const bool isNews = !std::exchange(entry.dead, true);
    entry.fail({Error::Code::Unauthorized, SignInNote + why, id.value}, now());
    endFlight(entry);
    if (!isNews)
        return;
    qCWarning(logAccounts).noquote() << "sign-in needed account=" << id.value << why;
    if (const Account *found = m_store.find(id)) {
        Account account = *found;
        account.problem = AccountProblem::SignInNeeded;
        account.note = SignInNote + why;
        if (const Result<Done> put = m_store.put(account); !put)
            qCWarning(logAccounts).noquote() << "account not updated" << describe(put.error());
    }
    emit signInNeeded(id, why);
}

/// Nothing is lost: the token may still be good, and the next one who asks tries again.
void TokenRenewal::postpone(TokenEntry &entry, const Error &error)
{
    qCWarning(logAccounts).noquote() << "token not renewed" << describe(error);
    entry.isNetworkPause = error.code == Error::Code::Network || error.code == Error::Code::Timeout;
    entry.pausedUntil = now().addMSecs(renewalMs(limits::RefreshPause));
    entry.fail(error, now());
    endFlight(entry);
}

void TokenRenewal::storeUnsaved()
{
    for (const auto &[id, entry] : m_entries) {
        if (!entry.unsaved || entry.storing > 0)
            continue;
        m_vault.write(vaultKey(id), serialise(entry.credential), this,
                      [this, id = id, written = entry.credential](const Result<Done> &result) {
                          const auto found = m_entries.find(id);
                          if (found == m_entries.end() || !(found->second.credential == written))
                              return;
                          found->second.unsaved = !result;
                          if (!result)
                              m_retry.start(limits::VaultRetry);
                      });
    }
}

} // namespace kirotray
