// SPDX-License-Identifier: MIT
#include "app/accounts/importer.h"
#include "app/base/limits.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QUuid>

using namespace kirotray;

class TstImporter : public QObject
{
    Q_OBJECT

private slots:
    void readsASocialTokenOfTheIde();
    void readsABuilderIdTokenWithItsRegistration();
    void readsAnEnterpriseTokenInSnakeCase();
    void readsTheArrayOfKiroRs();
    void readsTheSingleObjectOfKiroRs();
    void findsOutTheKindOfSignIn_data();
    void findsOutTheKindOfSignIn();
    void readsTimesOfAllForms_data();
    void readsTimesOfAllForms();
    void refusesADamagedEntry_data();
    void refusesADamagedEntry();
    void refusesADamagedFile_data();
    void refusesADamagedFile();
    void refusesADamagedRegistration_data();
    void refusesADamagedRegistration();
    void oneBadEntryRefusesAll();
    void cutOffAnywhereIsRefused();
    void everyImportHasItsOwnIds();
    void sameUserIsFoundAgain_data();
    void sameUserIsFoundAgain();
    void successorIsTheEntryThatContinuesAnAccount_data();
    void successorIsTheEntryThatContinuesAnAccount();

private:
    static QString fixture(const char *name)
    {
        return QStringLiteral(KIROTRAY_FIXTURES) + u"/importers/"_s + QString::fromLatin1(name);
    }
    static Result<std::vector<ImportedAccount>> importBytes(const QByteArray &text,
                                                            const QByteArray &registration = {})
    {
        QTemporaryDir folder;
        const auto write = [&folder](const QString &name, const QByteArray &content) {
            QFile file(folder.filePath(name));
            return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
        };
        const bool isWritten = write(u"token.json"_s, text)
            && (registration.isNull()
                || write(u"e909a0580879b06ece1202964fbe9dda95ea4ce3.json"_s, registration));
        if (!isWritten)
            return Error {Error::Code::Cancelled, u"the test cannot write its file"_s};
        return importFile(folder.filePath(u"token.json"_s));
    }
};

namespace {

QDateTime utc(int year, int month, int day, int hour, int minute, int second, int ms = 0)
{
    return QDateTime(QDate(year, month, day), QTime(hour, minute, second, ms), Qt::UTC);
}

QByteArray fieldsOf(const QByteArray &members)
{
    return R"({"refreshToken":"aorEXAMPLE","accessToken":"aoaEXAMPLE")"
        + (members.isEmpty() ? QByteArray() : ',' + members) + '}';
}

} // namespace

