// SPDX-License-Identifier: MIT
// No secret leaves the vault: one of its own in every place that holds one, everything done with
// them that the program can do, and then a search of all that it wrote and gave out.
#include "app/accounts/accountstore.h"
#include "app/accounts/vault.h"
#include "app/coreservices.h"
#include "tests/canarybench.h"

#include <QFile>

using namespace kirotray;

class TstCanary : public CanaryBench
{
    Q_OBJECT

private slots:
    void initTestCase();
    void theSearchFindsWhatIsThere();
    void noSecretLeavesTheVault();

private:
    /// Things that are done with the secrets, in this order. One line each.
    struct Action
    {
        const char *name;
        void (TstCanary::*run)();
    };
    static const std::vector<Action> &actions();

    void importsAccounts();
    void importsDamagedFiles();
    void answersAllApis();
    void refusesForeignKeys();
    void isRefusedByTheUpstream();
    void cannotRenewTokens();
    void refusesProxyPasswords();
    void administers();
    void failsToSignIn();
    void removesAnAccount();
    void opensTheVaultWithAnotherPassphrase();

    QByteArray key() { return "x-api-key: " + canary(u"client key"_s); }
    int ask() { return call("POST /v1/messages", {key()}, Messages); }

    static inline const QByteArray Messages =
        R"({"model":"claude-sonnet-4.5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
};

const std::vector<TstCanary::Action> &TstCanary::actions()
{
    static const std::vector<Action> all {
        {"imports accounts", &TstCanary::importsAccounts},
        {"imports damaged files", &TstCanary::importsDamagedFiles},
        {"answers all APIs", &TstCanary::answersAllApis},
        {"refuses foreign keys", &TstCanary::refusesForeignKeys},
        {"is refused by the upstream", &TstCanary::isRefusedByTheUpstream},
        {"cannot renew tokens", &TstCanary::cannotRenewTokens},
        {"refuses proxy passwords", &TstCanary::refusesProxyPasswords},
        {"administers", &TstCanary::administers},
        {"fails to sign in", &TstCanary::failsToSignIn},
        {"removes an account", &TstCanary::removesAnAccount},
        {"opens the vault with another passphrase", &TstCanary::opensTheVaultWithAnotherPassphrase},
    };
    return all;
}

void TstCanary::initTestCase()
{
    QVERIFY(simulator.start());
    QFile endpoints(data.filePath(u"endpoints.json"_s));
    QVERIFY(endpoints.open(QIODevice::WriteOnly));
    endpoints.write(simulator.endpointsJson());
    QFile settings(data.filePath(u"settings.ini"_s));
    QVERIFY(settings.open(QIODevice::WriteOnly));
    settings.write("[pacing]\nenabled=false\n[flows]\nbodies=true\n");
}

