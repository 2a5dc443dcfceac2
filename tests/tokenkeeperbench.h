// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/tokenkeeper.h"
#include "tests/fakepeer.h"
#include "tests/scriptedvault.h"

#include <QTemporaryDir>

#include <chrono>
#include <memory>
#include <optional>

namespace kirotray {

using namespace std::chrono_literals;

/// TokenKeeper over real calls to a scripted peer; the tests of its parts derive from this. The
/// storage of a test outlives the keeper, so that a keeper can "crash" and a new one start on what
/// is left.
class TokenKeeperBench : public QObject
{
    Q_OBJECT

protected slots:
    void init();
    void cleanup();

protected:
    using Answer = std::optional<Result<Secret>>;

    static constexpr auto Valid = 3600s;
    static constexpr auto Expired = -60s;

    void startKeeper();
    Account addAccount(std::chrono::seconds life, AccountKind kind = AccountKind::Social);
    void keep(const Account &account, const Credential &credential)
    {
        m_storage->items[vaultKey(account.id)] = serialise(credential);
    }
    Credential stored(const Account &account) const
    {
        const Result<Credential> read = parseCredential(m_storage->items.at(vaultKey(account.id)));
        return read ? read.value() : Credential {};
    }
    std::shared_ptr<Answer> ask(const Account &account, const Secret &rejected = {});
    QByteArray askAndWait(const Account &account, const Secret &rejected = {});
    static QByteArray textOf(const Answer &answer);
    static PeerScript grant(const QByteArray &access, const QByteArray &refresh = "aorNEW",
                            const QByteArray &more = {});
    static PeerScript invalidGrant();
    void writeTokenFile(const QByteArray &access, const QByteArray &refresh,
                        std::chrono::seconds life, const QByteArray &provider = "Google");
    QByteArray sentRefreshToken(int request) const;
    QString tokenFile() const { return m_folder->filePath(u"token.json"_s); }
    QString noteOf(const Account &account) const { return m_store->find(account.id)->note; }

    QDateTime m_now;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FakePeer> m_peer;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<ControlCalls> m_calls;
    std::unique_ptr<AccountStore> m_store;
    std::shared_ptr<VaultStorage> m_storage;
    std::unique_ptr<ScriptedVault> m_vault;
    std::unique_ptr<TokenKeeper> m_keeper;
};

} // namespace kirotray
