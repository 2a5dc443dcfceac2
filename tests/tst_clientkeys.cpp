// SPDX-License-Identifier: MIT
#include "app/accounts/clientkey.h"
#include "app/accounts/clientkeys.h"
#include "app/base/limits.h"
#include "tests/scriptedvault.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

class TstClientKeys : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void freshInstallationHasTheDefaultKey();
    void keyOfAnOlderVersionKeepsItsValue();
    void everyFieldComesBack();
    void addedKeyHasItsOwnSecret();
    void refusesKeysThatDoNotFit_data();
    void refusesKeysThatDoNotFit();
    void refusesTooManyKeys();
    void changeKeepsSecretAndCounts();
    void renewedKeyHasAnotherSecret();
    void removedKeyIsGoneEverywhere();
    void defaultKeyCannotBeRemoved();
    void usesAreCountedByName();
    void countsOfYesterdayAreForgotten();
    void countsAreSavedWhenTheListGoes();
    void damagedFileIsSetAside_data();
    void damagedFileIsSetAside();
    void keyWithoutSecretIsDisabled();
    void lockedVaultDisablesNothing();
    void failedWriteLeavesEverythingAsItWas();
    void failedVaultAddsNothing();
    void goneListAnswersOnce();
    void anotherUserCannotReadTheFile();
    void adminTokenIsMadeOnce();

private:
    QString file() const { return m_folder->filePath(u"clientkeys.json"_s); }
    QByteArray content() const
    {
        QFile source(file());
        return source.open(QIODevice::ReadOnly) ? source.readAll() : QByteArray();
    }
    bool writeFile(const QByteArray &bytes) const
    {
        QFile target(file());
        return target.open(QIODevice::WriteOnly) && target.write(bytes) == bytes.size();
    }
    QStringList setAside() const
    {
        return QDir(m_folder->path()).entryList({u"clientkeys.json.broken-*"_s}, QDir::Files);
    }
    /// Another list over the same file and vault; loaded.
    std::unique_ptr<ClientKeys> load();
    QString loadText(ClientKeys &keys);
    Result<ClientKey> add(ClientKeys &keys, const ClientKey &wanted);
    QString removeText(ClientKeys &keys, const QString &id);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<VaultStorage> m_storage;
    std::unique_ptr<ScriptedVault> m_vault;
    QObject m_context;
};

namespace {

ClientKey namedKey(const QString &name)
{
    ClientKey key;
    key.name = name;
    return key;
}

QStringList keyNames(const ClientKeys &keys)
{
    QStringList names;
    for (const ClientKey &key : keys.keys())
        names.append(key.name);
    return names;
}

QStringList secretNames(const ClientKeys &keys)
{
    QStringList names;
    for (const ClientKeySecret &one : keys.secrets())
        names.append(one.key.name);
    return names;
}

QString doneText(const Result<Done> &result)
{
    return result ? u"done"_s : result.error().what;
}

FlowRecord usedBy(const QString &key, std::optional<double> credits = {})
{
    FlowRecord flow;
    flow.clientKey = key;
    flow.status = 200;
    flow.attempts = 1;
    flow.credits = credits;
    return flow;
}

/// Waits for the one answer that `start` hands to its callback.
template <typename T, typename Start>
std::optional<Result<T>> answerOf(const Start &start)
{
    auto answer = std::make_shared<std::optional<Result<T>>>();
    start([answer](const Result<T> &result) { answer->emplace(result); });
    QCoreApplication::processEvents(); // answers are queued, they need no time
    [answer] { QTRY_VERIFY(answer->has_value()); }();
    return *answer;
}

} // namespace

void TstClientKeys::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_storage = std::make_shared<VaultStorage>();
    m_vault = std::make_unique<ScriptedVault>(m_storage);
}

QString TstClientKeys::loadText(ClientKeys &keys)
{
    const auto answer =
        answerOf<Done>([this, &keys](auto done) { keys.load(&m_context, std::move(done)); });
    return answer ? doneText(*answer) : u"no answer"_s;
}