void TstImporter::readsASocialTokenOfTheIde()
{
    const QString file = fixture("kiroide-social/kiro-auth-token.json");
    const auto found = importFile(file);
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(found.value().size(), std::size_t(1));
    const auto &[account, credential] = found.value().front();
    QVERIFY(account.kind == AccountKind::Social);
    QCOMPARE(account.provider, u"Google"_s);
    QCOMPARE(account.label, u"Google"_s);
    QCOMPARE(account.profileArn,
             u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345"_s);
    QCOMPARE(account.profileSource, u"import"_s);
    QCOMPARE(account.importedFrom, file);
    QCOMPARE(account.fingerprint, fingerprintOf(credential));
    QVERIFY(account.enabled);
    QVERIFY(account.note.isEmpty());
    QVERIFY(account.createdAt.secsTo(QDateTime::currentDateTimeUtc()) < 60);
    QVERIFY(credential.accessToken == Secret("aoaEXAMPLEsocial"));
    QVERIFY(credential.refreshToken == Secret("aorEXAMPLEsocial"));
    QCOMPARE(credential.expiresAt, utc(2026, 11, 20, 12, 34, 56, 789));
    QVERIFY(credential.clientId.isEmpty());
}

void TstImporter::readsABuilderIdTokenWithItsRegistration()
{
    const auto found = importFile(fixture("kiroide-builderid/kiro-auth-token.json"));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    const auto &[account, credential] = found.value().front();
    QVERIFY(account.kind == AccountKind::BuilderId);
    QCOMPARE(account.ssoRegion, u"us-east-1"_s);
    QVERIFY(account.profileArn.isEmpty());
    QVERIFY(account.profileSource.isEmpty());
    QCOMPARE(credential.clientId, u"aBcDeFgHiJkLmNoPqRsTuVwXyZ"_s);
    QVERIFY(credential.clientSecret == Secret("eyJraWQiEXAMPLE"));
    QCOMPARE(credential.clientSecretExpiresAt, utc(2027, 2, 18, 12, 0, 0)); // no Z, still UTC
}

void TstImporter::readsAnEnterpriseTokenInSnakeCase()
{
    const auto found = importFile(fixture("kiroide-enterprise/kiro-auth-token.json"));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    const auto &[account, credential] = found.value().front();
    QVERIFY(account.kind == AccountKind::IdentityCenter);
    QCOMPARE(account.startUrl, u"https://d-1234567890.awsapps.com/start"_s);
    QCOMPARE(account.ssoRegion, u"eu-west-1"_s);
    QVERIFY(credential.accessToken == Secret("aoaEXAMPLEenterprise"));
    QVERIFY(credential.refreshToken == Secret("aorEXAMPLEenterprise"));
    QCOMPARE(credential.expiresAt, QDateTime::fromSecsSinceEpoch(1795178096, Qt::UTC));
    // Found by the hash of the start URL, because the token file names none.
    QCOMPARE(credential.clientId, u"clientEXAMPLE"_s);
    QCOMPARE(credential.clientSecretExpiresAt, QDateTime::fromSecsSinceEpoch(1802952000, Qt::UTC));
}

void TstImporter::readsTheArrayOfKiroRs()
{
    const auto found = importFile(fixture("kirors/array.json"));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(found.value().size(), std::size_t(3));
    const Account &social = found.value()[0].account;
    QVERIFY(social.kind == AccountKind::Social);
    QCOMPARE(social.priority, 0);
    QCOMPARE(social.label, u"social"_s);
    QVERIFY(QRegularExpression(u"^[0-9a-f]{64}$"_s).match(social.machineId).hasMatch());
    const auto &[centre, credential] = found.value()[1];
    QVERIFY(centre.kind == AccountKind::IdentityCenter);
    QCOMPARE(centre.ssoRegion, u"eu-west-1"_s);
    QCOMPARE(centre.apiRegion, u"eu-central-1"_s);
    QCOMPARE(centre.machineId,
             u"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"_s);
    QCOMPARE(centre.priority, 1);
    QCOMPARE(centre.label, u"user@example.com"_s);
    QCOMPARE(centre.proxy, u"socks5://127.0.0.1:1080"_s);
    QVERIFY(!centre.enabled);
    QVERIFY(!centre.note.isEmpty());
    QVERIFY(credential.accessToken.isEmpty());
    QVERIFY(!credential.expiresAt.isValid());
    const auto &[key, keyCredential] = found.value()[2];
    QVERIFY(key.kind == AccountKind::ApiKey);
    QVERIFY(keyCredential.accessToken == Secret("ksk_EXAMPLE0123456789"));
    QVERIFY(keyCredential.refreshToken.isEmpty());
    QCOMPARE(key.fingerprint.size(), 16);
}

void TstImporter::readsTheSingleObjectOfKiroRs()
{
    const auto found = importFile(fixture("kirors/single.json"));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    const auto &[account, credential] = found.value().front();
    QVERIFY(account.kind == AccountKind::BuilderId);
    QCOMPARE(account.machineId,
             u"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"_s);
    QCOMPARE(credential.clientId, u"clientEXAMPLE"_s);
    QVERIFY(!credential.expiresAt.isValid()); // of an access token that is not there
}

void TstImporter::findsOutTheKindOfSignIn_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::addColumn<int>("kind");
    const QByteArray client = R"("clientId":"c","clientSecret":"s")";
    const auto row = [](const char *name, const QByteArray &members, AccountKind kind) {
        QTest::addRow("%s", name) << members << static_cast<int>(kind);
    };
    row("nothing said", "", AccountKind::Social);
    row("social in capitals", R"("authMethod":"Social")", AccountKind::Social);
    row("iam", R"("authMethod":"iam",)" + client, AccountKind::BuilderId);
    row("builder-id", R"("authMethod":"builder-id",)" + client, AccountKind::BuilderId);
    row("builder-id of an organisation",
        R"("authMethod":"builder-id","startUrl":"https://d-1.awsapps.com/start",)" + client,
        AccountKind::IdentityCenter);
    row("a registration alone", client, AccountKind::BuilderId);
    row("a registration in another region", R"("region":"eu-west-1",)" + client,
        AccountKind::IdentityCenter);
    row("idc with Builder ID's start page",
        R"("authMethod":"idc","startUrl":"https://view.awsapps.com/start/",)" + client,
        AccountKind::BuilderId);
    row("idc with an organisation's",
        R"("authMethod":"idc","startUrl":"https://d-1.awsapps.com/start",)" + client,
        AccountKind::IdentityCenter);
    row("idc of Enterprise", R"("authMethod":"IdC","provider":"Enterprise",)" + client,
        AccountKind::IdentityCenter);
    row("idc with Builder ID's hash",
        R"("authMethod":"IdC","profileArn":"arn:aws:codewhisperer:us-east-1:111122223333:profile/E","clientIdHash":"e909a0580879b06ece1202964fbe9dda95ea4ce3",)"
            + client,
        AccountKind::BuilderId);
    row("an API key", R"("kiroApiKey":"ksk_EXAMPLE")", AccountKind::ApiKey);
    row("an external identity provider",
        R"("clientId":"c","tokenEndpoint":"https://login.microsoftonline.com/t/oauth2/v2.0/token")",
        AccountKind::ExternalIdp);
    row("an API key by name", R"("authMethod":"api_key","kiroApiKey":"ksk_EXAMPLE")",
        AccountKind::ApiKey);
}

