// SPDX-License-Identifier: MIT
#include "app/accounts/importer.h"
#include "app/base/limits.h"
#include "tests/clidatabase.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

/// The databases of kiro-cli and of the Amazon Q CLI (kiro-protocol §7.2).
class TstKiroCliImport : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void readsABuilderIdSignIn();
    void readsASignInOfAnOrganisation();
    void readsASocialSignIn();
    void readsAnExternalIdentityProvider();
    void readsTheFormerNames();
    void thePresentNamesComeBeforeTheFormer();
    void worksWithoutTheTableOfStates();
    void readsWhatIsStillInTheWriteAheadLog();
    void readingChangesNothing();
    void leavesNoConnectionBehind();
    void refusesADamagedRow_data();
    void refusesADamagedRow();
    void refusesADamagedFile_data();
    void refusesADamagedFile();
    void aLockedFileIsAClearError();

private:
    std::vector<ImportedAccount> accounts() const
    {
        const auto found = findAccounts(m_file);
        if (!found)
            qWarning().noquote() << describe(found.error());
        return found ? found.value().accounts : std::vector<ImportedAccount>();
    }
    QByteArray bytes() const
    {
        QFile file(m_file);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    bool overwrite(const QByteArray &bytes) const
    {
        QFile file(m_file);
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

namespace {

const QByteArray OdicToken =
    R"({"access_token":"aoaEXAMPLE","expires_at":"2026-11-20T12:34:56.123456789Z",)"
    R"("refresh_token":"aorEXAMPLE","region":"us-east-1",)"
    R"("start_url":"https:\/\/view.awsapps.com\/start","oauth_flow":"DeviceCode",)"
    R"("scopes":["codewhisperer:completions"]})";
const QByteArray Registration =
    R"({"client_id":"clientEXAMPLE","client_secret":"eyEXAMPLEsecret",)"
    R"("client_secret_expires_at":"2027-02-18T12:00:00Z","region":"us-east-1"})";
const QByteArray SocialToken =
    R"({"access_token":"aoaSocialEXAMPLE","refresh_token":"aorSocialEXAMPLE",)"
    R"("expires_at":"2026-11-20T12:34:56Z","provider":"google",)"
    R"("profile_arn":"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345"})";
const QByteArray ExternalToken =
    R"({"access_token":"aoaEXAMPLE","refresh_token":"aorEXAMPLE",)"
    R"("expires_at":"2026-11-20T12:34:56Z","issuer_url":"https:\/\/login.microsoftonline.com\/t",)"
    R"("token_endpoint":"https:\/\/login.microsoftonline.com\/t\/oauth2\/v2.0\/token",)"
    R"("client_id":"clientEXAMPLE","scopes":["a","offline_access"]})";

bool fillSignedIn(CliDatabase &database)
{
    return database.makeTables() && database.putText("kirocli:odic:token", OdicToken)
        && database.putText("kirocli:odic:device-registration", Registration);
}

} // namespace

void TstKiroCliImport::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_file = m_folder->filePath(u"data.sqlite3"_s);
}

void TstKiroCliImport::readsABuilderIdSignIn()
{
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
        QVERIFY(database.put("state", "api.codewhisperer.profile",
                             QByteArray(R"({"arn":"arn:aws:codewhisperer:us-east-1:)"
                                        R"(111122223333:profile/STATE","profile_name":"x"})")));
    }
    const auto found = accounts();
    QCOMPARE(found.size(), std::size_t(1));
    const auto &[account, credential] = found.front();
    QVERIFY(account.kind == AccountKind::BuilderId);
    QCOMPARE(account.profileArn, u"arn:aws:codewhisperer:us-east-1:111122223333:profile/STATE"_s);
    QCOMPARE(account.importedFrom, m_file);
    QCOMPARE(credential.refreshToken.reveal(), QByteArray("aorEXAMPLE"));
    QCOMPARE(credential.expiresAt,
             QDateTime(QDate(2026, 11, 20), QTime(12, 34, 56, 123), Qt::UTC)); // of nanoseconds
    QCOMPARE(credential.clientId, u"clientEXAMPLE"_s);
    QCOMPARE(credential.clientSecret.reveal(), QByteArray("eyEXAMPLEsecret"));
    QCOMPARE(credential.clientSecretExpiresAt,
             QDateTime(QDate(2027, 2, 18), QTime(12, 0), Qt::UTC));
}