std::unique_ptr<ClientKeys> TstClientKeys::load()
{
    auto keys = std::make_unique<ClientKeys>(*m_vault, file());
    [this, &keys] { QCOMPARE(loadText(*keys), u"done"_s); }();
    return keys;
}

Result<ClientKey> TstClientKeys::add(ClientKeys &keys, const ClientKey &wanted)
{
    const auto answer =
        answerOf<ClientKey>([&](auto done) { keys.add(wanted, &m_context, std::move(done)); });
    return answer.value_or(Error {Error::Code::Timeout, u"no answer"_s});
}

QString TstClientKeys::removeText(ClientKeys &keys, const QString &id)
{
    const auto answer =
        answerOf<Done>([&](auto done) { keys.remove(id, &m_context, std::move(done)); });
    return answer ? doneText(*answer) : u"no answer"_s;
}

void TstClientKeys::freshInstallationHasTheDefaultKey()
{
    ClientKeys keys(*m_vault, file());
    const QSignalSpy changes(&keys, &ClientKeys::changed);
    QCOMPARE(loadText(keys), u"done"_s);
    QCOMPARE(changes.count(), 1);
    QCOMPARE(keyNames(keys), QStringList {u"default"_s});
    QCOMPARE(keys.keys().front().id, u"default"_s);
    QVERIFY(keys.keys().front().createdAt.isValid());
    QCOMPARE(secretNames(keys), QStringList {u"default"_s});
    QCOMPARE(keys.secretOf(u"default"_s), m_storage->items.at(u"api-key"_s));
    QVERIFY(keys.secretOf(u"default"_s).reveal().startsWith("kt-"));
    QVERIFY(!content().contains(keys.secretOf(u"default"_s).reveal()));
    QVERIFY(keys.secretOf(u"other"_s).isEmpty());
}

void TstClientKeys::keyOfAnOlderVersionKeepsItsValue()
{
    m_storage->items[u"api-key"_s] = Secret("kt-old");
    QCOMPARE(load()->secretOf(u"default"_s).reveal(), QByteArray("kt-old"));
    const auto same =
        answerOf<Secret>([this](auto done) { ensureClientKey(*m_vault, &m_context, done); });
    QCOMPARE(same->value().reveal(), QByteArray("kt-old"));
    QCOMPARE(m_vault->writes(), 0);
}

void TstClientKeys::everyFieldComesBack()
{
    std::vector<ClientKey> before;
    {
        const std::unique_ptr<ClientKeys> keys = load();
        ClientKey wanted = namedKey(u"Arbeit \"1\" 工作"_s);
        wanted.enabled = false;
        wanted.requestsPerDay = 0;
        wanted.creditsPerDay = 12.25;
        wanted.models = QStringList {u"claude-*"_s, u"gpt-4o"_s};
        QVERIFY(add(*keys, wanted));
        QVERIFY(add(*keys, namedKey(u"plain"_s)));
        keys->noteUse(usedBy(u"plain"_s, 0.5));
        before = keys->keys();
    }
    QVERIFY(before.at(2).lastUsedAt.isValid());
    QCOMPARE(before.at(1).creditsPerDay, 12.25);
    QCOMPARE(load()->keys(), before);
}

void TstClientKeys::addedKeyHasItsOwnSecret()
{
    const std::unique_ptr<ClientKeys> keys = load();
    const QSignalSpy changes(keys.get(), &ClientKeys::changed);
    ClientKey wanted = namedKey(u"  work  "_s);
    wanted.id = u"default"_s; // nobody chooses an id, or counts
    wanted.requestsToday = 77;
    const Result<ClientKey> added = add(*keys, wanted);
    QVERIFY(added);
    QCOMPARE(added.value().name, u"work"_s);
    QCOMPARE(added.value().requestsToday, 0);
    QVERIFY(added.value().id != u"default");
    QCOMPARE(changes.count(), 1);
    const Secret secret = keys->secretOf(added.value().id);
    QVERIFY(secret.reveal().size() > 30);
    QVERIFY(!(secret == keys->secretOf(u"default"_s)));
    QCOMPARE(m_storage->items.at(clientKeyItem(added.value().id)), secret);
    QCOMPARE(load()->secretOf(added.value().id), secret);
    QVERIFY(!content().contains(secret.reveal()));
}

