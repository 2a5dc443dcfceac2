// SPDX-License-Identifier: MIT
#include "app/accounts/writeback.h"
#include "tests/clidatabase.h"
#include "tests/tokenkeeperbench.h"

#include <QFile>
#include <QTest>

using namespace kirotray;

/// Following the file of another program, and writing renewed tokens into it.
class TstWriteBack : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void changesTheTokensAndNothingElse_data();
    void changesTheTokensAndNothingElse();
    void refusesATextWithoutThatToken_data();
    void refusesATextWithoutThatToken();
    void aRenewedTokenReachesTheFile();
    void isOffByDefault();
    void aFileThatMovedOnIsLeftAlone();
    void theBackupIsMadeOnce();
    void aRenewedTokenReachesTheDatabase();
    void aLockedDatabaseIsLeftAlone();
    void followsADatabase();
    void aFailureIsNoFailureOfTheRenewal();

private:
    Account followed(const QString &file, bool writesBack)
    {
        Account account = addAccount(Expired);
        account.importedFrom = file;
        account.writesBack = writesBack;
        [[maybe_unused]] const Result<Done> put = m_store->put(account);
        return account;
    }
    static QByteArray read(const QString &name)
    {
        QFile file(name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static bool write(const QString &name, const QByteArray &bytes)
    {
        QFile file(name);
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }
    QString databaseFile() const { return m_folder->filePath(u"data.sqlite3"_s); }
    QString backupOf(const QString &file) const { return file + u".kirotray-backup"_s; }
};

namespace {

constexpr char SocialKey[] = "kirocli:social:token";

const QByteArray IdeText =
    "\xEF\xBB\xBF" // some editor was there
    "{\r\n\t\"accessToken\" : \"aoaOLD\",\n  \"refreshToken\":\"aorOLD\", \"odd\": [1.50, "
    "\"\\u00e9\"],\n \"expiresAt\": \"2026-11-20T12:34:56.789Z\",\"provider\":\"Google\",  "
    "\"profileArn\": null }\n\n";
const QByteArray RowText =
    "{\"access_token\":\"aoaOLD\",\"expires_at\":\"2026-11-20T12:34:56.123456789Z\","
    "\"refresh_token\":\"aorOLD\",\"provider\":\"google\",\"more\":{\"x\":1e3}}";

Credential renewedCredential()
{
    Credential renewed;
    renewed.accessToken = Secret("aoaN\"EW");
    renewed.refreshToken = Secret("aorNEW");
    renewed.expiresAt = QDateTime(QDate(2027, 1, 2), QTime(3, 4, 5, 6), Qt::UTC);
    return renewed;
}

} // namespace

void TstWriteBack::changesTheTokensAndNothingElse_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addRow("camel case")
        << QByteArray(" {\"accessToken\": \"a\" ,\"refreshToken\":\"aorOLD\",\"x\" : 1.0}\n")
        << QByteArray(" {\"accessToken\": \"aoaN\\\"EW\" ,\"refreshToken\":\"aorNEW\",\"x\" : "
                      "1.0}\n");
    QTest::addRow("snake case, text")
        << QByteArray("{\"expires_at\":\"x\",\"refresh_token\":\"aorOLD\",\"access_token\":\"\"}")
        << QByteArray("{\"expires_at\":\"2027-01-02T03:04:05.006Z\",\"refresh_token\":\"aorNEW\","
                      "\"access_token\":\"aoaN\\\"EW\"}");
    QTest::addRow("seconds, within a list")
        << QByteArray("[{\"refreshToken\":\"b\"},{\"expiresAt\":1763633600,\"refreshToken\":"
                      "\"aorOLD\"}]")
        << QByteArray("[{\"refreshToken\":\"b\"},{\"expiresAt\":1798859045,\"refreshToken\":"
                      "\"aorNEW\"}]");
    QTest::addRow("milliseconds, deep inside")
        << QByteArray("{\"accounts\":[{\"credentials\":{\"expiresAt\":1763633600000,"
                      "\"refreshToken\":\"aorOLD\"}}]}")
        << QByteArray("{\"accounts\":[{\"credentials\":{\"expiresAt\":1798859045006,"
                      "\"refreshToken\":\"aorNEW\"}}]}");
    QTest::addRow("no other members") << QByteArray("{\"refreshToken\":\"aor\\u004fLD\"}")
                                      << QByteArray("{\"refreshToken\":\"aorNEW\"}");
    QTest::addRow("null stays") << QByteArray("{\"refreshToken\":\"aorOLD\",\"expiresAt\":null}")
                                << QByteArray("{\"refreshToken\":\"aorNEW\",\"expiresAt\":null}");
}

