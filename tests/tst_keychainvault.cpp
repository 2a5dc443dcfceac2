// SPDX-License-Identifier: MIT
#include "app/accounts/itemvault.h"
#include "tests/fakeitems.h"
#include "tests/vaultanswers.h"

#include <QSignalSpy>

using namespace kirotray;
using namespace std::chrono_literals;

/// The keychain's vault: order, time limits and endings on a fake keychain; its errors without a
/// session bus; its round trip on a real keyring when with_keyring.sh provides one.
class TstKeychainVault : public QObject
{
    Q_OBJECT

private slots:
    void namesCarryTheService();
    void callsAreCarriedOutInOrder();
    void silentKeychainIsAnnouncedThenTimesOut();
    void lateAnswersKeepTheOrder();
    void endsEveryCallWhenDestroyed();
    void refusesATooLargeValueAtOnce();
    void withoutASessionBusTheErrorSaysSo();
    void realKeyringKeepsSecrets_data();
    void realKeyringKeepsSecrets();

private:
    using Keychain = std::shared_ptr<FakeKeychain>;
    static std::unique_ptr<ItemVault> vaultOn(const Keychain &keychain, ItemVault::Waits waits = {})
    {
        keychain->itemLimit = limits::MaxSecretItem;
        return std::make_unique<ItemVault>(std::make_unique<FakeItems>(keychain), u"kirotray"_s,
                                           u"fake"_s, waits);
    }
};

void TstKeychainVault::namesCarryTheService()
{
    const auto keychain = std::make_shared<FakeKeychain>();
    const auto vault = vaultOn(keychain);
    VaultAnswers answers(*vault);
    QVERIFY(answers.write(u"account/1"_s, "secret"));
    QCOMPARE(keychain->items.begin()->first, u"kirotray/account/1"_s);
    QCOMPARE(answers.text(u"account/1"_s), QByteArray("secret"));
    QVERIFY(answers.remove(u"account/1"_s));
    QVERIFY(keychain->items.empty());
    QCOMPARE(answers.text(u"account/1"_s), QByteArray("error not found"));
    keychain->failing = u"account"_s;
    const Result<Done> failed = answers.write(u"account/1"_s, "secret");
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, Error::Code::Storage);
}

void TstKeychainVault::callsAreCarriedOutInOrder()
{
    const auto keychain = std::make_shared<FakeKeychain>();
    const auto vault = vaultOn(keychain);
    QObject context;
    QByteArrayList log;
    vault->write(u"k"_s, Secret("1"), &context, [&log](auto) { log << "write"; });
    vault->read(u"k"_s, &context,
                [&log](const Result<Secret> &got) { log << got.value().reveal(); });
    vault->write(u"k"_s, Secret("2"), &context, [&log](auto) { log << "write"; });
    vault->remove(u"k"_s, &context, [&log](auto) { log << "remove"; });
    vault->write(u"k"_s, Secret("3"), &context, [&log](auto) { log << "write"; });
    vault->read(u"k"_s, &context,
                [&log](const Result<Secret> &got) { log << got.value().reveal(); });
    QVERIFY(log.isEmpty());
    QTRY_COMPARE(log, (QByteArrayList {"write", "1", "write", "remove", "write", "3"}));
}

void TstKeychainVault::silentKeychainIsAnnouncedThenTimesOut()
{
    const auto keychain = std::make_shared<FakeKeychain>();
    keychain->silent = true;
    const auto vault = vaultOn(keychain, {20ms, 100ms});
    QSignalSpy waiting(vault.get(), &Vault::waiting);
    VaultAnswers answers(*vault);
    const Result<Secret> first = answers.read(u"k"_s);
    QVERIFY(!first);
    QCOMPARE(first.error().code, Error::Code::Storage);
    QVERIFY(first.error().what.contains(u"did not answer"));
    QCOMPARE(waiting.count(), 1);
    const Result<Done> second = answers.write(u"k"_s, "never begun");
    QVERIFY(!second);
    QCOMPARE(second.error().code, Error::Code::Storage);
    QCOMPARE(keychain->calls, 1); // one at a time, also while it hangs
    keychain->silent = false;
    keychain->held.front()(); // the keychain wakes up
    QVERIFY(answers.write(u"k"_s, "now"));
    QCOMPARE(keychain->calls, 2); // what timed out before it was begun is not made up for
    QCOMPARE(answers.text(u"k"_s), QByteArray("now"));
}