void TstKiroCliImport::readsASignInOfAnOrganisation()
{
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
        QByteArray token = OdicToken;
        token.replace(R"("region":"us-east-1",)", "")
            .replace(R"("start_url":"https:\/\/view.awsapps.com\/start",)", "");
        QVERIFY(database.putText("kirocli:odic:token", token));
        QByteArray registration = Registration;
        QVERIFY(database.putText("kirocli:odic:device-registration",
                                 registration.replace(R"(,"region":"us-east-1")", "")));
        QVERIFY(database.put("state", "auth.idc.start-url",
                             QByteArray(R"("https:\/\/d-1234567890.awsapps.com\/start")")));
        QVERIFY(database.put("state", "auth.idc.region", QByteArray(R"("eu-west-1")")));
    }
    const auto found = accounts();
    QCOMPARE(found.size(), std::size_t(1));
    QVERIFY(found.front().account.kind == AccountKind::IdentityCenter);
    QCOMPARE(found.front().account.startUrl, u"https://d-1234567890.awsapps.com/start"_s);
    QCOMPARE(found.front().account.ssoRegion, u"eu-west-1"_s);
}

void TstKiroCliImport::readsASocialSignIn()
{
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
        QVERIFY(database.putText("kirocli:social:token", SocialToken));
    }
    const auto found = accounts();
    QCOMPARE(found.size(), std::size_t(2));
    const Account &social = found[0].account;
    QVERIFY(social.kind == AccountKind::Social);
    QCOMPARE(social.provider, u"Google"_s);
    QVERIFY(social.profileArn.endsWith(u"/EXAMPLE12345"));
    QVERIFY(found[1].account.kind == AccountKind::BuilderId);
    QVERIFY(found[1].account.profileArn.isEmpty());
}

void TstKiroCliImport::readsAnExternalIdentityProvider()
{
    {
        CliDatabase database(m_file);
        QVERIFY(database.makeTables());
        QVERIFY(database.putText("kirocli:external-idp:token", ExternalToken));
    }
    const auto found = accounts();
    QCOMPARE(found.size(), std::size_t(1));
    const Account &account = found.front().account;
    QVERIFY(account.kind == AccountKind::ExternalIdp);
    QCOMPARE(account.tokenEndpoint, u"https://login.microsoftonline.com/t/oauth2/v2.0/token"_s);
    QCOMPARE(account.scopes, u"a offline_access"_s);
    QCOMPARE(account.issuerUrl, u"https://login.microsoftonline.com/t"_s);
    QCOMPARE(found.front().credential.clientId, u"clientEXAMPLE"_s);
}

void TstKiroCliImport::readsTheFormerNames()
{
    {
        CliDatabase database(m_file);
        QVERIFY(database.makeTables());
        QVERIFY(database.putText("codewhisperer:odic:token", OdicToken));
        QVERIFY(database.putText("codewhisperer:odic:device-registration", Registration));
    }
    QCOMPARE(accounts().size(), std::size_t(1));
}

void TstKiroCliImport::thePresentNamesComeBeforeTheFormer()
{
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
        QVERIFY(database.putText("codewhisperer:odic:token",
                                 QByteArray(OdicToken).replace("aorEXAMPLE", "aorOLD")));
        QVERIFY(database.putText("codewhisperer:odic:device-registration", Registration));
    }
    const auto found = accounts();
    QCOMPARE(found.size(), std::size_t(1));
    QCOMPARE(found.front().credential.refreshToken.reveal(), QByteArray("aorEXAMPLE"));
}

void TstKiroCliImport::worksWithoutTheTableOfStates()
{
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
        QVERIFY(database.run("DROP TABLE state"));
    }
    QCOMPARE(accounts().size(), std::size_t(1));
}

void TstKiroCliImport::readsWhatIsStillInTheWriteAheadLog()
{
    CliDatabase database(m_file); // stays open, like the program
    QVERIFY(database.run("PRAGMA journal_mode = WAL"));
    QVERIFY(fillSignedIn(database));
    QCOMPARE(accounts().size(), std::size_t(1));
}

void TstKiroCliImport::readingChangesNothing()
{
    for (const char *mode : {"PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = WAL"}) {
        QFile::remove(m_file);
        {
            CliDatabase database(m_file);
            QVERIFY(database.run(mode));
            QVERIFY(fillSignedIn(database));
        }
        const QByteArray before = bytes();
        QCOMPARE(accounts().size(), std::size_t(1));
        QCOMPARE(bytes(), before);
    }
}

void TstKiroCliImport::leavesNoConnectionBehind()
{
    const QStringList before = QSqlDatabase::connectionNames();
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
    }
    QCOMPARE(accounts().size(), std::size_t(1));
    QVERIFY(overwrite("SQLite format 3"));
    QVERIFY(!findAccounts(m_file));
    QCOMPARE(QSqlDatabase::connectionNames(), before);
}