void TstClientKeys::refusesKeysThatDoNotFit_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("requests");
    QTest::addColumn<double>("credits");
    QTest::addColumn<int>("models");
    QTest::addColumn<QString>("what");

    QTest::newRow("no name") << u"  "_s << 1 << 1.0 << 0 << u"a key needs a name"_s;
    QTest::newRow("a name that is taken")
        << u"Default"_s << 1 << 1.0 << 0 << u"there is a key 'Default' already"_s;
    QTest::newRow("a long name") << QString(101, u'x') << 1 << 1.0 << 0
                                 << u"the name is longer than 100 characters"_s;
    QTest::newRow("requests") << u"a"_s << -1 << 1.0 << 0 << u"the requests a day are below 0"_s;
    QTest::newRow("credits") << u"a"_s << 1 << -0.5 << 0
                             << u"the credits a day are no number from 0 on"_s;
    QTest::newRow("credits without end")
        << u"a"_s << 1 << qInf() << 0 << u"the credits a day are no number from 0 on"_s;
    QTest::newRow("many models") << u"a"_s << 1 << 1.0 << 65
                                 << u"more than 64 models, or one of more than 128 characters"_s;
}

void TstClientKeys::refusesKeysThatDoNotFit()
{
    QFETCH(QString, name);
    QFETCH(int, requests);
    QFETCH(double, credits);
    QFETCH(int, models);
    const std::unique_ptr<ClientKeys> keys = load();
    const Result<ClientKey> other = add(*keys, namedKey(u"other"_s));
    QVERIFY(other);
    ClientKey wanted = namedKey(name);
    wanted.requestsPerDay = requests;
    wanted.creditsPerDay = credits;
    for (int i = 0; i < models; ++i)
        wanted.models.append(u"m"_s);
    const Result<ClientKey> added = add(*keys, wanted);
    QVERIFY(!added);
    QCOMPARE(added.error().code, Error::Code::BadInput);
    QTEST(added.error().what, "what");
    wanted.id = other.value().id;
    const Result<Done> changed = keys->change(wanted);
    QVERIFY(!changed);
    QTEST(changed.error().what, "what");
    QCOMPARE(keyNames(*keys), (QStringList {u"default"_s, u"other"_s}));
    QCOMPARE(m_storage->items.size(), 2U);
}

void TstClientKeys::refusesTooManyKeys()
{
    const std::unique_ptr<ClientKeys> keys = load();
    for (int i = 1; i < limits::MaxClientKeys; ++i)
        QVERIFY(add(*keys, namedKey(QString::number(i))));
    const Result<ClientKey> added = add(*keys, namedKey(u"one more"_s));
    QVERIFY(!added);
    QCOMPARE(added.error().what, u"more than 100 keys"_s);
    QCOMPARE(load()->secrets().size(), static_cast<std::size_t>(limits::MaxClientKeys));
}

void TstClientKeys::changeKeepsSecretAndCounts()
{
    const std::unique_ptr<ClientKeys> keys = load();
    ClientKey key = add(*keys, namedKey(u"work"_s)).value();
    const Secret secret = keys->secretOf(key.id);
    keys->noteUse(usedBy(u"work"_s, 3));
    const QSignalSpy changes(keys.get(), &ClientKeys::changed);
    key.name = u"home"_s;
    key.enabled = false;
    key.requestsToday = 99;
    key.createdAt = {};
    QVERIFY(keys->change(key));
    const ClientKey &now = keys->keys().at(1);
    QCOMPARE(now.name, u"home"_s);
    QCOMPARE(now.requestsToday, 1);
    QCOMPARE(now.creditsToday, 3.0);
    QVERIFY(now.createdAt.isValid());
    QCOMPARE(keys->secretOf(key.id), secret);
    QCOMPARE(secretNames(*keys), QStringList {u"default"_s});
    QVERIFY(keys->change(now));
    QCOMPARE(changes.count(), 1); // the second one changed nothing
    key.id = u"unknown"_s;
    QVERIFY(!keys->change(key));
}

