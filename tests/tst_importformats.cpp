// SPDX-License-Identifier: MIT
#include "app/accounts/importer.h"
#include "app/accounts/importers/localpath.h"
#include "app/base/limits.h"

#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

/// The formats of other programs (kiro-protocol §7.3–§7.5): whole, and damaged in many ways.
class TstImportFormats : public QObject
{
    Q_OBJECT

private slots:
    void recognisesEveryFormat_data();
    void recognisesEveryFormat();
    void readsTheExportOfKiroAccountManager();
    void readsCardKeysWithDashesAtTheEndOfFields();
    void readsTablesWithAndWithoutHeader();
    void readsTheConfigurationOfKiroGo();
    void followsTheFilesThatKiroProxyNames();
    void aReferredFileMustNotReferToOthers();
    void readsAFolderOfCredentials();
    void aDamagedFileRefusesItsFolder();
    void readsTheValueOrTheFileOfTheEnvironment();
    void readsTextOfWindowsEditors();
    void onlyLiveFilesAreFollowed();
    void refusesADamagedFile_data();
    void refusesADamagedFile();
    void refusesADamagedList_data();
    void refusesADamagedList();
    void neverCrashesNorTellsAValue_data();
    void neverCrashesNorTellsAValue();
    void understandsPathsOfAllSystems_data();
    void understandsPathsOfAllSystems();

private:
    static QString fixture(const char *name)
    {
        return QStringLiteral(KIROTRAY_FIXTURES) + u"/importers/"_s + QString::fromLatin1(name);
    }
    static QByteArray bytesOf(const char *name)
    {
        QFile file(fixture(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static Result<ImportFinding> findIn(const QByteArray &text)
    {
        return findAccountsIn(text, QDir(fixture("kiroproxy")));
    }
    static bool write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }
    static std::vector<ImportedAccount> accountsOf(const Result<ImportFinding> &found)
    {
        if (!found)
            qWarning().noquote() << describe(found.error());
        return found ? found.value().accounts : std::vector<ImportedAccount>();
    }
};

namespace {

constexpr auto MachineId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"_L1;

QStringList refreshTokens(const std::vector<ImportedAccount> &accounts)
{
    QStringList tokens;
    for (const ImportedAccount &imported : accounts)
        tokens << QString::fromLatin1(imported.credential.refreshToken.reveal());
    return tokens;
}

} // namespace

void TstImportFormats::recognisesEveryFormat_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QStringList>("tokens");
    const QString one = u"aorEXAMPLEone"_s;
    const QString two = u"aorEXAMPLEtwo"_s;
    const QString three = u"aorEXAMPLEthree"_s;
    const auto row = [](const char *file, const char *format, const QStringList &tokens) {
        QTest::addRow("%s", file) << QString::fromLatin1(format) << tokens;
    };
    row("kam/export.json", "Kiro Account Manager export", {one, two});
    row("kam/item.json", "Kiro Account Manager accounts", {three});
    row("kam/items.json", "Kiro Account Manager accounts", {one, two});
    row("kam/cardkeys.txt", "list of tokens", {one + u'-', two, three});
    row("kam/tokens.txt", "list of tokens", {one, two, three + u'-'});
    row("kam/table.csv", "list of tokens", {one, two});
    row("kam/plain.csv", "list of tokens", {one, two});
    row("hjkam/accounts.json", "Kiro Account Manager accounts", {one, two});
    row("kiro2api/tokens.json", "kiro2api tokens", {one, two});
    row("kirogo/config.json", "Kiro-Go configuration", {one, two});
    row("kiroproxy/export.json", "Kiro Account Manager export", {one, two});
    row("kiroproxy/config.json", "KiroProxy configuration",
        {u"aorEXAMPLEsocial"_s, u"aorEXAMPLEbuilder"_s});
    row("cliproxy/kiro-one.json", "CLIProxyAPI Plus auth file", {one});
    row("cliproxy/kiro-two.json", "CLIProxyAPI Plus auth file", {two});
    row("cliproxy", "folder of credential files", {one, two});
    row("aiclient/one.json", "AIClient token file", {one});
    row("kirors-folder", "folder of credential files", {one, two});
    row("kirors/array.json", "kiro.rs credentials",
        {u"aorEXAMPLEone"_s, u"aorEXAMPLEtwo"_s, QString()});
    row("kiroide-social/kiro-auth-token.json", "Kiro IDE token file", {u"aorEXAMPLEsocial"_s});
}

void TstImportFormats::recognisesEveryFormat()
{
    QFETCH(QString, format);
    QFETCH(QStringList, tokens);
    const auto found = findAccounts(fixture(QTest::currentDataTag()));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(found.value().format, format);
    QCOMPARE(refreshTokens(found.value().accounts), tokens);
    for (const auto &[account, credential] : found.value().accounts) {
        QCOMPARE(account.machineId.size(), 64);
        QCOMPARE(account.fingerprint, fingerprintOf(credential));
        QVERIFY(!account.label.isEmpty());
        const bool isRegistered =
            account.kind == AccountKind::BuilderId || account.kind == AccountKind::IdentityCenter;
        QCOMPARE(credential.clientSecret.isEmpty(), !isRegistered);
    }
}

void TstImportFormats::readsTheExportOfKiroAccountManager()
{
    const auto accounts = accountsOf(findAccounts(fixture("kam/export.json")));
    QCOMPARE(accounts.size(), std::size_t(2));
    const auto &[google, credential] = accounts[0];
    QVERIFY(google.kind == AccountKind::Social);
    QCOMPARE(google.email, u"one@example.com"_s);
    QCOMPARE(google.userId, u"d-9067.one"_s);
    QCOMPARE(google.provider, u"Google"_s);
    QCOMPARE(google.machineId, MachineId);
    QCOMPARE(google.profileArn,
             u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345"_s);
    QCOMPARE(google.group, u"work"_s);
    QCOMPARE(google.tags, QStringList {u"fast"_s});
    QCOMPARE(credential.expiresAt, QDateTime::fromMSecsSinceEpoch(1763633600000, Qt::UTC));
    const auto &[builder, registered] = accounts[1];
    QVERIFY(builder.kind == AccountKind::BuilderId);
    QCOMPARE(registered.clientId, u"clientEXAMPLE"_s);
    QCOMPARE(registered.clientSecret.reveal(), QByteArray("eyEXAMPLEsecret"));
    QVERIFY(builder.group.isEmpty() && builder.tags.isEmpty());
}

void TstImportFormats::readsCardKeysWithDashesAtTheEndOfFields()
{
    const auto accounts = accountsOf(findAccounts(fixture("kam/cardkeys.txt")));
    QCOMPARE(accounts.size(), std::size_t(3));
    QCOMPARE(accounts[0].account.email, u"one@example.com"_s);
    QCOMPARE(accounts[0].credential.clientId, u"clientEXAMPLE--"_s);
    QVERIFY(accounts[1].account.kind == AccountKind::Social);
    QCOMPARE(accounts[2].credential.clientSecret.reveal(), QByteArray("eyEXAMPLEsecret----"));
    QCOMPARE(accounts[2].account.provider, u"Enterprise"_s);
    const auto tabs = accountsOf(findIn("a@example.com\tpass\taorX\tclient\tsecret--\tBuilderId\n"
                                        "b@example.com  pass  aorY\n"));
    QCOMPARE(tabs.size(), std::size_t(2));
    QCOMPARE(tabs[0].credential.clientSecret.reveal(), QByteArray("secret--"));
    QCOMPARE(tabs[1].credential.refreshToken.reveal(), QByteArray("aorY"));
    const auto key = accountsOf(findIn("ksk_EXAMPLE0123456789"));
    QVERIFY(key.at(0).account.kind == AccountKind::ApiKey);
}

void TstImportFormats::readsTablesWithAndWithoutHeader()
{
    const auto table = accountsOf(findAccounts(fixture("kam/table.csv")));
    QCOMPARE(table.size(), std::size_t(2));
    QVERIFY(table[0].account.kind == AccountKind::Social);
    QVERIFY(table[1].account.kind == AccountKind::IdentityCenter);
    QCOMPARE(table[1].account.ssoRegion, u"eu-west-1"_s);
    const auto plain = accountsOf(findAccounts(fixture("kam/plain.csv")));
    QCOMPARE(plain.at(1).account.email, u"two@example.com"_s);
}

void TstImportFormats::readsTheConfigurationOfKiroGo()
{
    const auto accounts = accountsOf(findAccounts(fixture("kirogo/config.json")));
    QCOMPARE(accounts.size(), std::size_t(2));
    QVERIFY(accounts[0].account.kind == AccountKind::BuilderId);
    QCOMPARE(accounts[0].credential.expiresAt, QDateTime::fromSecsSinceEpoch(1763633600, Qt::UTC));
    QCOMPARE(accounts[0].account.machineId, MachineId);
    QVERIFY(accounts[0].account.enabled);
    QCOMPARE(accounts[1].account.label, u"second"_s);
    QVERIFY(!accounts[1].account.enabled);
    QVERIFY(!accounts[1].credential.expiresAt.isValid());
}

void TstImportFormats::followsTheFilesThatKiroProxyNames()
{
    const auto accounts = accountsOf(findAccounts(fixture("kiroproxy/config.json")));
    QCOMPARE(accounts.size(), std::size_t(2));
    QCOMPARE(accounts[0].account.label, u"first"_s);
    QCOMPARE(accounts[0].account.importedFrom, fixture("kiroide-social/kiro-auth-token.json"));
    QVERIFY(accounts[0].account.enabled);
    QVERIFY(!accounts[1].account.enabled);
    QCOMPARE(accounts[1].credential.clientId, u"aBcDeFgHiJkLmNoPqRsTuVwXyZ"_s);
}

void TstImportFormats::aReferredFileMustNotReferToOthers()
{
    QTemporaryDir folder;
    const QString file = folder.filePath(u"config.json"_s);
    QVERIFY(write(file, R"({"accounts":[{"name":"x","token_path":"config.json"}]})"));
    const auto found = findAccounts(file);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    QVERIFY(found.error().what.contains(u"accounts[0].token_path"));
}

void TstImportFormats::readsAFolderOfCredentials()
{
    const auto accounts = accountsOf(findAccounts(fixture("kirors-folder")));
    QCOMPARE(accounts.size(), std::size_t(2));
    QVERIFY(accounts[0].account.importedFrom.endsWith(u"/a.json"));
    QVERIFY(accounts[1].account.importedFrom.endsWith(u"/b.json"));
    // The registration beside the IDE's file is no account.
    QCOMPARE(accountsOf(findAccounts(fixture("kiroide-builderid"))).size(), std::size_t(1));
}

void TstImportFormats::aDamagedFileRefusesItsFolder()
{
    QTemporaryDir folder;
    QVERIFY(write(folder.filePath(u"a.json"_s), bytesOf("kirors-folder/a.json")));
    QVERIFY(write(folder.filePath(u"b.json"_s), bytesOf("kirors-folder/b.json").chopped(3)));
    const auto found = findAccounts(folder.path());
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    QVERIFY(found.error().path.endsWith(u"b.json"));
}

void TstImportFormats::readsTheValueOrTheFileOfTheEnvironment()
{
    const auto value = importTokenValue(QString::fromUtf8(bytesOf("kiro2api/tokens.json")));
    QVERIFY(value);
    QCOMPARE(value.value().at(1).account.description, u"the second"_s);
    QVERIFY(value.value().at(0).account.importedFrom.isEmpty());
    const auto file = importTokenValue(u'"' + fixture("kiro2api/tokens.json") + u'"');
    QVERIFY(file);
    QCOMPARE(refreshTokens(file.value()), refreshTokens(value.value()));
    QVERIFY(!importTokenValue(u"/nowhere/tokens.json"_s));
}

void TstImportFormats::readsTextOfWindowsEditors()
{
    const QString text = QString::fromUtf8(bytesOf("kirogo/config.json"));
    QByteArray little("\xFF\xFE");
    QByteArray big("\xFE\xFF");
    for (const QChar c : text) {
        little.append(char(c.unicode() & 0xFF)).append(char(c.unicode() >> 8));
        big.append(char(c.unicode() >> 8)).append(char(c.unicode() & 0xFF));
    }
    for (const QByteArray &bytes : {little, big, "\xEF\xBB\xBF" + text.toUtf8()})
        QCOMPARE(accountsOf(findIn(bytes)).size(), std::size_t(2));
}

void TstImportFormats::onlyLiveFilesAreFollowed()
{
    for (const char *name : {"kam/export.json", "kam/cardkeys.txt", "kiroproxy/export.json"})
        QVERIFY(accountsOf(findAccounts(fixture(name))).at(0).account.importedFrom.isEmpty());
    for (const char *name : {"kirogo/config.json", "cliproxy/kiro-one.json", "aiclient/one.json"})
        QCOMPARE(accountsOf(findAccounts(fixture(name))).at(0).account.importedFrom, fixture(name));
}

void TstImportFormats::refusesADamagedFile_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QString>("named");
    struct Format
    {
        const char *file;
        const char *entry; ///< path of the second account
        bool isSnake;
    };
    const auto row = [](const Format &format, const char *name, QByteArray from,
                        const QByteArray &to, const char *field) {
        QString named = QString::fromLatin1(field);
        if (format.isSnake) {
            from.replace("refreshToken", "refresh_token").replace("accessToken", "access_token");
            from.replace("clientId", "client_id").replace("clientSecret", "client_secret");
            named.replace(u"refreshToken"_s, u"refresh_token"_s);
            named.replace(u"clientSecret"_s, u"client_secret"_s);
        }
        QTest::addRow("%s: %s", format.file, name)
            << QByteArray(format.file) << from << to << QString::fromLatin1(format.entry) + named;
    };
    const std::array formats {Format {"kam/export.json", "accounts[1].credentials.", false},
                              Format {"kam/items.json", "[1].", false},
                              Format {"hjkam/accounts.json", "[1].", false},
                              Format {"kiro2api/tokens.json", "[1].", false},
                              Format {"kiroproxy/export.json", "accounts[1].credentials.", false},
                              Format {"cliproxy/kiro-two.json", "", true},
                              Format {"kirors-folder/b.json", "", false}};
    for (const Format &format : formats) {
        const char *token = "refreshToken";
        row(format, "token cut off", "aorEXAMPLEtwo\"", "aorEXAMPLEtwo...\"", token);
        row(format, "token with a space", "aorEXAMPLEtwo\"", "aorEXAMPLE two\"", token);
        row(format, "token with a control character", "aorEXAMPLEtwo\"", "aor\\u0007EXAMPLE\"",
            token);
        row(format, "token not in Latin letters", "aorEXAMPLEtwo\"", "aor\xC3\xA9XAMPLE\"", token);
        row(format, "token that is a number", "\"aorEXAMPLEtwo\"", "17", token);
        row(format, "token that is a list", "\"aorEXAMPLEtwo\"", "[\"aorEXAMPLE\"]", token);
        row(format, "token that is an object", "\"aorEXAMPLEtwo\"", "{}", token);
        row(format, "client secret cut off", "eyEXAMPLEsecret\"", "eyEXAMPLEsec\xE2\x80\xA6\"",
            "clientSecret");
        row(format, "client secret that is a truth", "\"eyEXAMPLEsecret\"", "true", "clientSecret");
        row(format, "no secret, no registration", "\"clientSecret\"", "\"other\"", "");
        row(format, "no token", "aorEXAMPLEtwo\"", "\"", token);
    }
    const Format go {"kirogo/config.json", "accounts[1].", false};
    row(go, "token cut off", "aorEXAMPLEtwo\"", "aorEXAMPLEtwo...\"", "refreshToken");
    row(go, "no token", "aorEXAMPLEtwo\"", "\"", "refreshToken");
    row(go, "token that is a number", "\"aorEXAMPLEtwo\"", "5", "refreshToken");
    row({go.file, "accounts[0].", false}, "time that is an object", "1763633600", "{}",
        "expiresAt");
    row(go, "switch that is a text", "\"enabled\": false", "\"enabled\": \"EXAMPLE\"", "enabled");
    row(go, "unknown method", "\"social\"", "\"EXAMPLE\"", "authMethod");
    row(go, "method that is a number", "\"social\"", "1", "authMethod");
    row(go, "machine id that is a number", "\"machineId\": \"\"", "\"machineId\": 12", "machineId");
    row(go, "provider that is a list", "\"Google\"", "[]", "provider");
    row(go, "e-mail that is a number", "\"email\": \"\"", "\"email\": 12", "email");
    row({go.file, "", false}, "accounts that are an object", "\"accounts\": [", "\"accounts\": {",
        "");
    const Format proxy {"kiroproxy/config.json", "accounts[1].", false};
    const QByteArray path = "../kiroide-builderid/kiro-auth-token.json";
    row(proxy, "file that is not there", path, "EXAMPLE.json", "token_path");
    row(proxy, "file that is a folder", path, "../kirors-folder", "token_path");
    row(proxy, "file with two accounts", path, "../kirogo/config.json", "token_path");
    row(proxy, "itself", path, "config.json", "token_path");
    row(proxy, "no path", path, "", "token");
    row(proxy, "path that is a number", "\"" + path + "\"", "7", "token_path");
    row(proxy, "path that is a list", "\"" + path + "\"", "[]", "token_path");
    row(proxy, "switch that is a text", "false", "\"EXAMPLE\"", "enabled");
    row(proxy, "name that is a number", "\"second\"", "7", "name");
    row(proxy, "device that never ends", path, "/dev/zero", "token_path");
    const Format ai {"aiclient/one.json", "", false};
    row(ai, "token cut off", "aorEXAMPLEone\"", "aorEXAMPLEone...\"", "refreshToken");
    row(ai, "token with a space", "aorEXAMPLEone\"", "aor EXAMPLE\"", "refreshToken");
    row(ai, "token that is a number", "\"aorEXAMPLEone\"", "1", "refreshToken");
    row(ai, "secret cut off", "eyEXAMPLEsecret\"", "eyEXAMPLE...\"", "clientSecret");
    row(ai, "no secret", "eyEXAMPLEsecret\"", "\"", "clientId");
    row(ai, "no client", "clientEXAMPLE\"", "\"", "clientId");
    row(ai, "no region", "us-east-1", "EXAMPLE.com/x", "");
    row(ai, "no time", "2026-11-20T12:34:56Z", "EXAMPLE", "expiresAt");
    row(ai, "unknown method", "builder-id", "EXAMPLE", "authMethod");
    row(ai, "access token cut off", "aoaEXAMPLEone\"", "aoaEXAMPLE...\"", "accessToken");
}

void TstImportFormats::refusesADamagedFile()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QString, named);
    const QByteArray good = bytesOf(file.constData());
    const qsizetype at = good.lastIndexOf(from);
    QVERIFY2(at >= 0, "the fixture lacks what the row replaces");
    QVERIFY(findAccountsIn(good, QDir(fixture("kiroproxy"))));
    QByteArray bad = good;
    bad.replace(at, from.size(), to);
    const auto found = findIn(bad);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    const QString message = describe(found.error());
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(!message.contains(u"EXAMPLE"), qPrintable(message));
}