void TstCanary::theSearchFindsWhatIsThere()
{
    const QByteArray secret = canary(u"test"_s);
    QVERIFY(findIn("nothing", u"a"_s).isEmpty());
    QCOMPARE(findIn("x" + secret + "y", u"a"_s).size(), 1);
    for (const QByteArray &before : {QByteArray(), QByteArray("a"), QByteArray("ab")})
        QCOMPARE(findIn((before + secret + "end").toBase64(), u"a"_s).size(), 1);
    const QString wide = QString::fromLatin1(secret);
    QCOMPARE(
        findIn(QByteArray(reinterpret_cast<const char *>(wide.utf16()), wide.size() * 2), u"a"_s)
            .size(),
        1);
    QFile file(elsewhere.filePath(u".hidden"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(secret);
    file.close();
    QCOMPARE(findInFolder(elsewhere.path()).size(), 1);
}

void TstCanary::noSecretLeavesTheVault()
{
    QVERIFY(open());
    for (const Action &action : actions()) {
        keep(u"actions"_s, action.name);
        (this->*action.run)();
        QVERIFY2(!QTest::currentTestFailed(), action.name);
    }
    QVERIFY(close());
    QVERIFY(learnIssuedSecrets());
    const QStringList found = findInFolder(data.path()) + findInKept();
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

void TstCanary::importsAccounts()
{
    const auto member = [this](const char *name, const char *place) {
        return QByteArray("\"") + name + "\":\"" + canary(QString::fromLatin1(place)) + "\"";
    };
    import(u"accounts.json"_s,
           R"([{"authMethod":"social","provider":"Google","email":"a@example.com",)"
               + member("accessToken", "social access") + ','
               + member("refreshToken", "social refresh")
               + R"(,"expiresAt":"2099-01-01T00:00:00Z"},)"
               + R"({"authMethod":"idc","provider":"BuilderId","email":"b@example.com",)"
               + member("accessToken", "OIDC access") + ',' + member("refreshToken", "OIDC refresh")
               + R"(,"clientId":"id",)" + member("clientSecret", "OIDC client secret")
               + R"(,"expiresAt":"2000-01-01T00:00:00Z"},)" + R"({"authMethod":"api_key",)"
               + member("kiroApiKey", "API key") + "}]");
    QCOMPARE(core->accounts().accounts().size(), std::size_t(3));
    QVERIFY(serve());
}

void TstCanary::importsDamagedFiles()
{
    const QByteArray secret = canary(u"damaged file"_s);
    const QByteArray quoted = '"' + secret + '"';
    const QByteArrayList files {
        "{\"refreshToken\":" + quoted,
        "{\"refreshToken\":[" + quoted + "]}",
        "{\"refreshToken\":\"" + secret + "...\"}",
        "{\"refreshToken\":\"" + secret + " \\u00e9\"}",
        "{\"refreshToken\":" + quoted + ",\"authMethod\":" + quoted + '}',
        "{\"refreshToken\":" + quoted + ",\"region\":" + quoted + '}',
        "{\"refreshToken\":" + quoted + ",\"clientIdHash\":" + quoted + ",\"authMethod\":\"idc\"}",
        "{\"refreshToken\":" + quoted + ",\"expiresAt\":" + quoted + '}',
        secret,
    };
    for (qsizetype at = 0; at < files.size(); ++at)
        import(QString::number(at) + u".json"_s, files[at]);
}

void TstCanary::answersAllApis()
{
    QVERIFY(simulator.setScript(
        R"({"rules":[{"steps":[{"text":"Good day."}]}],"tokens":{"anyAccess":true,"refresh":[")"
        + canary(u"social refresh"_s) + R"(",")" + canary(u"OIDC refresh"_s) + R"("]}})"));
    const QByteArray chat = R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})";
    const QByteArray gemini = R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})";
    for (int round = 0; round < 3; ++round) { // each account has its turn
        QCOMPARE(ask(), 200);
        QCOMPARE(call("POST /v1/chat/completions",
                      {"Authorization: Bearer " + canary(u"client key"_s)}, chat),
                 200);
        QCOMPARE(call("POST /v1/responses", {key()}, R"({"model":"gpt-4o","input":"hi"})"), 200);
        QCOMPARE(
            call("POST /v1beta/models/gemini-pro:generateContent?key=" + canary(u"client key"_s),
                 {}, gemini),
            200);
        QCOMPARE(call("GET /v1/models", {key()}), 200);
    }
    QTRY_VERIFY(flows.size() >= 12);
}

void TstCanary::refusesForeignKeys()
{
    const QByteArray foreign = canary(u"foreign key"_s);
    QCOMPARE(call("POST /v1/messages", {"x-api-key: " + foreign}, Messages), 401);
    QCOMPARE(call("POST /v1/messages?key=" + foreign, {}, Messages), 401);
    QCOMPARE(call("GET /nowhere/" + QByteArray("x?key=") + foreign, {key()}), 404);
    QVERIFY(call("GET /api/status", {"Authorization: Bearer " + canary(u"admin token"_s)}) >= 400);
}

void TstCanary::isRefusedByTheUpstream()
{
    // No refusal is retried later, and none is of the account.
    for (
        const char *failure :
        {R"("status":400,"reason":"CONTENT_LENGTH_EXCEEDS_THRESHOLD","message":"Input is too long.")",
         R"("status":400,"message":"Improperly formed request.")",
         R"("status":403,"message":"The bearer token included in the request is invalid.")"}) {
        QVERIFY(simulator.setScript(R"({"tokens":{"anyAccess":true},"rules":[{"httpError":{)"
                                    + QByteArray(failure) + "}}]}"));
        QVERIFY(ask() >= 400);
    }
}