void TstWriteBack::changesTheTokensAndNothingElse()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    const auto changed = withRenewedTokens(before, Secret("aorOLD"), renewedCredential());
    QVERIFY2(changed, qPrintable(changed ? QString() : describe(changed.error())));
    QCOMPARE(changed.value(), after);
}

void TstWriteBack::refusesATextWithoutThatToken_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addRow("another token") << QByteArray("{\"refreshToken\":\"aorOTHER\"}");
    QTest::addRow("twice") << QByteArray(
        "[{\"refreshToken\":\"aorOLD\"},{\"refreshToken\":\"aorOLD\"}]");
    QTest::addRow("empty") << QByteArray();
    QTest::addRow("no JSON") << QByteArray("aorOLD");
    QTest::addRow("cut off") << QByteArray("{\"refreshToken\":\"aorOLD\"");
    QTest::addRow("in another member") << QByteArray("{\"other\":\"aorOLD\"}");
}

void TstWriteBack::refusesATextWithoutThatToken()
{
    QFETCH(QByteArray, text);
    const auto changed = withRenewedTokens(text, Secret("aorOLD"), renewedCredential());
    QVERIFY(!changed);
    QCOMPARE(changed.error().code, Error::Code::BadInput);
    QVERIFY(!describe(changed.error()).contains(u"aor"));
    QVERIFY(!withRenewedTokens("{\"refreshToken\":\"\"}", Secret(), renewedCredential()));
}