void TstClientKeys::renewedKeyHasAnotherSecret()
{
    const std::unique_ptr<ClientKeys> keys = load();
    const Secret old = keys->secretOf(u"default"_s);
    const QSignalSpy changes(keys.get(), &ClientKeys::changed);
    const auto renewed =
        answerOf<Done>([&](auto done) { keys->renew(u"default"_s, &m_context, std::move(done)); });
    QCOMPARE(doneText(*renewed), u"done"_s);
    QCOMPARE(changes.count(), 1);
    QVERIFY(!(keys->secretOf(u"default"_s) == old));
    QCOMPARE(m_storage->items.at(u"api-key"_s), keys->secretOf(u"default"_s));

    const auto unknown =
        answerOf<Done>([&](auto done) { keys->renew(u"unknown"_s, &m_context, std::move(done)); });
    QCOMPARE(doneText(*unknown), u"there is no such key"_s);
    m_vault->failWrites(true);
    const Secret kept = keys->secretOf(u"default"_s);
    const auto failed =
        answerOf<Done>([&](auto done) { keys->renew(u"default"_s, &m_context, std::move(done)); });
    QCOMPARE(doneText(*failed), u"refused"_s);
    QCOMPARE(keys->secretOf(u"default"_s), kept);
}

void TstClientKeys::removedKeyIsGoneEverywhere()
{
    const std::unique_ptr<ClientKeys> keys = load();
    const QString id = add(*keys, namedKey(u"work"_s)).value().id;
    QCOMPARE(removeText(*keys, id), u"done"_s);
    QVERIFY(keys->secretOf(id).isEmpty());
    QCOMPARE(keyNames(*keys), QStringList {u"default"_s});
    QVERIFY(!m_storage->items.contains(clientKeyItem(id)));
    QCOMPARE(keyNames(*load()), QStringList {u"default"_s});
    QCOMPARE(removeText(*keys, id), u"there is no such key"_s);
}

void TstClientKeys::defaultKeyCannotBeRemoved()
{
    const std::unique_ptr<ClientKeys> keys = load();
    QCOMPARE(removeText(*keys, u"default"_s),
             u"the default key stays; it can be renewed or disabled"_s);
    QVERIFY(m_storage->items.contains(u"api-key"_s));
}

void TstClientKeys::usesAreCountedByName()
{
    const std::unique_ptr<ClientKeys> keys = load();
    QVERIFY(add(*keys, namedKey(u"work"_s)));
    const QSignalSpy changes(keys.get(), &ClientKeys::changed);
    keys->noteUse(usedBy(u"work"_s, 0.5));
    keys->noteUse(usedBy(u"work"_s));
    keys->noteUse(usedBy(u"unknown"_s));
    keys->noteUse(usedBy({}));
    FlowRecord refused = usedBy(u"work"_s);
    refused.attempts = 0;
    refused.status = 429;
    keys->noteUse(refused);
    QCOMPARE(changes.count(), 0);
    const ClientKey &work = keys->keys().at(1);
    QCOMPARE(work.requestsToday, 2);
    QCOMPARE(work.creditsToday, 0.5);
    QCOMPARE(work.day, QDate::currentDate());
    QVERIFY(work.lastUsedAt.isValid());
    QVERIFY(!keys->keys().at(0).lastUsedAt.isValid());
}