void TstImportFormats::refusesADamagedList_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *name, const QByteArray &text, const char *named) {
        QTest::addRow("%s", name) << text << QString::fromLatin1(named);
    };
    const QByteArray good = "a@example.com----pw----aorEXAMPLE\n";
    row("a token that is cut off", "aorEXAMPLE...\n", "line 1: refreshToken");
    row("a second token with a space", "aorEXAMPLE\naor EXAMPLE\n", "line 2: refreshToken");
    row("an e-mail alone", good + "b@example.com----\n", "line 2: refreshToken");
    row("a secret that is missing", good + "b@example.com----pw----aorEXAMPLE----clientEXAMPLE\n",
        "line 2: clientSecret");
    row("a client that is missing",
        good + "# x\n\nb@example.com----pw----aorEXAMPLE---- ----eyEXAMPLE\n", "line 4");
    row("too many columns", good + "a----b----aorEXAMPLE----d----e----f----EXAMPLE\n", "line 2");
    row("columns in another order", "a@example.com,aorEXAMPLE,clientEXAMPLE,eyEXAMPLE\n", "line 1");
    row("a header without lines", "email,refreshToken\n", "no account");
    row("a line longer than the header", "email,refreshToken\na@example.com,aorEXAMPLE,EXAMPLE\n",
        "line 2");
    row("an empty token under a header", "email,refreshToken\na@example.com,\n",
        "line 2: refreshToken");
    row("a region that leads elsewhere", "refreshToken,region\naorEXAMPLE,EXAMPLE.com/\n",
        "line 2: region");
    row("a token in other letters", "a@example.com,aor\xC3\xA9\n", "line 1: refreshToken");
    row("too many lines", QByteArray("aorEXAMPLE\n").repeated(limits::MaxAccounts + 1), "500");
    row("a word", "EXAMPLE\n", "known format");
    row("a letter", "Dear EXAMPLE, here it is.\n", "known format");
    row("no UTF-8", "aorEXAMPLE\xFF\n", "known format");
    row("zero bytes", QByteArray("aorEXAMPLE\0\n", 12), "known format");
    row("only comments", "# EXAMPLE\n", "known format");
    row("a list that is too large", QByteArray(limits::MaxImportFile + 1, 'a'), "too large");
}