void TstKiroCliImport::refusesADamagedRow_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("named");
    const QByteArray token = "kirocli:odic:token";
    const QByteArray registration = "kirocli:odic:device-registration";
    const auto row = [](const char *name, const QByteArray &key, const QByteArray &value,
                        const char *named) {
        QTest::addRow("%s", name) << key << value << QString::fromLatin1(named);
    };
    const auto token_ = [](const QByteArray &from, const QByteArray &to) {
        return QByteArray(OdicToken).replace(from, to);
    };
    row("no JSON", token, "EXAMPLE", "kirocli:odic:token");
    row("JSON that is cut off", token, OdicToken.chopped(5), "kirocli:odic:token");
    row("a list", token, '[' + OdicToken + ']', "kirocli:odic:token");
    row("no refresh token", token, token_("refresh_token", "other"), "refreshToken");
    row("a refresh token that is cut off", token, token_("aorEXAMPLE", "aorEXAMPLE..."),
        "refresh_token");
    row("a refresh token that is a number", token, token_(R"("aorEXAMPLE")", "5"), "refresh_token");
    row("no time", token, token_("2026-11-20T12:34:56.123456789Z", "EXAMPLE"), "expires_at");
    row("a region that leads elsewhere", token, token_("us-east-1", "EXAMPLE.com/"), "region");
    row("a start page that is a number", token,
        token_(R"("https:\/\/view.awsapps.com\/start")", "7"), "start_url");
    row("a value that is too large", token,
        token_("aoaEXAMPLE", QByteArray(limits::MaxSecretItem * 3, 'x')), "kirocli:odic:token");
    row("tokens that are too large", token,
        token_("aoaEXAMPLE", QByteArray(limits::MaxSecretItem, 'x')), "too long");
    row("no registration", registration, "", "kirocli:odic:device-registration");
    row("a registration that is no JSON", registration, "EXAMPLE", "kirocli:odic:token");
    row("a registration without secret", registration,
        QByteArray(Registration).replace("client_secret\"", "other\""), "client_id");
    row("a registration with a cut off secret", registration,
        QByteArray(Registration).replace("eyEXAMPLEsecret", "eyEXAMPLE..."), "client_secret");
    row("a social token that is cut off", "kirocli:social:token", SocialToken.chopped(1),
        "kirocli:social:token");
    row("an external provider elsewhere", "kirocli:external-idp:token",
        QByteArray(ExternalToken)
            .replace("token_endpoint\":\"https:\\/\\/login.microsoftonline.com",
                     "token_endpoint\":\"https:\\/\\/EXAMPLE.com"),
        "token_endpoint");
}

void TstKiroCliImport::refusesADamagedRow()
{
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, value);
    QFETCH(QString, named);
    {
        CliDatabase database(m_file);
        QVERIFY(fillSignedIn(database));
        QVERIFY(database.putText(key.constData(), value));
    }
    const auto found = findAccounts(m_file);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    QCOMPARE(found.error().path, m_file);
    QVERIFY2(found.error().what.contains(named), qPrintable(found.error().what));
    QVERIFY2(!found.error().what.contains(u"EXAMPLE"), qPrintable(found.error().what));
}

void TstKiroCliImport::refusesADamagedFile_data()
{
    QTest::addColumn<QString>("damage");
    for (const char *damage : {"cut off", "header only", "garbage inside", "no tables",
                               "other tables", "nobody signed in", "value is a blob"})
        QTest::addRow("%s", damage) << QString::fromLatin1(damage);
}

void TstKiroCliImport::refusesADamagedFile()
{
    QFETCH(QString, damage);
    {
        CliDatabase database(m_file);
        if (damage == u"no tables")
            QVERIFY(database.run("PRAGMA user_version = 3"));
        else if (damage == u"other tables")
            QVERIFY(database.run("CREATE TABLE auth_kv (name TEXT)"));
        else if (damage == u"nobody signed in")
            QVERIFY(database.makeTables());
        else
            QVERIFY(fillSignedIn(database));
        if (damage == u"value is a blob")
            QVERIFY(database.put("auth_kv", "kirocli:odic:token", QByteArray("\0\xFF\x01", 3)));
    }
    QByteArray damaged = bytes();
    if (damage == u"cut off")
        damaged.truncate(damaged.size() / 2);
    if (damage == u"header only")
        damaged.truncate(16);
    if (damage == u"garbage inside")
        damaged.replace(100, damaged.size() - 100, QByteArray(damaged.size() - 100, '\x55'));
    QVERIFY(overwrite(damaged));
    const auto found = findAccounts(m_file);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    QCOMPARE(found.error().path, m_file);
    QCOMPARE(bytes(), damaged);
}

void TstKiroCliImport::aLockedFileIsAClearError()
{
    CliDatabase database(m_file);
    QVERIFY(fillSignedIn(database));
    QVERIFY(database.run("BEGIN EXCLUSIVE"));
    const QByteArray before = bytes();
    const auto found = findAccounts(m_file);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::Storage);
    QVERIFY2(found.error().what.contains(u"in use"), qPrintable(found.error().what));
    QCOMPARE(bytes(), before);
    QVERIFY(database.run("ROLLBACK"));
    QCOMPARE(accounts().size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(TstKiroCliImport)
#include "tst_kirocliimport.moc"