void TstImporter::findsOutTheKindOfSignIn()
{
    QFETCH(QByteArray, members);
    QFETCH(int, kind);
    const auto found = importBytes(fieldsOf(members));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(static_cast<int>(found.value().front().account.kind), kind);
}

void TstImporter::readsTimesOfAllForms_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QDateTime>("time");
    QTest::addRow("UTC") << QByteArray(R"("2026-11-20T12:34:56Z")")
                         << utc(2026, 11, 20, 12, 34, 56);
    QTest::addRow("without zone") << QByteArray(R"("2026-11-20T12:34:56.500")")
                                  << utc(2026, 11, 20, 12, 34, 56, 500);
    QTest::addRow("with an offset")
        << QByteArray(R"("2026-11-20T20:34:56+08:00")") << utc(2026, 11, 20, 12, 34, 56);
    QTest::addRow("nanoseconds") << QByteArray(R"("2026-11-20T12:34:56.123456789Z")")
                                 << utc(2026, 11, 20, 12, 34, 56, 123);
    QTest::addRow("seconds") << QByteArray("1795178096") << utc(2026, 11, 20, 12, 34, 56);
    QTest::addRow("milliseconds") << QByteArray("1795178096789")
                                  << utc(2026, 11, 20, 12, 34, 56, 789);
    QTest::addRow("with an exponent")
        << QByteArray("1.795178096E9") << utc(2026, 11, 20, 12, 34, 56);
    QTest::addRow("null") << QByteArray("null") << QDateTime();
    QTest::addRow("empty") << QByteArray(R"("")") << QDateTime();
}

void TstImporter::readsTimesOfAllForms()
{
    QFETCH(QByteArray, text);
    QFETCH(QDateTime, time);
    const auto found = importBytes(fieldsOf("\"expiresAt\":" + text));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(found.value().front().credential.expiresAt, time);
    QVERIFY(!time.isValid() || found.value().front().credential.expiresAt.timeSpec() == Qt::UTC);
}

