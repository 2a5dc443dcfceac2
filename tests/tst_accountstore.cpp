// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"
#include "app/base/limits.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

class TstAccountStore : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void missingFileIsAnEmptyList();
    void everyFieldComesBack();
    void keepsTheOrderOfPriorityThenAge();
    void replacesAndRemovesById();
    void refusesWhatDoesNotFit();
    void refusesAndKeepsABrokenFile_data();
    void refusesAndKeepsABrokenFile();
    void failedSaveLeavesListAndFileAsTheyWere();
    void anotherUserCannotReadTheFile();

private:
    QString file() const { return m_folder->filePath(u"accounts.json"_s); }
    QByteArray content(const QString &name) const
    {
        QFile source(name);
        return source.open(QIODevice::ReadOnly) ? source.readAll() : QByteArray("cannot be read");
    }
    QStringList idsIn(const AccountStore &store) const
    {
        QStringList ids;
        for (const Account &account : store.accounts())
            ids.append(account.id.value);
        return ids;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

Account accountOf(const QString &id, int priority = 0, int minute = 0)
{
    Account account;
    account.id.value = id;
    account.priority = priority;
    account.createdAt = QDateTime(QDate(2026, 1, 2), QTime(3, minute), Qt::UTC);
    return account;
}

} // namespace

void TstAccountStore::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TstAccountStore::missingFileIsAnEmptyList()
{
    AccountStore store(file());
    QVERIFY(store.load());
    QVERIFY(store.accounts().empty());
    QVERIFY(store.find({u"one"_s}) == nullptr);
    QVERIFY(!QFile::exists(file()));
}

void TstAccountStore::everyFieldComesBack()
{
    Account account = accountOf(u"one"_s, -3, 4);
    account.label = u"Mein \"Konto\" 名前"_s;
    account.kind = AccountKind::IdentityCenter;
    account.provider = u"Enterprise"_s;
    account.ssoRegion = u"eu-west-1"_s;
    account.apiRegion = u"eu-central-1"_s;
    account.profileArn = u"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EXAMPLE"_s;
    account.profileSource = u"list"_s;
    account.startUrl = u"https://d-1234567890.awsapps.com/start"_s;
    account.machineId = u"ab"_s.repeated(32);
    account.group = u"work"_s;
    account.tags = {u"a"_s, u""_s, u"ü"_s};
    account.proxy = u"socks5://127.0.0.1:1080"_s;
    account.enabled = false;
    account.note = u"paused"_s;
    account.importedFrom = u"/home/x/token.json"_s;
    account.fingerprint = u"0123456789abcdef"_s;
    AccountStore store(file());
    QVERIFY(store.put(account));
    QVERIFY(store.put(accountOf(u"two"_s)));
    AccountStore again(file());
    QVERIFY(again.load());
    QCOMPARE(again.accounts().size(), std::size_t(2));
    QVERIFY(*again.find({u"one"_s}) == account);
    QVERIFY(*again.find({u"two"_s}) == accountOf(u"two"_s));
}

void TstAccountStore::keepsTheOrderOfPriorityThenAge()
{
    AccountStore store(file());
    QVERIFY(store.put(accountOf(u"young"_s, 1, 30)));
    QVERIFY(store.put(accountOf(u"last"_s, 2, 0)));
    QVERIFY(store.put(accountOf(u"old"_s, 1, 10)));
    QVERIFY(store.put(accountOf(u"first"_s, 0, 50)));
    const QStringList expected {u"first"_s, u"old"_s, u"young"_s, u"last"_s};
    QCOMPARE(idsIn(store), expected);
    AccountStore again(file());
    QVERIFY(again.load());
    QCOMPARE(idsIn(again), expected);
    QVERIFY(again.put(accountOf(u"last"_s, -1, 0)));
    QCOMPARE(idsIn(again), (QStringList {u"last"_s, u"first"_s, u"old"_s, u"young"_s}));
}

void TstAccountStore::replacesAndRemovesById()
{
    AccountStore store(file());
    const QSignalSpy changes(&store, &AccountStore::changed);
    QVERIFY(store.put(accountOf(u"one"_s)));
    QCOMPARE(changes.count(), 1);
    QVERIFY(store.put(accountOf(u"one"_s)));
    QCOMPARE(changes.count(), 1); // nothing changed
    QVERIFY(store.put(accountOf(u"one"_s, 5)));
    QCOMPARE(changes.count(), 2);
    QCOMPARE(idsIn(store), QStringList {u"one"_s});
    QCOMPARE(store.find({u"one"_s})->priority, 5);
    QVERIFY(store.remove({u"another"_s}));
    QCOMPARE(changes.count(), 2);
    QVERIFY(store.remove({u"one"_s}));
    QCOMPARE(changes.count(), 3);
    AccountStore again(file());
    QVERIFY(again.load());
    QVERIFY(again.accounts().empty());
}