void TstKeychainVault::lateAnswersKeepTheOrder()
{
    const auto keychain = std::make_shared<FakeKeychain>();
    keychain->silent = true;
    const auto vault = vaultOn(keychain, {1s, 50ms});
    VaultAnswers answers(*vault);
    QVERIFY(!answers.write(u"k"_s, "old"));
    keychain->silent = false;
    QObject context;
    bool done = false;
    vault->write(u"k"_s, Secret("new"), &context,
                 [&done](const Result<Done> &result) { done = bool(result); });
    keychain->held.front()();
    QTRY_VERIFY(done);
    QCOMPARE(keychain->items.at(u"kirotray/k"_s), QByteArray("new"));
}

void TstKeychainVault::endsEveryCallWhenDestroyed()
{
    const auto keychain = std::make_shared<FakeKeychain>();
    keychain->silent = true;
    auto vault = vaultOn(keychain);
    QObject context;
    int cancelled = 0;
    const auto count = [&cancelled](const auto &result) {
        cancelled += !result && result.error().code == Error::Code::Cancelled ? 1 : 100;
    };
    vault->read(u"a"_s, &context, count);
    vault->write(u"b"_s, Secret("1"), &context, count);
    vault->remove(u"c"_s, &context, count);
    vault.reset();
    QTRY_COMPARE(cancelled, 3);
}

void TstKeychainVault::refusesATooLargeValueAtOnce()
{
    const auto keychain = std::make_shared<FakeKeychain>();
    const auto vault = vaultOn(keychain);
    const Result<Done> result =
        VaultAnswers(*vault).write(u"k"_s, QByteArray(limits::MaxSecretItem + 1, 'x'));
    QVERIFY(!result);
    QCOMPARE(result.error().code, Error::Code::BadInput);
    QCOMPARE(keychain->calls, 0);
}

void TstKeychainVault::withoutASessionBusTheErrorSaysSo()
{
#ifndef Q_OS_LINUX
    QSKIP("the other systems always have a keychain");
#endif
    if (qEnvironmentVariableIsSet("KIROTRAY_TEST_KEYRING"))
        QSKIP("this run has a session bus");
    // Nothing listens there, whatever the machine that runs this has.
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    const std::unique_ptr<Vault> vault = makeKeychainVault(u"kirotray-test"_s);
    VaultAnswers answers(*vault);
    const Result<Done> written = answers.write(u"account/1"_s, "secret");
    QVERIFY(!written);
    QCOMPARE(written.error().code, Error::Code::Storage);
    QVERIFY2(written.error().what.contains(u"keychain"), qPrintable(written.error().what));
    const Result<Secret> read = answers.read(u"account/1"_s);
    QVERIFY(!read);
    QCOMPARE(read.error().code, Error::Code::Storage); // not "not found": the item may be there
    QCOMPARE(vault->description(), u"keychain"_s);
}

void TstKeychainVault::realKeyringKeepsSecrets_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addRow("a token") << QByteArray("aorEXAMPLE");
    QTest::addRow("bytes that are no text") << QByteArray("\0\xFF\n\x80", 4);
    QTest::addRow("16 KiB") << QByteArray(limits::MaxSecretItem, 'x');
}

void TstKeychainVault::realKeyringKeepsSecrets()
{
    if (!qEnvironmentVariableIsSet("KIROTRAY_TEST_KEYRING"))
        QSKIP("run by with_keyring.sh");
    QFETCH(QByteArray, value);
    {
        const std::unique_ptr<Vault> vault = makeKeychainVault(u"kirotray-test"_s);
        QVERIFY(VaultAnswers(*vault).write(u"account/1"_s, "before"));
        QVERIFY(VaultAnswers(*vault).write(u"account/1"_s, value));
    }
    const std::unique_ptr<Vault> vault = makeKeychainVault(u"kirotray-test"_s);
    VaultAnswers answers(*vault);
    QCOMPARE(answers.text(u"account/1"_s), value);
    QVERIFY(answers.remove(u"account/1"_s));
    QCOMPARE(answers.text(u"account/1"_s), QByteArray("error not found"));
    QVERIFY(answers.remove(u"account/1"_s));
}

QTEST_GUILESS_MAIN(TstKeychainVault)
#include "tst_keychainvault.moc"
