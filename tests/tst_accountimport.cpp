// SPDX-License-Identifier: MIT
#include "app/accounts/accountimport.h"
#include "tests/tokenkeeperbench.h"

#include <QFile>
#include <QTest>

using namespace kirotray;

/// Importing over a keeper and a vault that can refuse.
class TstAccountImport : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void takesEveryEntryWithItsSecret();
    void aSecondImportUpdatesAndKeepsARotatedToken();
    void aNewTokenOfAKnownUserReplacesTheOldOne();
    void aRefusedSecretTakesNothingOfItsFile();
    void anUnwritableListLeavesNoSecretBehind();
    void aBadFileDoesNotStopTheNext();

private:
    QString write(const QString &name, const QByteArray &json);
    std::vector<ImportOutcome> import(const QStringList &files);
    static QByteArray entry(const QByteArray &refresh, const QByteArray &email)
    {
        return "{\"refreshToken\":\"" + refresh + "\",\"authMethod\":\"social\",\"email\":\""
            + email + "\"}";
    }
};

QString TstAccountImport::write(const QString &name, const QByteArray &json)
{
    QFile file(m_folder->filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(json) == json.size() ? file.fileName()
                                                                              : QString();
}

std::vector<ImportOutcome> TstAccountImport::import(const QStringList &files)
{
    std::optional<std::vector<ImportOutcome>> outcomes;
    auto *import =
        new AccountImport(*m_store, *m_keeper, files, this,
                          [&](const std::vector<ImportOutcome> &all) { outcomes = all; });
    import->start();
    return QTest::qWaitFor([&] { return outcomes.has_value(); }) ? *outcomes
                                                                 : std::vector<ImportOutcome>();
}

void TstAccountImport::takesEveryEntryWithItsSecret()
{
    startKeeper();
    const QString file = write(u"two.json"_s,
                               '[' + entry("aorONE", "a@example.com") + ','
                                   + entry("aorTWO", "b@example.com") + ']');
    const auto outcomes = import({file});
    QCOMPARE(outcomes.size(), std::size_t(1));
    QVERIFY(!outcomes.front().error);
    QCOMPARE(outcomes.front().added, 2);
    QCOMPARE(m_store->accounts().size(), std::size_t(2));
    for (const Account &account : m_store->accounts()) {
        QVERIFY(stored(account).refreshToken.reveal().startsWith("aor"));
        QCOMPARE(account.machineId.size(), 64);
    }
}

void TstAccountImport::aSecondImportUpdatesAndKeepsARotatedToken()
{
    startKeeper();
    const QString file = write(u"one.json"_s, entry("aorONE", "a@example.com"));
    import({file});
    const Account account = m_store->accounts().front();
    Credential rotated = stored(account);
    rotated.refreshToken = Secret("aorROTATED");
    keep(account, rotated);
    const auto outcomes = import({file});
    QCOMPARE(outcomes.front().added, 0);
    QCOMPARE(outcomes.front().updated, 1);
    QCOMPARE(m_store->accounts().size(), std::size_t(1));
    QCOMPARE(m_store->accounts().front().machineId, account.machineId);
    QCOMPARE(stored(account).refreshToken.reveal(), QByteArray("aorROTATED"));
}

void TstAccountImport::aNewTokenOfAKnownUserReplacesTheOldOne()
{
    startKeeper();
    import({write(u"one.json"_s, entry("aorONE", "a@example.com"))});
    const auto outcomes = import({write(u"new.json"_s, entry("aorNEWER", "a@example.com"))});
    QCOMPARE(outcomes.front().updated, 1);
    QCOMPARE(m_store->accounts().size(), std::size_t(1));
    QCOMPARE(stored(m_store->accounts().front()).refreshToken.reveal(), QByteArray("aorNEWER"));
}

void TstAccountImport::aRefusedSecretTakesNothingOfItsFile()
{
    startKeeper();
    m_vault->failWrites(true);
    const auto outcomes = import({write(u"one.json"_s, entry("aorONE", "a@example.com"))});
    QVERIFY(outcomes.front().error);
    QCOMPARE(outcomes.front().error->code, Error::Code::Storage);
    QCOMPARE(outcomes.front().added, 0);
    QVERIFY(m_store->accounts().empty());
    QVERIFY(m_storage->items.empty());
}

void TstAccountImport::anUnwritableListLeavesNoSecretBehind()
{
    startKeeper();
    const QString file = write(u"one.json"_s, entry("aorONE", "a@example.com"));
    // A list in a folder that nobody can make, not even root.
    m_keeper.reset();
    m_store = std::make_unique<AccountStore>(u"/proc/kirotray/accounts.json"_s);
    m_keeper = std::make_unique<TokenKeeper>(*m_store, *m_vault, *m_calls);
    const auto outcomes = import({file});
    QVERIFY(outcomes.front().error);
    QCOMPARE(outcomes.front().added, 0);
    QVERIFY(m_storage->items.empty());
}

void TstAccountImport::aBadFileDoesNotStopTheNext()
{
    startKeeper();
    const auto outcomes =
        import({write(u"bad.json"_s, "{\"refreshToken\":5}"), m_folder->filePath(u"absent.json"_s),
                write(u"good.json"_s, entry("aorONE", "a@example.com"))});
    QCOMPARE(outcomes.size(), std::size_t(3));
    QVERIFY(outcomes[0].error && outcomes[1].error && !outcomes[2].error);
    QVERIFY(!describe(*outcomes[0].error).contains(u"aor"));
    QCOMPARE(m_store->accounts().size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(TstAccountImport)
#include "tst_accountimport.moc"