void TstCanary::cannotRenewTokens()
{
    // A service that repeats what it was sent.
    const QByteArray echo = R"("message":")" + canary(u"social refresh"_s) + ' '
        + canary(u"OIDC client secret"_s) + '"';
    QVERIFY(simulator.setScript(
        R"({"tokens":{"failures":[{"on":"any","times":20,"status":400,"class":"InvalidRequestException",)"
        + echo + "}]}}"));
    QVERIFY(ask() >= 400);
    QVERIFY(ask() >= 400);
}

void TstCanary::refusesProxyPasswords()
{
    const std::size_t before = core->accounts().accounts().size();
    const QByteArray secret = canary(u"proxy password"_s);
    const QByteArray account = "{\"refreshToken\":\"" + canary(u"damaged file"_s) + "\",";
    import(u"proxy1.json"_s, account + "\"proxyUrl\":\"http://u:" + secret + "@127.0.0.1:9\"}");
    import(u"proxy2.json"_s,
           account + "\"proxyUrl\":\"http://127.0.0.1:9\",\"proxyUsername\":\"u\","
               + "\"proxyPassword\":\"" + secret + "\"}");
    QCOMPARE(core->accounts().accounts().size(), before);
}

/// With the real token: every answer of the administration, the exports among them.
void TstCanary::administers()
{
    const QByteArray token = "Authorization: Bearer " + core->adminToken().reveal();
    for (const char *path :
         {"GET /api/status", "GET /api/accounts", "GET /api/quota", "GET /api/flows",
          "GET /api/flows/export", "GET /api/flows/export?format=har&bodies=true",
          "GET /api/flows/stats", "GET /api/keys", "GET /api/settings", "GET /api/doctor",
          "GET /api/logins", "GET /v1/usage"})
        QCOMPARE(call(path, {token}), 200);
    QVERIFY(!flows.empty());
    const QByteArray flow = "GET /api/flows/" + flows.front().id.toLatin1();
    QCOMPARE(call(flow, {token}), 200);
    QCOMPARE(call(flow + "/bodies", {token}), 200);
    QCOMPARE(call("POST /api/accounts/export", {token},
                  "{\"passphrase\":\"" + canary(u"export passphrase"_s) + "\"}"),
             200);
    QCOMPARE(call("POST /api/keys", {token}, R"({"name":"canary"})"), 201);
    QCOMPARE(call("POST /api/accounts/export", {token},
                  "{\"plain\":true,\"passphrase\":\"" + canary(u"export passphrase"_s) + "\"}"),
             400);
}

void TstCanary::failsToSignIn()
{
    const QByteArray token = "Authorization: Bearer " + core->adminToken().reveal();
    const auto begin = [&](const char *provider, const char *place) {
        return call("POST /api/logins", {token},
                    QByteArray(R"({"acceptsRisk":true,"provider":")") + provider + R"(","secret":")"
                        + canary(QString::fromLatin1(place)) + "\"}");
    };
    QVERIFY(begin("tokens", "pasted tokens") >= 200);
    QVERIFY(begin("api-key", "wrong API key") >= 200);
    QVERIFY(begin("sso-session", "session token") >= 200);
    const auto isOver = [this] {
        const std::vector<LoginStatus> all = core->services().logins->all();
        return std::none_of(all.begin(), all.end(), [](const LoginStatus &login) {
            return login.state == LoginStatus::State::Running;
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isOver(), 30'000);
    QCOMPARE(call("GET /api/logins", {token}), 200);
}

void TstCanary::removesAnAccount()
{
    bool isRemoved = false;
    core->removeAccount(core->accounts().accounts().back().id, this,
                        [&](const Result<Done> &removed) { isRemoved = bool(removed); });
    QTRY_VERIFY(isRemoved);
}

void TstCanary::opensTheVaultWithAnotherPassphrase()
{
    const QString copy = elsewhere.filePath(u"vault.bin"_s);
    QVERIFY(QFile::copy(data.filePath(u"vault.bin"_s), copy));
    const auto opened = openFileVault(copy, Secret(canary(u"another passphrase"_s)));
    QVERIFY(!opened);
    keep(u"vault"_s, describe(opened.error()).toUtf8());
}

QTEST_GUILESS_MAIN(TstCanary)
#include "tst_canary.moc"