void TstWriteBack::aRenewedTokenReachesTheFile()
{
    QVERIFY(write(tokenFile(), IdeText));
    const Account account = followed(tokenFile(), true);
    m_peer->next(grant("aoaNEW", "aorNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QByteArray expected = IdeText;
    expected.replace("aoaOLD", "aoaNEW").replace("aorOLD", "aorNEW");
    const QByteArray end = stored(account).expiresAt.toString(Qt::ISODateWithMs).toLatin1();
    QCOMPARE(read(tokenFile()), expected.replace("2026-11-20T12:34:56.789Z", end));
    QCOMPARE(read(backupOf(tokenFile())), IdeText);
    QVERIFY(!(QFile::permissions(backupOf(tokenFile())) & (QFile::ReadGroup | QFile::ReadOther)));
    // The file's token is the account's by now: importing it again finds this account.
    QCOMPARE(m_store->find(account.id)->fingerprint, fingerprintOf(stored(account)));
}

void TstWriteBack::isOffByDefault()
{
    QVERIFY(write(tokenFile(), IdeText));
    const Account account = followed(tokenFile(), false);
    m_peer->next(grant("aoaNEW", "aorNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QCOMPARE(read(tokenFile()), IdeText);
    QVERIFY(!QFile::exists(backupOf(tokenFile())));
    QCOMPARE(m_store->find(account.id)->fingerprint, account.fingerprint);
}

void TstWriteBack::aFileThatMovedOnIsLeftAlone()
{
    const QByteArray theirs = QByteArray(IdeText).replace("aorOLD", "aorTHEIRS");
    QVERIFY(write(tokenFile(), theirs));
    const Account account = followed(tokenFile(), true);
    m_peer->next(grant("aoaNEW", "aorNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QCOMPARE(read(tokenFile()), theirs);
    QVERIFY(!QFile::exists(backupOf(tokenFile())));
}

void TstWriteBack::theBackupIsMadeOnce()
{
    QVERIFY(write(tokenFile(), IdeText));
    QVERIFY(writeBack(tokenFile(), Secret("aorOLD"), renewedCredential()));
    Credential again = renewedCredential();
    again.refreshToken = Secret("aorNEWEST");
    QVERIFY(writeBack(tokenFile(), Secret("aorNEW"), again));
    QVERIFY(read(tokenFile()).contains("aorNEWEST"));
    QCOMPARE(read(backupOf(tokenFile())), IdeText);
}

void TstWriteBack::aRenewedTokenReachesTheDatabase()
{
    CliDatabase database(databaseFile());
    QVERIFY(database.makeTables() && database.putText(SocialKey, RowText));
    QVERIFY(database.putText("kirocli:odic:token", "{\"refresh_token\":\"aorOTHER\"}"));
    const Account account = followed(databaseFile(), true);
    m_peer->next(grant("aoaNEW", "aorNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QByteArray expected = RowText;
    expected.replace("aoaOLD", "aoaNEW").replace("aorOLD", "aorNEW");
    const QByteArray end = stored(account).expiresAt.toString(Qt::ISODateWithMs).toLatin1();
    QCOMPARE(database.text(SocialKey), expected.replace("2026-11-20T12:34:56.123456789Z", end));
    QCOMPARE(database.text("kirocli:odic:token"), QByteArray("{\"refresh_token\":\"aorOTHER\"}"));
    QVERIFY(read(backupOf(databaseFile())).contains("aorOLD"));
}

void TstWriteBack::aLockedDatabaseIsLeftAlone()
{
    CliDatabase database(databaseFile());
    QVERIFY(database.makeTables() && database.putText(SocialKey, RowText));
    QVERIFY(database.run("BEGIN IMMEDIATE"));
    const auto written = writeBack(databaseFile(), Secret("aorOLD"), renewedCredential());
    QVERIFY(!written);
    QCOMPARE(written.error().code, Error::Code::Storage);
    QVERIFY(database.run("COMMIT"));
    QCOMPARE(database.text(SocialKey), RowText);
    const auto other = writeBack(databaseFile(), Secret("aorOTHER"), renewedCredential());
    QVERIFY(!other);
    QCOMPARE(other.error().code, Error::Code::BadInput);
    QCOMPARE(database.text(SocialKey), RowText);
    QVERIFY(writeBack(databaseFile(), Secret("aorOLD"), renewedCredential()));
    QVERIFY(database.text(SocialKey).contains("aorNEW"));
}

void TstWriteBack::followsADatabase()
{
    CliDatabase database(databaseFile());
    QVERIFY(database.makeTables());
    const QByteArray end = m_now.addSecs(3600).toString(Qt::ISODate).toLatin1();
    QVERIFY(database.putText(SocialKey,
                             "{\"access_token\":\"aoaTHEIRS\",\"refresh_token\":\"aorTHEIRS\","
                             "\"provider\":\"google\",\"expires_at\":\""
                                 + end + "\"}"));
    const Account account = followed(databaseFile(), false);
    m_peer->next(invalidGrant());
    QCOMPARE(askAndWait(account), QByteArray("aoaTHEIRS"));
    QVERIFY(stored(account).refreshToken == Secret("aorTHEIRS"));
    QVERIFY(noteOf(account).isEmpty());
}

void TstWriteBack::aFailureIsNoFailureOfTheRenewal()
{
    const Account account = followed(m_folder->filePath(u"gone.json"_s), true);
    m_peer->next(grant("aoaNEW", "aorNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QVERIFY(stored(account).refreshToken == Secret("aorNEW"));
    QVERIFY(!QFile::exists(m_folder->filePath(u"gone.json"_s)));
}

QTEST_GUILESS_MAIN(TstWriteBack)
#include "tst_writeback.moc"