void TstImportFormats::refusesADamagedList()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, named);
    const auto found = findIn(text);
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    const QString message = describe(found.error());
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(!message.contains(u"EXAMPLE"), qPrintable(message));
}

void TstImportFormats::neverCrashesNorTellsAValue_data()
{
    QTest::addColumn<QByteArray>("file");
    for (const char *file :
         {"kam/export.json", "kam/items.json", "kam/cardkeys.txt", "kam/tokens.txt",
          "kam/table.csv", "hjkam/accounts.json", "kiro2api/tokens.json", "kirogo/config.json",
          "kiroproxy/export.json", "cliproxy/kiro-two.json", "aiclient/one.json"})
        QTest::addRow("%s", file) << QByteArray(file);
}

void TstImportFormats::neverCrashesNorTellsAValue()
{
    QFETCH(QByteArray, file);
    const QByteArray good = bytesOf(file.constData());
    QVERIFY(findIn(good));
    for (qsizetype i = 0; i < good.size(); ++i) {
        QByteArray flipped = good;
        flipped[i] = static_cast<char>(flipped.at(i) ^ (1 << (i % 7)));
        for (const QByteArray &damaged : {good.first(i), flipped}) {
            const auto found = findIn(damaged);
            if (found)
                continue;
            QCOMPARE(found.error().code, Error::Code::BadInput);
            QVERIFY2(!describe(found.error()).contains(u"EXAMPLE"),
                     qPrintable(describe(found.error())));
        }
    }
}

