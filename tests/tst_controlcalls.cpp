// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/kiro/controlcalls.h"
#include "tests/fakepeer.h"

#include <QTest>

#include <set>

using namespace kirotray;

namespace {

const QString OwnArn = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE1"_s;

QByteArray sampleUsage(const QByteArray &extra = {})
{
    return "{\"nextDateReset\":1.7645472E9,"
           "\"subscriptionInfo\":{\"subscriptionTitle\":\"KIRO PRO\"},"
           "\"overageConfiguration\":{\"overageStatus\":\"DISABLED\"},"
           "\"userInfo\":{\"email\":\"user@example.com\"},"
           "\"usageBreakdownList\":[{\"resourceType\":\"VIBE\",\"currentUsage\":1,\"usageLimit\":2}"
           ","
           "{\"resourceType\":\"CREDIT\",\"currentUsage\":412,\"currentUsageWithPrecision\":412.37,"
           "\"usageLimit\":1000"
        + extra + "}]}";
}

} // namespace

class TstControlCalls : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_peer = std::make_unique<FakePeer>();
        m_http = std::make_unique<HttpClient>();
        KiroTables tables = *loadKiroTables({}).tables;
        const QString base = m_peer->url({}).toString(QUrl::StripTrailingSlash);
        tables.endpoints.control = {base};
        tables.endpoints.oidc = {base + "/{region}"_L1};
        tables.endpoints.socialAuth = {base};
        m_tables = std::make_shared<const KiroTables>(tables);
        m_identity = {};
        m_identity.accountId = u"account-1"_s;
        m_identity.accessToken = Secret("aoaEXAMPLE");
        m_identity.profileArn = OwnArn;
        m_identity.machineId = QString(64, u'a');
    }

    void refreshesASocialToken()
    {
        m_peer->next(PeerScript::reply(
            200,
            "{\"accessToken\":\"aoaNEW\",\"refreshToken\":\"aorNEW\",\"profileArn\":\""
                + OwnArn.toUtf8() + "\",\"expiresIn\":3600,\"csrfToken\":\"x\"}"));
        const QDateTime before = QDateTime::currentDateTimeUtc();
        const Result<TokenGrant> grant = refresh();
        QVERIFY2(grant, problem(grant));
        QCOMPARE(grant.value().accessToken, Secret("aoaNEW"));
        QCOMPARE(grant.value().refreshToken, Secret("aorNEW"));
        QCOMPARE(grant.value().profileArn, OwnArn);
        QVERIFY(grant.value().expiresAt >= before.addSecs(3600));
        QVERIFY(grant.value().expiresAt <= QDateTime::currentDateTimeUtc().addSecs(3600));
        QCOMPARE(grant.value().expiresAt.timeSpec(), Qt::UTC);
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /refreshToken HTTP/1.1"));
        QCOMPARE(request.body, QByteArray("{\"refreshToken\":\"aorOLD\"}"));
        QCOMPARE(request.field("content-type"), QByteArray("application/json"));
        QVERIFY(request.field("user-agent").startsWith("KiroIDE-"));
        QVERIFY(request.field("authorization").isNull());
    }

    void refreshesAnOidcTokenInItsSsoRegion()
    {
        m_identity.kind = AccountKind::IdentityCenter;
        m_identity.ssoRegion = u"eu-west-1"_s;
        m_peer->next(PeerScript::reply(200, "{\"accessToken\":\"aoaNEW\"}"));
        const Result<TokenGrant> grant = refresh();
        QVERIFY2(grant, problem(grant));
        QVERIFY(grant.value().refreshToken.isEmpty());
        QVERIFY(grant.value().expiresAt > QDateTime::currentDateTimeUtc().addSecs(3500));
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /eu-west-1/token HTTP/1.1"));
        QCOMPARE(request.body,
                 QByteArray("{\"clientId\":\"id\",\"clientSecret\":\"shh\","
                            "\"grantType\":\"refresh_token\",\"refreshToken\":\"aorOLD\"}"));
        QVERIFY(request.field("user-agent").contains("api/sso-oidc#"));
        QCOMPARE(request.field("amz-sdk-request"), QByteArray("attempt=1; max=4"));
    }

    void aRefusedRefreshTellsWhetherTheTokenIsDead_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, int status, const char *body, Error::Code code) {
            QTest::addRow("%s", name) << status << QByteArray(body) << int(code);
        };
        using Code = Error::Code;
        row("invalid grant", 400, "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}",
            Code::Unauthorized);
        row("invalid grant as a class", 400, "{\"__type\":\"a.b#InvalidGrantException\"}",
            Code::Unauthorized);
        row("invalid refresh token", 400, "{\"message\":\"Invalid refresh token provided\"}",
            Code::Unauthorized);
        row("bad credentials", 401, "{\"message\":\"Bad credentials\"}", Code::Unauthorized);
        row("expired registration", 401, "{\"error\":\"invalid_client\"}", Code::Unauthorized);
        row("wrong region", 400, "{\"error\":\"invalid_request\"}", Code::Upstream);
        row("forbidden", 403, "<html>", Code::Upstream);
        row("too many", 429, "{}", Code::RateLimited);
        row("server error", 500, "{\"error\":\"invalid_grant\"}", Code::Upstream);
        row("empty reply", 200, "", Code::Upstream);
        row("reply without a token", 200, "{\"expiresIn\":3600}", Code::Upstream);
        row("reply with an empty token", 200, "{\"accessToken\":\"\"}", Code::Upstream);
        row("token of a wrong type", 200, "{\"accessToken\":5}", Code::Upstream);
    }
    void aRefusedRefreshTellsWhetherTheTokenIsDead()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        m_peer->always(PeerScript::reply(status, body));
        const Result<TokenGrant> grant = refresh();
        QVERIFY(!grant);
        QCOMPARE(int(grant.error().code), code);
        QCOMPARE(grant.error().httpStatus, status);
        QVERIFY(!grant.error().what.contains("aorOLD"_L1));
    }

    void someAccountsCannotBeRefreshed_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("refreshToken");
        QTest::addColumn<QString>("clientId");
        QTest::addColumn<int>("code");
        const int bad = int(Error::Code::BadInput);
        QTest::addRow("api key") << int(AccountKind::ApiKey) << QByteArray("r") << u"id"_s << bad;
        QTest::addRow("external idp")
            << int(AccountKind::ExternalIdp) << QByteArray("r") << u"id"_s << bad;
        QTest::addRow("no registration")
            << int(AccountKind::BuilderId) << QByteArray("r") << QString() << bad;
        QTest::addRow("no refresh token") << int(AccountKind::Social) << QByteArray() << u"id"_s
                                          << int(Error::Code::Unauthorized);
    }
    void someAccountsCannotBeRefreshed()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, refreshToken);
        QFETCH(QString, clientId);
        QFETCH(int, code);
        m_identity.kind = AccountKind(kind);
        const RefreshInput input {m_identity, Secret(refreshToken), clientId, Secret("shh")};
        std::optional<Result<TokenGrant>> answer;
        ControlCalls(*m_http, m_tables).refresh(input, this, [&](Result<TokenGrant> result) {
            answer.emplace(std::move(result));
        });
        QVERIFY(!answer); // always from the event loop
        QTRY_VERIFY(answer);
        QCOMPARE(int(answer->error().code), code);
        QCOMPARE(m_peer->requestCount(), 0);
    }

    void theNextHostIsTriedWhenOneFails_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("requests");
        QTest::addRow("not found") << 404 << 1;
        QTest::addRow("server error") << 503 << 1;
        QTest::addRow("refused") << 400 << 0;
        QTest::addRow("too many") << 429 << 0;
    }
    void theNextHostIsTriedWhenOneFails()
    {
        QFETCH(int, status);
        QFETCH(int, requests);
        FakePeer second;
        second.always(PeerScript::reply(200, "{\"accessToken\":\"aoaNEW\"}"));
        m_peer->always(PeerScript::reply(status, "{}"));
        KiroTables tables = *m_tables;
        tables.endpoints.socialAuth.append(second.url({}).toString(QUrl::StripTrailingSlash));
        m_tables = std::make_shared<const KiroTables>(tables);
        const Result<TokenGrant> grant = refresh();
        QCOMPARE(second.requestCount(), requests);
        QCOMPARE(bool(grant), requests == 1);
    }

    void aHostThatCannotBeReachedIsPassedOver()
    {
        KiroTables tables = *m_tables;
        QTcpServer closed;
        QVERIFY(closed.listen(QHostAddress::LocalHost));
        const QString dead = u"http://127.0.0.1:%1"_s.arg(closed.serverPort());
        closed.close();
        tables.endpoints.socialAuth.prepend(dead);
        m_tables = std::make_shared<const KiroTables>(tables);
        m_peer->always(PeerScript::reply(200, "{\"accessToken\":\"aoaNEW\"}"));
        QVERIFY(refresh());
        tables.endpoints.socialAuth = {dead};
        m_tables = std::make_shared<const KiroTables>(tables);
        const Result<TokenGrant> grant = refresh();
        QVERIFY(!grant);
        QCOMPARE(grant.error().code, Error::Code::Network);
    }

    void nothingIsCalledBackAfterTheContextIsGone()
    {
        m_peer->always(PeerScript::reply(500, "{}"));
        KiroTables tables = *m_tables;
        tables.endpoints.socialAuth.append(tables.endpoints.socialAuth.first() + "/second"_L1);
        ControlCalls calls(*m_http, std::make_shared<const KiroTables>(tables));
        auto context = std::make_unique<QObject>();
        bool isCalled = false;
        calls.refresh(refreshInput(), context.get(), [&](const auto &) { isCalled = true; });
        calls.usage(m_identity, context.get(), [&](const auto &) { isCalled = true; });
        context.reset();
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCoreApplication::processEvents();
        QVERIFY(!isCalled);
    }

    void readsTheUsageOfCredits()
    {
        m_peer->next(PeerScript::reply(200, sampleUsage()));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY2(usage, problem(usage));
        QCOMPARE(usage.value().used, 412.37);
        QCOMPARE(usage.value().limit, 1000.0);
        QCOMPARE(usage.value().planTitle, u"KIRO PRO"_s);
        QCOMPARE(usage.value().email, u"user@example.com"_s);
        QCOMPARE(usage.value().nextReset, QDateTime::fromSecsSinceEpoch(1764547200, Qt::UTC));
        QVERIFY(!usage.value().overageEnabled);
        QVERIFY(!usage.value().exhausted);
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(),
                 QByteArray("GET /getUsageLimits?origin=AI_EDITOR&resourceType=AGENTIC_REQUEST&"
                            "isEmailRequired=true&profileArn=arn%3Aaws%3Acodewhisperer%3Aus-east-1"
                            "%3A111122223333%3Aprofile%2FEXAMPLE1 HTTP/1.1"));
        QCOMPARE(request.field("authorization"), QByteArray("Bearer aoaEXAMPLE"));
        QVERIFY(request.field("user-agent").contains("codewhispererruntime"));
        QCOMPARE(request.field("x-amzn-kiro-profile-arn"), OwnArn.toUtf8());
    }

    void aBuilderIdAsksWithoutAnArn()
    {
        m_identity.kind = AccountKind::BuilderId;
        m_peer->next(PeerScript::reply(200, sampleUsage()));
        QVERIFY(askUsage());
        QVERIFY(!m_peer->requests().front().head.contains("rofile"));
    }

    void addsTrialAndBonusesThatAreActive_data()
    {
        QTest::addColumn<QByteArray>("extra");
        QTest::addColumn<double>("used");
        QTest::addColumn<double>("limit");
        const auto row = [](const char *name, const char *extra, double used, double limit) {
            QTest::addRow("%s", name) << QByteArray(extra) << used << limit;
        };
        row("trial",
            ",\"freeTrialInfo\":{\"freeTrialStatus\":\"ACTIVE\",\"currentUsage\":20,"
            "\"currentUsageWithPrecision\":20.5,\"usageLimit\":500}",
            432.87, 1500);
        row("trial past its end",
            ",\"freeTrialInfo\":{\"freeTrialStatus\":\"ACTIVE\","
            "\"freeTrialExpiry\":1.6E9,\"currentUsage\":20,\"usageLimit\":500}",
            412.37, 1000);
        row("trial over",
            ",\"freeTrialInfo\":{\"freeTrialStatus\":\"EXPIRED\","
            "\"currentUsage\":20,\"usageLimit\":500}",
            412.37, 1000);
        row("no trial", ",\"freeTrialInfo\":null,\"bonuses\":null", 412.37, 1000);
        row("bonuses",
            ",\"bonuses\":[{\"status\":\"ACTIVE\",\"usageLimit\":100.0,"
            "\"currentUsage\":3},{\"status\":\"EXPIRED\",\"usageLimit\":7}]",
            415.37, 1100);
    }
    void addsTrialAndBonusesThatAreActive()
    {
        QFETCH(QByteArray, extra);
        QFETCH(double, used);
        QFETCH(double, limit);
        m_peer->next(PeerScript::reply(200, sampleUsage(extra)));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY2(usage, problem(usage));
        QCOMPARE(usage.value().used, used);
        QCOMPARE(usage.value().limit, limit);
    }

    void tellsWhenCreditsAreGone_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("isExhausted");
        QTest::addColumn<bool>("overage");
        const auto row = [](const char *name, const QByteArray &numbers, const QByteArray &rest,
                            bool isExhausted, bool overage) {
            QTest::addRow("%s", name) << "{\"usageBreakdownList\":[{" + numbers + "}]" + rest + "}"
                                      << isExhausted << overage;
        };
        const QByteArray used = "\"currentUsage\":50,\"usageLimit\":50";
        const QByteArray enabled = ",\"overageConfiguration\":{\"overageStatus\":\"ENABLED\"}";
        row("left", "\"currentUsage\":49,\"usageLimit\":50", {}, false, false);
        row("used up", used, {}, true, false);
        row("used up, overage", used, enabled, false, true);
        row("used up, overage as a flag", used, ",\"overageEnabled\":true", false, true);
        row("overage used up", used + ",\"currentOverages\":10,\"overageCap\":10", enabled, true,
            true);
        row("overage below its cap", used + ",\"currentOverages\":9,\"overageCap\":10", enabled,
            false, true);
    }
    void tellsWhenCreditsAreGone()
    {
        QFETCH(QByteArray, body);
        QFETCH(bool, isExhausted);
        QFETCH(bool, overage);
        m_peer->next(PeerScript::reply(200, body));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY2(usage, problem(usage));
        QCOMPARE(usage.value().exhausted, isExhausted);
        QCOMPARE(usage.value().overageEnabled, overage);
        QVERIFY(!usage.value().nextReset.isValid());
    }

    void readsOldFormsOfTheUsage()
    {
        m_peer->next(
            PeerScript::reply(200,
                              "{\"nextDateReset\":\"2025-12-01T00:00:00.000Z\","
                              "\"usageBreakdown\":{\"currentUsage\":3,\"usageLimit\":50}}"));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY2(usage, problem(usage));
        QCOMPARE(usage.value().limit, 50.0);
        QCOMPARE(usage.value().nextReset, QDateTime::fromSecsSinceEpoch(1764547200, Qt::UTC));
    }

    void aForbiddenUsageIsAskedInTheOtherRegionOnce()
    {
        KiroTables tables = *m_tables;
        tables.endpoints.control = {tables.endpoints.control.first() + "/{region}"_L1};
        m_tables = std::make_shared<const KiroTables>(tables);
        m_peer->next(PeerScript::reply(403, "{\"message\":\"User is not authorized\"}"));
        m_peer->next(PeerScript::reply(200, sampleUsage()));
        QVERIFY(askUsage());
        QCOMPARE(m_peer->requestCount(), 2);
        QVERIFY(m_peer->requests()[0].line().startsWith("GET /us-east-1/"));
        QVERIFY(m_peer->requests()[1].line().startsWith("GET /eu-central-1/"));
        m_peer->always(PeerScript::reply(
            403, "{\"message\":\"The bearer token included in the request is invalid.\"}"));
        const Result<UsageSummary> refused = askUsage();
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Error::Code::Unauthorized);
        QCOMPARE(refused.error().httpStatus, 403);
        QCOMPARE(m_peer->requestCount(), 4);
    }

    void tellsWhyTheUsageIsNotKnown_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, int status, const char *body, Error::Code code) {
            QTest::addRow("%s", name) << status << QByteArray(body) << int(code);
        };
        row("token expired", 401, "{}", Error::Code::Unauthorized);
        row("suspended", 403, "{\"reason\":\"TEMPORARILY_SUSPENDED\"}", Error::Code::Upstream);
        row("too many", 429, "{}", Error::Code::RateLimited);
        row("down", 500, "", Error::Code::Upstream);
        row("no JSON", 200, "<html>", Error::Code::Upstream);
        row("a list", 200, "[]", Error::Code::Upstream);
        row("no numbers", 200, "{\"limits\":[]}", Error::Code::Upstream);
    }
    void tellsWhyTheUsageIsNotKnown()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        m_peer->always(PeerScript::reply(status, body));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY(!usage);
        QCOMPARE(int(usage.error().code), code);
    }

    void listsTheModelsOfAllPages()
    {
        m_peer->next(PeerScript::reply(
            200,
            "{\"models\":[{\"modelId\":\"claude-sonnet-4.6\",\"modelName\":\"Sonnet\","
            "\"tokenLimits\":{\"maxInputTokens\":5,\"maxOutputTokens\":null}}],"
            "\"nextToken\":\"a b\"}"));
        m_peer->next(PeerScript::reply(
            200, "{\"models\":[{\"modelId\":\"brand-new\"}],\"nextToken\":null}"));
        const auto models = ask<std::vector<KiroModel>>(
            [this](auto done) { ControlCalls(*m_http, m_tables).models(m_identity, this, done); });
        QVERIFY2(models, problem(models));
        QCOMPARE(models.value().size(), 2U);
        QCOMPARE(models.value()[0].info, (ModelInfo {"claude-sonnet-4.6", "Sonnet", 5, 64000, 0}));
        QCOMPARE(models.value()[1].info, (ModelInfo {"brand-new", "brand-new"}));
        QVERIFY(m_peer->requests()[0].line().startsWith(
            "GET /ListAvailableModels?origin=AI_EDITOR&maxResults=50&profileArn=arn%3A"));
        QVERIFY(m_peer->requests()[1].line().contains("&nextToken=a%20b"));
    }

    void readsWhatAModelTakes()
    {
        m_peer->next(PeerScript::reply(
            200,
            "{\"models\":[{\"modelId\":\"new-one\",\"supportedInputTypes\":[\"TEXT\"],"
            "\"promptCaching\":{\"supportsPromptCaching\":true,"
            "\"maximumCacheCheckpointsPerRequest\":2},\"modelProvider\":\"OTHER\","
            "\"additionalModelRequestFieldsSchema\":{\"properties\":{\"reasoning\":"
            "{\"properties\":{\"effort\":{\"enum\":[\"high\",\"low\"]}}}}}},"
            "{\"modelId\":\"claude-opus-4.6\",\"supportedInputTypes\":\"?\","
            "\"promptCaching\":{\"supportsPromptCaching\":false},\"modelProvider\":7,"
            "\"additionalModelRequestFieldsSchema\":null},"
            "{\"modelId\":\"claude-opus-4.7\",\"promptCaching\":"
            "{\"maximumCacheCheckpointsPerRequest\":-1},"
            "\"additionalModelRequestFieldsSchema\":{\"type\":\"object\"}}]}"));
        const auto models = ask<std::vector<KiroModel>>(
            [this](auto done) { ControlCalls(*m_http, m_tables).models(m_identity, this, done); });
        QVERIFY2(models, problem(models));
        QCOMPARE(models.value().size(), 3U);
        const KiroModel &fresh = models.value()[0];
        QVERIFY(!fresh.info.takesImages && fresh.thirdParty && fresh.fields.effortInReasoning);
        QCOMPARE(fresh.maxCachePoints, 2);
        QCOMPARE(fresh.fields.efforts, (std::vector<std::string> {"low", "high"}));
        const KiroModel &known = models.value()[1];
        QVERIFY(known.info.takesImages && !known.thirdParty);
        QCOMPARE(known.maxCachePoints, 0);
        QVERIFY2(known.fields == findModel(*m_tables, u"claude-opus-4.6"_s)->fields,
                 "a list without a schema leaves the table's");
        QCOMPARE(models.value()[2].maxCachePoints, 0);
        QVERIFY2(models.value()[2].fields.isEmpty(), "an empty schema announces nothing");
    }

    void aModelListThatNeverEndsIsCut()
    {
        m_peer->always(PeerScript::reply(200, "{\"models\":[],\"nextToken\":\"t\"}"));
        const auto models = ask<std::vector<KiroModel>>(
            [this](auto done) { ControlCalls(*m_http, m_tables).models(m_identity, this, done); });
        QVERIFY(models);
        QCOMPARE(m_peer->requestCount(), limits::MaxListPages);
    }

    void aMalformedModelListIsAnError()
    {
        m_peer->always(PeerScript::reply(200, "{\"models\":[{\"modelName\":\"x\"}]}"));
        const auto models = ask<std::vector<KiroModel>>(
            [this](auto done) { ControlCalls(*m_http, m_tables).models(m_identity, this, done); });
        QVERIFY(!models);
        QVERIFY2(models.error().what.contains("models[0].modelId"_L1), problem(models));
    }

    void looksForProfilesInBothRegions()
    {
        m_identity.kind = AccountKind::ExternalIdp;
        const QByteArray second = "arn:aws:codewhisperer:eu-central-1:111122223333:profile/B2";
        m_peer->next(PeerScript::reply(200,
                                       "{\"profiles\":[{\"arn\":\"" + OwnArn.toUtf8()
                                           + "\",\"profileName\":\"One\",\"status\":"
                                             "\"CREATING\"}],\"nextToken\":\"t\"}"));
        m_peer->always(PeerScript::reply(
            200, "{\"profiles\":[{\"arn\":\"" + second + "\",\"status\":\"ACTIVE\"}]}"));
        const auto profiles = askProfiles();
        QVERIFY2(profiles, problem(profiles));
        QCOMPARE(m_peer->requestCount(), 3);
        std::set<QString> arns;
        for (const KiroProfile &profile : profiles.value()) {
            arns.insert(profile.arn);
            QCOMPARE(profile.active, profile.arn != OwnArn);
            QCOMPARE(profile.name, profile.arn == OwnArn ? u"One"_s : QString());
        }
        QCOMPARE(profiles.value().size(), 2U);
        QCOMPARE(arns, (std::set<QString> {OwnArn, QString::fromLatin1(second)}));
        int withToken = 0;
        for (const PeerRequest &request : m_peer->requests()) {
            QCOMPARE(request.line(), QByteArray("POST /ListAvailableProfiles HTTP/1.1"));
            QCOMPARE(request.field("tokentype"), QByteArray("EXTERNAL_IDP"));
            QVERIFY(!request.head.contains("profile-arn"));
            QVERIFY(request.body == "{}" || request.body == "{\"nextToken\":\"t\"}");
            withToken += request.body == "{}" ? 0 : 1;
        }
        QCOMPARE(withToken, 1);
    }

    void aRegionThatRefusesDoesNotHideTheProfilesOfTheOther()
    {
        m_peer->next(PeerScript::reply(403, "{\"message\":\"User is not authorized\"}"));
        m_peer->always(
            PeerScript::reply(200, "{\"profiles\":[{\"arn\":\"" + OwnArn.toUtf8() + "\"}]}"));
        const auto profiles = askProfiles();
        QVERIFY2(profiles, problem(profiles));
        QCOMPARE(profiles.value().size(), 1U);
        QVERIFY(profiles.value()[0].active);
    }

    void noProfilesIsAnAnswerUnlessARegionFailed()
    {
        m_peer->always(PeerScript::reply(200, "{\"profiles\":[]}"));
        const auto none = askProfiles();
        QVERIFY(none && none.value().empty());
        m_peer->next(PeerScript::reply(429, "{}"));
        const auto unknown = askProfiles();
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().code, Error::Code::RateLimited);
    }