void TstImporter::refusesADamagedEntry_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("named"); // in the error
    const auto row = [](const char *name, const QByteArray &text, const char *named) {
        QTest::addRow("%s", name) << text << QString::fromLatin1(named);
    };
    row("cut off token", R"({"refreshToken":"aorSECRET...","accessToken":"a"})", "refreshToken");
    row("token cut off by an ellipsis", R"({"refreshToken":"aorSECRET…"})", "refreshToken");
    row("cut off access token", R"({"refreshToken":"aorSECRET","accessToken":"aoaSECRET..."})",
        "accessToken");
    row("token with a space", R"({"refreshToken":"aor SECRET"})", "refreshToken");
    row("token with a line break", R"({"refreshToken":"aor\r\nSECRET"})", "refreshToken");
    row("token that is a number", R"([{"refreshToken":1}])", "[0].refreshToken");
    row("no refresh token", R"([{"accessToken":"aoaSECRET"}])", "[0].refreshToken");
    row("empty refresh token", R"([{"refreshToken":"  "}])", "[0].refreshToken");
    row("unknown method", fieldsOf(R"("authMethod":"SECRET")"), "authMethod");
    row("method that is a number", fieldsOf(R"("authMethod":7)"), "authMethod");
    row("external identity provider without endpoint", fieldsOf(R"("authMethod":"external_idp")"),
        "tokenEndpoint");
    row("external identity provider elsewhere",
        fieldsOf(R"("authMethod":"external_idp","tokenEndpoint":"https://SECRET.example.com/t")"),
        "tokenEndpoint");
    row("external identity provider without TLS",
        fieldsOf(R"("tokenEndpoint":"http://login.microsoftonline.com/t")"), "tokenEndpoint");
    row("API key without key", R"([{"authMethod":"api_key"}])", "[0].kiroApiKey");
    row("region that leads elsewhere", fieldsOf(R"("region":"SECRET.example.com/")"), "region");
    row("API region that leads elsewhere", fieldsOf(R"("apiRegion":"us-east-1@x")"), "apiRegion");
    row("no time", fieldsOf(R"("expiresAt":"SECRET")"), "expiresAt");
    row("time before 1970", fieldsOf(R"("expiresAt":-1)"), "expiresAt");
    row("time beyond the calendar of UTC", fieldsOf(R"("expiresAt":"9999-12-31T23:59:59-12:00")"),
        "expiresAt");
    row("time before the calendar of UTC", fieldsOf(R"("expiresAt":"0001-01-01T00:00:00+12:00")"),
        "expiresAt");
    row("time beyond the calendar", fieldsOf(R"("expiresAt":1e300)"), "expiresAt");
    row("time that is a list", fieldsOf(R"("expiresAt":[])"), "expiresAt");
    row("priority that is a text", fieldsOf(R"("priority":"1")"), "priority");
    row("priority beyond int", fieldsOf(R"("priority":99999999999)"), "priority");
    row("disabled that is a number", fieldsOf(R"("disabled":1)"), "disabled");
    row("proxy with a password", fieldsOf(R"("proxyUrl":"http://u:SECRET@h:1")"), "proxyUrl");
    row("proxy password of its own",
        fieldsOf(R"("proxyUrl":"http://h:1","proxyUsername":"u","proxyPassword":"SECRET")"),
        "proxyPassword");
    row("proxy of an unknown kind", fieldsOf(R"("proxyUrl":"gopher://h:1")"), "proxyUrl");
    row("registration that is not there",
        fieldsOf(R"("clientIdHash":"e909a0580879b06ece1202964fbe9dda95ea4ce3")"), "clientIdHash");
    row("registration that leads elsewhere", fieldsOf(R"("clientIdHash":"../../etc/SECRET")"),
        "clientIdHash");
    row("idc without any registration", fieldsOf(R"("authMethod":"idc")"), "clientId");
    row("second entry", R"([{"refreshToken":"a"},{"refreshToken":"aorSECRET..."}])",
        "[1].refreshToken");
    row("entry that is a text", R"([{"refreshToken":"a"},"aorSECRET"])", "[1]");
    row("tokens beyond a vault's item",
        "{\"refreshToken\":\"" + QByteArray(limits::MaxSecretItem, 'x') + "\"}", "too long");
}

void TstImporter::refusesADamagedEntry()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, named);
    const auto found = importBytes(text);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    const QString message = describe(found.error());
    QVERIFY2(found.error().what.contains(named), qPrintable(message));
    QVERIFY2(found.error().path.endsWith(u"token.json"), qPrintable(message));
    QVERIFY2(!message.contains(u"SECRET"), qPrintable(message));
}

void TstImporter::refusesADamagedFile_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addRow("empty") << QByteArray();
    QTest::addRow("a word alone") << QByteArray("SECRETword");
    QTest::addRow("a text") << QByteArray(R"("aorSECRET")");
    QTest::addRow("an empty object") << QByteArray("{}");
    QTest::addRow("an empty array") << QByteArray("[]");
    QTest::addRow("an array of texts") << QByteArray(R"(["aorSECRET"])");
    QTest::addRow("another program's object") << QByteArray(R"({"accounts":[]})");
    QTest::addRow("something after it") << fieldsOf("") + "x";
    QTest::addRow("too large") << QByteArray(limits::MaxImportFile, ' ') + fieldsOf("");
    QTest::addRow("too many") << '[' + QByteArray(R"({"refreshToken":"a"},)").repeated(500)
            + R"({"refreshToken":"a"}])";
    QTest::addRow("no UTF-8") << QByteArray("{\"refreshToken\":\"a\xFF\"}");
}

void TstImporter::refusesADamagedFile()
{
    QFETCH(QByteArray, text);
    const auto found = importBytes(text);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    QVERIFY(!describe(found.error()).contains(u"SECRET"));
    QVERIFY(found.error().path.endsWith(u"token.json"));
    QTemporaryDir folder;
    for (const QString &file : {folder.path(), folder.filePath(u"missing.json"_s), QString()}) {
        const auto unread = importFile(file);
        QVERIFY(!unread);
        QCOMPARE(unread.error().code, Error::Code::Storage);
    }
    const auto marked = importBytes("\xEF\xBB\xBF" + fieldsOf(""));
    QVERIFY(marked);
}

void TstImporter::refusesADamagedRegistration_data()
{
    QTest::addColumn<QByteArray>("registration");
    const QByteArray good =
        R"({"clientId":"c","clientSecret":"s","expiresAt":"2027-02-18T12:00:00"})";
    QTest::addRow("empty") << QByteArray("");
    QTest::addRow("cut off") << good.chopped(1);
    QTest::addRow("an array") << '[' + good + ']';
    QTest::addRow("no id") << QByteArray(good).replace("clientId", "other");
    QTest::addRow("no secret") << QByteArray(good).replace("clientSecret", "other");
    QTest::addRow("a cut off secret") << QByteArray(good).replace("\"s\"", "\"SECRET...\"");
    QTest::addRow("no time") << QByteArray(good).replace("2027-02-18T12:00:00", "SECRET");
}

void TstImporter::refusesADamagedRegistration()
{
    QFETCH(QByteArray, registration);
    const auto found = importBytes(
        fieldsOf(R"("clientIdHash":"e909a0580879b06ece1202964fbe9dda95ea4ce3")"), registration);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    QVERIFY(found.error().what.contains(u"clientIdHash"));
    QVERIFY(!describe(found.error()).contains(u"SECRET"));
}

void TstImporter::oneBadEntryRefusesAll()
{
    QFile file(fixture("kirors/array.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray good = file.readAll();
    const auto found = importBytes(QByteArray(good).replace("aorEXAMPLEtwo", "aorEXAMPLEtwo..."));
    QVERIFY(!found);
    QVERIFY(found.error().what.startsWith(u"[1].refreshToken"));
    QVERIFY(importBytes(good));
}

void TstImporter::cutOffAnywhereIsRefused()
{
    QFile file(fixture("kirors/array.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray good = file.readAll().trimmed();
    for (qsizetype length = 0; length < good.size(); ++length) {
        const auto found = importBytes(good.first(length));
        QVERIFY2(!found, good.first(length).constData());
    }
}

void TstImporter::everyImportHasItsOwnIds()
{
    const auto first = importFile(fixture("kirors/array.json"));
    const auto second = importFile(fixture("kirors/array.json"));
    QVERIFY(first && second);
    QSet<QString> ids;
    for (const auto &found : {first.value(), second.value()}) {
        for (const ImportedAccount &imported : found) {
            QVERIFY(!QUuid(imported.account.id.value).isNull());
            ids.insert(imported.account.id.value);
        }
    }
    QCOMPARE(ids.size(), 6);
    for (const std::size_t entry : {0U, 2U})
        QVERIFY(first.value()[entry].account.machineId != second.value()[entry].account.machineId);
    QCOMPARE(first.value()[1].account.machineId, second.value()[1].account.machineId);
}

namespace {

Account knownAccount(const QString &id, const QString &label, const QString &fingerprint)
{
    Account account;
    account.id.value = id;
    account.label = label;
    account.provider = u"Google"_s;
    account.fingerprint = fingerprint;
    account.machineId = id;
    return account;
}

ImportedAccount importedAs(const Account &account)
{
    return {account, {}};
}

} // namespace

void TstImporter::sameUserIsFoundAgain_data()
{
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("fingerprint");
    QTest::addColumn<QString>("expected"); // id; empty: a new account
    const QString google = u"Google"_s;
    QTest::addRow("same token") << u"whatever"_s << google << u"f1"_s << u"one"_s;
    QTest::addRow("same token, other label") << u"b@example.com"_s << google << u"f1"_s << u"one"_s;
    QTest::addRow("same e-mail, token rotated")
        << u"B@Example.com"_s << google << u"f9"_s << u"two"_s;
    QTest::addRow("same e-mail elsewhere")
        << u"b@example.com"_s << u"Github"_s << u"f9"_s << QString();
    QTest::addRow("same label that is no e-mail") << u"Google"_s << google << u"f9"_s << QString();
    QTest::addRow("nothing known") << QString() << google << QString() << QString();
}

void TstImporter::sameUserIsFoundAgain()
{
    QFETCH(QString, label);
    QFETCH(QString, provider);
    QFETCH(QString, fingerprint);
    QFETCH(QString, expected);
    const std::vector<Account> accounts {knownAccount(u"one"_s, u"Google"_s, u"f1"_s),
                                         knownAccount(u"two"_s, u"b@example.com"_s, u"f2"_s),
                                         knownAccount(u"three"_s, QString(), QString())};
    Account other = knownAccount(u"new"_s, label, fingerprint);
    other.provider = provider;
    const Account *found = sameUser(accounts, importedAs(other));
    QCOMPARE(found == nullptr ? QString() : found->id.value, expected);
}

void TstImporter::successorIsTheEntryThatContinuesAnAccount_data()
{
    using Entries = std::vector<Account>;
    QTest::addColumn<Entries>("entries");
    QTest::addColumn<QString>("expected"); // label; empty: none
    const Account plain = knownAccount(u"x"_s, u"Google"_s, u"f9"_s);
    Account other = plain;
    other.provider = u"Github"_s;
    const Account email = knownAccount(u"y"_s, u"a@example.com"_s, u"f8"_s);
    const Account stranger = knownAccount(u"z"_s, u"c@example.com"_s, u"f7"_s);
    const Account secondOurs = knownAccount(u"two"_s, u"b@example.com"_s, u"f2"_s);
    Account machine = knownAccount(u"one"_s, u"Google"_s, u"f6"_s);
    machine.machineId = u"one"_s;
    QTest::addRow("nothing") << Entries {} << QString();
    QTest::addRow("the only entry") << Entries {plain} << u"Google"_s;
    QTest::addRow("of another provider") << Entries {other} << QString();
    QTest::addRow("of another user") << Entries {stranger} << QString();
    QTest::addRow("an account of ours") << Entries {secondOurs} << QString();
    QTest::addRow("beside an account of ours") << Entries {secondOurs, email} << email.label;
    QTest::addRow("the one with the e-mail") << Entries {plain, email} << email.label;
    QTest::addRow("the one with the machine id") << Entries {plain, machine} << machine.label;
    QTest::addRow("two that could be it") << Entries {plain, plain} << QString();
}

void TstImporter::successorIsTheEntryThatContinuesAnAccount()
{
    QFETCH(std::vector<Account>, entries);
    QFETCH(QString, expected);
    const std::vector<Account> accounts {knownAccount(u"one"_s, u"a@example.com"_s, u"f1"_s),
                                         knownAccount(u"two"_s, u"b@example.com"_s, u"f2"_s)};
    std::vector<ImportedAccount> found;
    for (const Account &entry : entries)
        found.push_back(importedAs(entry));
    const ImportedAccount *next = successorOf(accounts.front(), accounts, found);
    QCOMPARE(next == nullptr ? QString() : next->account.label, expected);
}

QTEST_GUILESS_MAIN(TstImporter)
#include "tst_importer.moc"
