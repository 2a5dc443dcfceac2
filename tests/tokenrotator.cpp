// SPDX-License-Identifier: MIT
// Renews the token of one account over and over, for tst_tokenkill, which kills it at any instant.
//   tokenrotator <folder> <simulator> <account> <passphrase>
// The folder holds accounts.json and vault.bin. Prints one line for each step:
//   open <fingerprint>     what the vault holds at the start
//   stored <fingerprint>   what it holds after a renewal; the new access token was given out
//   failed <why>           then it ends with 1
#include "app/accounts/accountstore.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/vault.h"
#include "app/kiro/controlcalls.h"

#include <QCoreApplication>
#include <QDir>

#include <cstdio>

namespace {

using namespace kirotray;

void say(const char *what, const QString &more)
{
    std::printf("%s %s\n", what, qPrintable(more));
    std::fflush(stdout);
}

class Rotator : public QObject
{
public:
    Rotator(const QString &folder, const QString &simulator, const QString &account)
        : m_store(QDir(folder).filePath(u"accounts.json"_s))
        , m_id {account}
    {
        auto tables = std::make_shared<KiroTables>(*loadKiroTables({}).tables);
        tables->endpoints.socialAuth = {simulator};
        tables->endpoints.control = {simulator};
        m_calls = std::make_unique<ControlCalls>(m_http, tables);
        m_file = QDir(folder).filePath(u"vault.bin"_s);
    }

    void start(const Secret &passphrase)
    {
        if (const Result<Done> loaded = m_store.load(); !loaded)
            return fail(loaded.error());
        Result<std::unique_ptr<Vault>> vault = openFileVault(m_file, passphrase);
        if (!vault)
            return fail(vault.error());
        m_vault = std::move(vault).value();
        m_keeper = std::make_unique<TokenKeeper>(m_store, *m_vault, *m_calls);
        tellWhatIsStored("open", [this] { renew(); });
    }

private:
    void fail(const Error &error)
    {
        say("failed", describe(error));
        QCoreApplication::exit(1);
    }

    void tellWhatIsStored(const char *word, const std::function<void()> &then)
    {
        m_vault->read(vaultKey(m_id), this, [this, word, then](const Result<Secret> &text) {
            const Result<Credential> credential =
                text ? parseCredential(text.value()) : Result<Credential>(text.error());
            if (!credential)
                return fail(credential.error());
            say(word, fingerprintOf(credential.value()));
            then();
        });
    }

    void renew()
    {
        m_keeper->refresh(m_id, this, [this](const Result<Done> &done) {
            if (!done)
                return fail(done.error());
            tellWhatIsStored("stored", [this] { use(); });
        });
    }

    /// From here on the service takes the old token no more.
    void use()
    {
        m_keeper->token(m_id, {}, this, [this](const Result<Secret> &token) {
            if (!token)
                return fail(token.error());
            m_calls->usage(identityOf(*m_store.find(m_id), token.value()), this,
                           [this](const Result<UsageSummary> &usage) {
                               if (!usage)
                                   return fail(usage.error());
                               renew();
                           });
        });
    }

    AccountStore m_store;
    AccountId m_id;
    QString m_file;
    HttpClient m_http;
    std::unique_ptr<ControlCalls> m_calls;
    std::unique_ptr<Vault> m_vault;
    std::unique_ptr<TokenKeeper> m_keeper;
};

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication program(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 5)
        return 2;
    Rotator rotator(arguments[1], arguments[2], arguments[3]);
    QMetaObject::invokeMethod(
        &rotator, [&] { rotator.start(Secret(arguments[4].toUtf8())); }, Qt::QueuedConnection);
    return QCoreApplication::exec();
}