void TstAccountStore::refusesWhatDoesNotFit()
{
    AccountStore store(file());
    const Result<Done> anonymous = store.put(Account {});
    QVERIFY(!anonymous);
    QCOMPARE(anonymous.error().code, Error::Code::BadInput);
    for (int number = 0; number < limits::MaxAccounts; ++number)
        QVERIFY(store.put(accountOf(QString::number(number))));
    const Result<Done> many = store.put(accountOf(u"one more"_s));
    QVERIFY(!many);
    QCOMPARE(many.error().code, Error::Code::BadInput);
    QVERIFY(store.put(accountOf(u"7"_s, 1))); // replacing is no growth
    AccountStore again(file());
    QVERIFY(again.load());
    QCOMPARE(again.accounts().size(), std::size_t(limits::MaxAccounts));
}

void TstAccountStore::refusesAndKeepsABrokenFile_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray good =
        R"({"version":1,"accounts":[{"id":"one","kind":"social"},{"id":"two","kind":"idc"}]})";
    QTest::addRow("empty") << QByteArray();
    QTest::addRow("cut off") << good.chopped(1);
    QTest::addRow("an array") << QByteArray("[]");
    QTest::addRow("no version") << QByteArray(good).replace("\"version\":1,", "");
    QTest::addRow("of a later version") << QByteArray(good).replace(":1,", ":2,");
    QTest::addRow("no list") << QByteArray(R"({"version":1})");
    QTest::addRow("an account is a text") << QByteArray(R"({"version":1,"accounts":["one"]})");
    QTest::addRow("an account without id") << QByteArray(good).replace(R"("id":"one",)", "");
    QTest::addRow("an empty id") << QByteArray(good).replace("one", "");
    QTest::addRow("the same id twice") << QByteArray(good).replace("two", "one");
    QTest::addRow("an unknown kind") << QByteArray(good).replace("idc", "other");
    QTest::addRow("a label that is a number")
        << QByteArray(good).replace(R"("kind":"idc")", R"("kind":"idc","label":1)");
    QTest::addRow("a priority beyond int")
        << QByteArray(good).replace(R"("kind":"idc")", R"("kind":"idc","priority":9999999999)");
    QTest::addRow("no time") << QByteArray(good).replace(R"("kind":"idc")",
                                                         R"("kind":"idc","createdAt":"never")");
    QTest::addRow("too large") << QByteArray(limits::MaxAccountsFile + 1, ' ');
}

void TstAccountStore::refusesAndKeepsABrokenFile()
{
    QFETCH(QByteArray, text);
    QFile broken(file());
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write(text);
    broken.close();
    AccountStore store(file());
    const Result<Done> loaded = store.load();
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().code, Error::Code::BadInput);
    QCOMPARE(loaded.error().path, file());
    QVERIFY(store.accounts().empty());
    QCOMPARE(content(file()), text);
    QVERIFY(store.put(accountOf(u"new"_s)));
    QVERIFY(store.put(accountOf(u"newer"_s)));
    const QStringList kept =
        QDir(m_folder->path()).entryList({u"accounts.json.broken-*"_s}, QDir::Files);
    QCOMPARE(kept.size(), 1);
    QCOMPARE(content(m_folder->filePath(kept.first())), text);
    AccountStore again(file());
    QVERIFY(again.load());
    QCOMPARE(idsIn(again), (QStringList {u"new"_s, u"newer"_s}));
}

void TstAccountStore::failedSaveLeavesListAndFileAsTheyWere()
{
    QVERIFY(QDir(m_folder->path()).mkdir(u"data"_s));
    const QString name = m_folder->filePath(u"data/accounts.json"_s);
    AccountStore store(name);
    QVERIFY(store.put(accountOf(u"one"_s)));
    QVERIFY(QDir().rename(m_folder->filePath(u"data"_s), m_folder->filePath(u"moved"_s)));
    const QSignalSpy changes(&store, &AccountStore::changed);
    for (const Result<Done> &result : {store.put(accountOf(u"two"_s)), store.remove({u"one"_s})}) {
        QVERIFY(!result);
        QCOMPARE(result.error().code, Error::Code::Storage);
        QCOMPARE(result.error().path, name);
    }
    QCOMPARE(changes.count(), 0);
    QCOMPARE(idsIn(store), QStringList {u"one"_s});
    QVERIFY(QDir().rename(m_folder->filePath(u"moved"_s), m_folder->filePath(u"data"_s)));
    AccountStore again(name);
    QVERIFY(again.load());
    QCOMPARE(idsIn(again), QStringList {u"one"_s});
    QVERIFY(store.put(accountOf(u"two"_s)));
}

void TstAccountStore::anotherUserCannotReadTheFile()
{
#ifdef Q_OS_WIN
    QSKIP("Windows keeps the folder's access list");
#endif
    AccountStore store(file());
    QVERIFY(store.put(accountOf(u"one"_s)));
    QVERIFY(store.put(accountOf(u"two"_s)));
    const QFileDevice::Permissions others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ReadOther | QFileDevice::WriteOther;
    QVERIFY(!(QFile::permissions(file()) & others));
}

QTEST_GUILESS_MAIN(TstAccountStore)
#include "tst_accountstore.moc"