void TstImportFormats::understandsPathsOfAllSystems_data()
{
    QTest::addColumn<bool>("isWindows");
    QTest::addColumn<QString>("path");
    const auto row = [](const char *text, bool isWindows, const char *path) {
        QTest::addRow("%s on %s", text, isWindows ? "Windows" : "Unix")
            << isWindows << QString::fromUtf8(path);
    };
    row("C:\\Users\\me\\token.json", true, "C:/Users/me/token.json");
    row("C:\\Users\\me\\token.json", false, "C:/Users/me/token.json");
    row("\\\\?\\C:\\Users\\me\\token.json", true, "C:/Users/me/token.json");
    row("\\\\?\\UNC\\server\\share\\t.json", true, "//server/share/t.json");
    row("\\\\server\\share\\t.json", true, "//server/share/t.json");
    row("file:///C:/Users/my%20name/t.json", true, "C:/Users/my name/t.json");
    row("file:///home/my%20name/t.json", false, "/home/my name/t.json");
    row("file:///C:\\Users\\me\\t.json", true, "C:/Users/me/t.json");
    row("\"C:\\Users\\me\\t.json\"", true, "C:/Users/me/t.json");
    row("/c/Users/me/t.json", true, "C:/Users/me/t.json");
    row("/c/Users/me/t.json", false, "/c/Users/me/t.json");
    row("~/t.json", false, "/home/me/t.json");
    row("~\\t.json", true, "/home/me/t.json");
    row("t.json", false, "t.json");
    row("sub\\t.json", true, "sub/t.json");
    row("odd\\name.json", false, "odd\\name.json");
    row("C:/Users/\xE7\x94\xA8\xE6\x88\xB7/t.json", true,
        "C:/Users/\xE7\x94\xA8\xE6\x88\xB7/t.json");
    row("", false, "");
}

void TstImportFormats::understandsPathsOfAllSystems()
{
    QFETCH(bool, isWindows);
    QFETCH(QString, path);
    const QString tag = QString::fromUtf8(QTest::currentDataTag());
    const QString text = tag.left(tag.lastIndexOf(u" on "));
    QCOMPARE(localPathOf(text, u"/home/me"_s, isWindows), path);
}

QTEST_GUILESS_MAIN(TstImportFormats)
#include "tst_importformats.moc"