void TstClientKeys::countsOfYesterdayAreForgotten()
{
    m_storage->items[u"client-key/a"_s] = Secret("kt-a");
    const QByteArray yesterday = QDate::currentDate().addDays(-1).toString(Qt::ISODate).toUtf8();
    QVERIFY(writeFile("{'version':1,'keys':[{'id':'a','name':'a','day':'" + yesterday
                      + "','requestsToday':5,'creditsToday':2.5}]}"));
    QVERIFY(writeFile(content().replace('\'', '"')));
    const std::unique_ptr<ClientKeys> keys = load();
    QCOMPARE(keyNames(*keys), (QStringList {u"default"_s, u"a"_s}));
    QCOMPARE(keys->keys().at(1).requestsToday, 0);
    keys->noteUse(usedBy(u"a"_s));
    QCOMPARE(keys->keys().at(1).requestsToday, 1);
    QCOMPARE(keys->keys().at(1).creditsToday, 0.0);
}

void TstClientKeys::countsAreSavedWhenTheListGoes()
{
    std::unique_ptr<ClientKeys> keys = load();
    const QByteArray before = content();
    for (int i = 0; i < 100; ++i)
        keys->noteUse(usedBy(u"default"_s, 1));
    QCOMPARE(content(), before); // not with every request
    keys.reset();
    QCOMPARE(load()->keys().front().requestsToday, 100);
}

