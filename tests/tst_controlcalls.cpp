// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/kiro/controlcalls.h"
#include "tests/controlbench.h"

#include <QTest>

#include <set>

using namespace kirotray;

namespace {

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

class TstControlCalls : public ControlBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

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

    void readsEverythingThatTheServiceSays()
    {
        const QByteArray body =
            "{\"nextDateReset\":1.7645472E9,"
            "\"subscriptionInfo\":{\"type\":\"Q_DEVELOPER_STANDALONE_PRO\","
            "\"subscriptionTitle\":\"KIRO PRO\",\"overageCapability\":\"OVERAGE_CAPABLE\"},"
            "\"overageConfiguration\":{\"overageStatus\":\"ENABLED\"},"
            "\"userInfo\":{\"userId\":\"d-1.0\",\"email\":\"user@example.com\"},"
            "\"usageBreakdownList\":[{\"resourceType\":\"CREDIT\",\"displayName\":\"Credit\","
            "\"displayNamePlural\":\"Credits\",\"unit\":\"INVOCATIONS\",\"currency\":\"USD\","
            "\"currentUsage\":412,\"currentUsageWithPrecision\":412.37,\"usageLimit\":1000,"
            "\"currentOverages\":2,\"currentOveragesWithPrecision\":2.5,\"overageCap\":10000,"
            "\"overageCapWithPrecision\":10000.5,\"overageRate\":0.04,\"overageCharges\":0.1,"
            "\"freeTrialInfo\":{\"freeTrialStatus\":\"EXPIRED\",\"freeTrialExpiry\":1.7640000E9,"
            "\"currentUsage\":20,\"currentUsageWithPrecision\":20.5,\"usageLimit\":500},"
            "\"bonuses\":[{\"bonusCode\":\"WELCOME\",\"displayName\":\"Welcome bonus\","
            "\"usageLimit\":100.0,\"currentUsage\":3.0,\"status\":\"ACTIVE\","
            "\"expiresAt\":1.768E12},{\"bonusCode\":\"OLD\",\"status\":\"EXPIRED\","
            "\"expiresAt\":\"2025-12-01T01:00:00+01:00\"},7]}]}";
        m_peer->next(PeerScript::reply(200, body));
        const Result<UsageSummary> read = askUsage();
        QVERIFY2(read, problem(read));
        UsageSummary expected;
        const QDateTime firstOfDecember = QDateTime::fromSecsSinceEpoch(1'764'547'200, Qt::UTC);
        expected.used = 412.37 + 3;
        expected.limit = 1100;
        expected.unit = u"Credits"_s;
        expected.planTitle = u"KIRO PRO"_s;
        expected.planType = u"Q_DEVELOPER_STANDALONE_PRO"_s;
        expected.email = u"user@example.com"_s;
        expected.userId = u"d-1.0"_s;
        expected.nextReset = firstOfDecember;
        using Kind = UsagePart::Kind;
        expected.parts = {{Kind::Plan, {}, 412.37, 1000, {}, true},
                          {Kind::Trial,
                           {},
                           20.5,
                           500,
                           QDateTime::fromSecsSinceEpoch(1'764'000'000, Qt::UTC),
                           false},
                          {Kind::Bonus, u"Welcome bonus"_s, 3, 100,
                           QDateTime::fromSecsSinceEpoch(1'768'000'000, Qt::UTC), true},
                          {Kind::Bonus, u"OLD"_s, 0, 0, firstOfDecember, false}};
        expected.overageEnabled = true;
        expected.overageCapable = true;
        expected.overages = 2.5;
        expected.overageCap = 10'000.5;
        expected.overageRate = 0.04;
        expected.overageCharges = 0.1;
        expected.currency = u"USD"_s;
        QCOMPARE(read.value().parts, expected.parts);
        QVERIFY(read.value() == expected);
    }

    void aTrialHasTwoNames()
    {
        m_peer->next(
            PeerScript::reply(200,
                              sampleUsage(",\"freeTrialUsage\":{\"freeTrialStatus\":\"ACTIVE\","
                                          "\"currentUsage\":1,\"usageLimit\":500}")));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY2(usage, problem(usage));
        QCOMPARE(usage.value().limit, 1500.0);
        QCOMPARE(usage.value().parts.size(), 2U);
        QVERIFY(usage.value().parts[1].kind == UsagePart::Kind::Trial);
    }

    void bonusesWithoutEndAreCut()
    {
        QByteArray bonuses = "{\"status\":\"ACTIVE\",\"usageLimit\":1}";
        bonuses = (bonuses + ",").repeated(500) + bonuses;
        m_peer->next(PeerScript::reply(200, sampleUsage(",\"bonuses\":[" + bonuses + "]")));
        const Result<UsageSummary> usage = askUsage();
        QVERIFY2(usage, problem(usage));
        QVERIFY(usage.value().parts.size() < 100);
    }

    void aForbiddenUsageIsAskedInTheOtherRegionOnce()
    {
        m_tables.endpoints.control = {m_tables.endpoints.control.first() + "/{region}"_L1};
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
            [this](auto done) { ControlCalls(*m_http, tables()).models(m_identity, this, done); });
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
            [this](auto done) { ControlCalls(*m_http, tables()).models(m_identity, this, done); });
        QVERIFY2(models, problem(models));
        QCOMPARE(models.value().size(), 3U);
        const KiroModel &fresh = models.value()[0];
        QVERIFY(!fresh.info.takesImages && fresh.thirdParty && fresh.fields.effortInReasoning);
        QCOMPARE(fresh.maxCachePoints, 2);
        QCOMPARE(fresh.fields.efforts, (std::vector<std::string> {"low", "high"}));
        const KiroModel &known = models.value()[1];
        QVERIFY(known.info.takesImages && !known.thirdParty);
        QCOMPARE(known.maxCachePoints, 0);
        QVERIFY2(known.fields == findModel(m_tables, u"claude-opus-4.6"_s)->fields,
                 "a list without a schema leaves the table's");
        QCOMPARE(models.value()[2].maxCachePoints, 0);
        QVERIFY2(models.value()[2].fields.isEmpty(), "an empty schema announces nothing");
    }

    void aModelListThatNeverEndsIsCut()
    {
        m_peer->always(PeerScript::reply(200, "{\"models\":[],\"nextToken\":\"t\"}"));
        const auto models = ask<std::vector<KiroModel>>(
            [this](auto done) { ControlCalls(*m_http, tables()).models(m_identity, this, done); });
        QVERIFY(models);
        QCOMPARE(m_peer->requestCount(), limits::MaxListPages);
    }

    void aMalformedModelListIsAnError()
    {
        m_peer->always(PeerScript::reply(200, "{\"models\":[{\"modelName\":\"x\"}]}"));
        const auto models = ask<std::vector<KiroModel>>(
            [this](auto done) { ControlCalls(*m_http, tables()).models(m_identity, this, done); });
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
    Result<UsageSummary> askUsage()
    {
        return ask<UsageSummary>(
            [this](auto done) { ControlCalls(*m_http, tables()).usage(m_identity, this, done); });
    }

    Result<std::vector<KiroProfile>> askProfiles()
    {
        return ask<std::vector<KiroProfile>>([this](auto done) {
            ControlCalls(*m_http, tables()).profiles(m_identity, this, done);
        });
    }
};

QTEST_GUILESS_MAIN(TstControlCalls)
#include "tst_controlcalls.moc"