private:
    template <typename Value>
    static const char *problem(const Result<Value> &result)
    {
        static QByteArray text;
        text = result ? QByteArray() : describe(result.error()).toUtf8();
        return text.constData();
    }

    /// Runs one call to its end.
    template <typename Value>
    Result<Value> ask(const std::function<void(std::function<void(Result<Value>)>)> &call)
    {
        std::optional<Result<Value>> answer;
        int answers = 0;
        call([&](Result<Value> result) {
            answer.emplace(std::move(result));
            ++answers;
        });
        [&] { QTRY_VERIFY(answer); }();
        if (!answer || answers != 1)
            return Error {Error::Code::Cancelled, u"no answer"_s};
        return *answer;
    }

    RefreshInput refreshInput() const
    {
        return {m_identity, Secret("aorOLD"), u"id"_s, Secret("shh")};
    }

    Result<TokenGrant> refresh()
    {
        return ask<TokenGrant>([this](auto done) {
            ControlCalls(*m_http, m_tables).refresh(refreshInput(), this, done);
        });
    }

    Result<UsageSummary> askUsage()
    {
        return ask<UsageSummary>(
            [this](auto done) { ControlCalls(*m_http, m_tables).usage(m_identity, this, done); });
    }

    Result<std::vector<KiroProfile>> askProfiles()
    {
        return ask<std::vector<KiroProfile>>([this](auto done) {
            ControlCalls(*m_http, m_tables).profiles(m_identity, this, done);
        });
    }

    std::unique_ptr<FakePeer> m_peer;
    std::unique_ptr<HttpClient> m_http;
    KiroTablesPtr m_tables;
    KiroIdentity m_identity;
};

QTEST_GUILESS_MAIN(TstControlCalls)
#include "tst_controlcalls.moc"