void TstClientKeys::damagedFileIsSetAside_data()
{
    QTest::addColumn<QByteArray>("text");

    const QByteArray key = "{'id':'a','name':'a'}";
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut") << QByteArray("{'version':1,'keys':[{'id':'a'");
    QTest::newRow("no object") << QByteArray("[]");
    QTest::newRow("another version") << QByteArray("{'version':2,'keys':[]}");
    QTest::newRow("no list") << QByteArray("{'version':1}");
    QTest::newRow("no name") << QByteArray("{'version':1,'keys':[{'id':'a'}]}");
    QTest::newRow("no id") << QByteArray("{'version':1,'keys':[{'name':'a','id':''}]}");
    QTest::newRow("twice") << "{'version':1,'keys':[" + key + "," + key + "]}";
    QTest::newRow("a wrong type") << QByteArray(
        "{'version':1,'keys':[{'id':'a','name':'a','models':'x'}]}");
    QTest::newRow("a wrong time") << QByteArray(
        "{'version':1,'keys':[{'id':'a','name':'a','createdAt':'soon'}]}");
    QTest::newRow("a count out of range")
        << QByteArray("{'version':1,'keys':[{'id':'a','name':'a','requestsPerDay':-1}]}");
    QTest::newRow("too large") << QByteArray(2 * limits::MiB, ' ');
}

void TstClientKeys::damagedFileIsSetAside()
{
    QFETCH(QByteArray, text);
    text.replace('\'', '"');
    QVERIFY(writeFile(text));
    const std::unique_ptr<ClientKeys> keys = load();
    QCOMPARE(keyNames(*keys), QStringList {u"default"_s});
    QCOMPARE(setAside().size(), 1);
    QFile aside(m_folder->filePath(setAside().front()));
    QVERIFY(aside.open(QIODevice::ReadOnly));
    QCOMPARE(aside.readAll(), text);
    QCOMPARE(keyNames(*load()), QStringList {u"default"_s});
    QCOMPARE(setAside().size(), 1);
}

void TstClientKeys::keyWithoutSecretIsDisabled()
{
    const QString id = add(*load(), namedKey(u"work"_s)).value().id;
    m_storage->items.erase(clientKeyItem(id));
    const std::unique_ptr<ClientKeys> keys = load();
    ClientKey key = keys->keys().at(1);
    QVERIFY(!key.enabled);
    QCOMPARE(secretNames(*keys), QStringList {u"default"_s});
    key.enabled = true;
    QCOMPARE(doneText(keys->change(key)), u"the key has no secret; renew it first"_s);
    QVERIFY(answerOf<Done>([&](auto done) { keys->renew(id, &m_context, std::move(done)); })
                ->
                operator bool());
    QVERIFY(keys->change(key));
    QCOMPARE(secretNames(*load()), (QStringList {u"default"_s, u"work"_s}));
}

void TstClientKeys::lockedVaultDisablesNothing()
{
    QVERIFY(add(*load(), namedKey(u"work"_s)));
    const QByteArray before = content();
    m_vault->failReads(true);
    ClientKeys locked(*m_vault, file());
    QCOMPARE(loadText(locked), u"locked"_s);
    QCOMPARE(keyNames(locked), (QStringList {u"default"_s, u"work"_s}));
    QVERIFY(locked.keys().at(1).enabled);
    QVERIFY(locked.secrets().empty());
    QCOMPARE(content(), before);
    m_vault->failReads(false);
    QCOMPARE(loadText(locked), u"done"_s);
    QCOMPARE(secretNames(locked), (QStringList {u"default"_s, u"work"_s}));
}

void TstClientKeys::failedWriteLeavesEverythingAsItWas()
{
    const std::unique_ptr<ClientKeys> keys = load();
    const ClientKey work = add(*keys, namedKey(u"work"_s)).value();
    const std::vector<ClientKey> before = keys->keys();
    QVERIFY(QFile::remove(file()));
    QVERIFY(QDir().mkpath(file() + u"/in the way"_s));
    const QSignalSpy changes(keys.get(), &ClientKeys::changed);

    const Result<ClientKey> added = add(*keys, namedKey(u"another"_s));
    QVERIFY(!added);
    QCOMPARE(added.error().code, Error::Code::Storage);
    ClientKey changed = work;
    changed.enabled = false;
    QVERIFY(!keys->change(changed));
    QVERIFY(removeText(*keys, work.id) != u"done");

    QCOMPARE(keys->keys(), before);
    QVERIFY(!keys->secretOf(work.id).isEmpty());
    QCOMPARE(changes.count(), 0);
    QTRY_COMPARE(m_storage->items.size(), 2U); // no secret without its key
}

void TstClientKeys::failedVaultAddsNothing()
{
    const std::unique_ptr<ClientKeys> keys = load();
    const QByteArray before = content();
    m_vault->failWrites(true);
    const Result<ClientKey> added = add(*keys, namedKey(u"work"_s));
    QVERIFY(!added);
    QCOMPARE(added.error().code, Error::Code::Storage);
    QCOMPARE(keyNames(*keys), QStringList {u"default"_s});
    QCOMPARE(content(), before);
}

/// The vault still holds the calls when the list goes, or the caller goes.
void TstClientKeys::goneListAnswersOnce()
{
    m_vault->holdWrites();
    auto keys = std::make_unique<ClientKeys>(*m_vault, file());
    QStringList answers;
    auto caller = std::make_unique<QObject>();
    keys->load(&m_context, [&answers](const Result<Done> &got) { answers.append(doneText(got)); });
    keys->load(caller.get(), [&answers](const Result<Done> &) { answers.append(u"gone"_s); });
    QTRY_COMPARE(m_vault->heldWrites(), 2U);
    caller.reset();
    keys.reset();
    m_vault->release();
    QTRY_COMPARE(answers, QStringList {u"cancelled"_s});
    QTest::qWait(1);
    QCOMPARE(answers.size(), 1);
}

void TstClientKeys::anotherUserCannotReadTheFile()
{
#ifdef Q_OS_UNIX
    load();
    const QFile::Permissions others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ReadOther | QFileDevice::WriteOther;
    QCOMPARE(QFile::permissions(file()) & others, QFile::Permissions());
#else
    QSKIP("permissions of this kind are Unix's");
#endif
}

void TstClientKeys::adminTokenIsMadeOnce()
{
    const auto ensure = [this] {
        return answerOf<Secret>(
            [this](auto done) { ensureAdminToken(*m_vault, &m_context, done); });
    };
    const Secret first = ensure()->value();
    QVERIFY(first.reveal().size() > 30);
    QCOMPARE(ensure()->value(), first);
    QCOMPARE(m_vault->writes(), 1);
    QVERIFY(!m_storage->items.contains(u"api-key"_s));
    m_vault->failReads(true);
    QCOMPARE(ensure()->error().code, Error::Code::Storage);
    QCOMPARE(m_vault->writes(), 1);
}

QTEST_GUILESS_MAIN(TstClientKeys)
#include "tst_clientkeys.moc"
