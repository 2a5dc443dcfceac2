// SPDX-License-Identifier: MIT
#include "app/kiro/kirotables.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

class TstKiroTables : public QObject
{
    Q_OBJECT

private slots:
    void theBuiltInTablesAreSound()
    {
        const KiroTablesLoad load = loadKiroTables({});
        for (const Error &problem : load.problems)
            qWarning("%s", qPrintable(describe(problem)));
        QVERIFY(load.problems.empty());
        const KiroTables &tables = *load.tables;
        QCOMPARE(tables.endpoints.chat.first(), u"https://runtime.{region}.kiro.dev"_s);
        QCOMPARE(tables.endpoints.chatWithoutArn.first(), u"https://q.{region}.amazonaws.com"_s);
        QCOMPARE(tables.endpoints.oidc, QStringList {u"https://oidc.{region}.amazonaws.com"_s});
        QVERIFY(!tables.endpoints.control.isEmpty() && !tables.endpoints.mcp.isEmpty());
        QVERIFY(!tables.endpoints.socialAuth.isEmpty() && !tables.endpoints.portal.isEmpty());
        QCOMPARE(tables.client.origin, u"AI_EDITOR"_s);
        QVERIFY(tables.client.optOut);
        QVERIFY(!tables.reactions.empty());
        const KiroModel *model = findModel(tables, u"claude-opus-4.6"_s);
        QVERIFY(model != nullptr);
        QCOMPARE(model->info.maxInputTokens, 1000000);
        QCOMPARE(model->info.maxOutputTokens, 64000);
        QVERIFY(!model->thirdParty);
        QVERIFY(findModel(tables, u"glm-5"_s)->thirdParty);
        for (const KiroModelAlias &alias : tables.aliases)
            QVERIFY2(findModel(tables, alias.model) != nullptr, qPrintable(alias.pattern));
    }

    void theBuiltInModelsSayWhatTheyTake()
    {
        const KiroTables tables = *loadKiroTables({}).tables;
        const KiroModelFields largest = findModel(tables, u"claude-opus-4.8"_s)->fields;
        QCOMPARE(largest.efforts.size(), 5U);
        QCOMPARE(largest.thinkingTypes, (std::vector<std::string> {"adaptive", "disabled"}));
        QCOMPARE(*largest.maxTokensMin, 1024);
        QCOMPARE(*largest.maxTokensMax, 128000);
        const KiroModelFields smaller = findModel(tables, u"claude-sonnet-4.6"_s)->fields;
        QCOMPARE(smaller.efforts, (std::vector<std::string> {"low", "medium", "high", "max"}));
        QCOMPARE(*smaller.maxTokensMax, 64000);
        const KiroModelFields gpt = findModel(tables, u"gpt-5.6-sol"_s)->fields;
        QVERIFY(gpt.effortInReasoning && gpt.thinkingTypes.empty() && !gpt.maxTokensMax);
        QCOMPARE(gpt.efforts.front(), std::string("none"));
        QVERIFY(findModel(tables, u"claude-sonnet-4.5"_s)->fields.isEmpty());
        QVERIFY(findModel(tables, u"claude-haiku-5.5"_s)->fields.isEmpty());
        QVERIFY(findModel(tables, u"claude-haiku-5.5"_s)->info.takesImages);
        QVERIFY(!findModel(tables, u"glm-5"_s)->info.takesImages);
        QCOMPARE(findModel(tables, u"glm-5"_s)->maxCachePoints, 0);
        QCOMPARE(findModel(tables, u"claude-haiku-4.5"_s)->maxCachePoints, 4);
    }

    void anOverrideReplacesOnlyWhatItNames()
    {
        const QTemporaryDir dir;
        write(dir, "endpoints.json", "{\"chat\":[\"http://127.0.0.1:1234\"]}");
        write(dir, "client.json", R"({"kiroVersion":"2.0.0"})");
        const KiroTablesLoad load = loadKiroTables(dir.path());
        QVERIFY(load.problems.empty());
        const QStringList local {u"http://127.0.0.1:1234"_s};
        QCOMPARE(load.tables->endpoints.chat, local);
        QCOMPARE(load.tables->endpoints.chatWithoutArn, local);
        const KiroTablesLoad builtIn = loadKiroTables({});
        QCOMPARE(load.tables->endpoints.control, builtIn.tables->endpoints.control);
        QCOMPARE(load.tables->client.kiroVersion, u"2.0.0"_s);
        QCOMPARE(load.tables->client.sdkChat, builtIn.tables->client.sdkChat);
    }

    void chatWithoutArnMayBeOverriddenOnItsOwn()
    {
        const QTemporaryDir dir;
        write(dir, "endpoints.json",
              "{\"chatWithoutArn\":[\"https://b.example\"],\"chat\":[\"https://a.example\"]}");
        const KiroTablesLoad load = loadKiroTables(dir.path());
        QCOMPARE(load.tables->endpoints.chat, QStringList {u"https://a.example"_s});
        QCOMPARE(load.tables->endpoints.chatWithoutArn, QStringList {u"https://b.example"_s});
    }

    void modelsAreReplacedAsAWhole()
    {
        const QTemporaryDir dir;
        write(
            dir, "models.json",
            R"({"default":"m","models":[{"id":"m"},{"id":"n","maxInputTokens":5,"thirdParty":true}],)"
            R"("aliases":[{"pattern":"X*","model":"n"}]})");
        const KiroTables tables = *loadKiroTables(dir.path()).tables;
        QCOMPARE(tables.models.size(), 2U);
        QCOMPARE(tables.models[0].info, (ModelInfo {"m", "m", 200000, 64000, 0}));
        QCOMPARE(tables.models[1].info.maxInputTokens, 5);
        QVERIFY(tables.models[1].thirdParty);
        QCOMPARE(tables.defaultModel, u"m"_s);
        QCOMPARE(tables.aliases.size(), 1U);
        QCOMPARE(tables.aliases[0].pattern, u"x*"_s);
        QCOMPARE(tables.aliases[0].model, u"n"_s);
    }

    void reactionsAreReadWithAllTheirFields()
    {
        const QTemporaryDir dir;
        write(
            dir, "reactions.json",
            R"({"reactions":[{"reason":"MONTHLY_REQUEST_COUNT","action":"fail",)"
            R"("effect":"monthlyExhausted","client":"rateLimited","clientMessage":"gone"},)"
            R"({"status":5,"errorClass":"E","messageContains":"load","action":"retryBackoff",)"
            R"("effect":"coolDown","coolDownSeconds":30,"client":"overloaded","otherAccounts":1}]})");
        const KiroTablesLoad load = loadKiroTables(dir.path());
        QVERIFY(load.problems.empty());
        QCOMPARE(load.tables->reactions.size(), 2U);
        const KiroReaction &first = load.tables->reactions[0];
        QCOMPARE(first.reason, u"MONTHLY_REQUEST_COUNT"_s);
        QCOMPARE(first.effect, AccountEffect::MonthlyExhausted);
        QCOMPARE(first.client, ChatError::Kind::RateLimited);
        QCOMPARE(first.clientMessage, u"gone"_s);
        const KiroReaction &second = load.tables->reactions[1];
        QCOMPARE(second.status, 5);
        QCOMPARE(second.errorClass, u"E"_s);
        QCOMPARE(second.messageContains, u"load"_s);
        QCOMPARE(second.action, KiroAction::RetryBackoff);
        QCOMPARE(second.coolDown, std::chrono::seconds(30));
        QCOMPARE(second.otherAccounts, std::optional<int>(1));
        QVERIFY(!first.otherAccounts);
    }

    void aBrokenFileIsRefusedWithItsPlace_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("path");
        const auto row = [](const char *name, const QString &file, const char *text,
                            const char *path) {
            QTest::addRow("%s", name) << file << QByteArray(text) << QString::fromLatin1(path);
        };
        const QString endpoints = u"endpoints.json"_s;
        row("no JSON", endpoints, "{", "endpoints.json");
        row("no object", endpoints, "[]", "endpoints.json");
        row("empty file", endpoints, "", "endpoints.json");
        row("misspelt key", endpoints, "{\"chats\":[\"https://a.example\"]}",
            "endpoints.json: chats");
        row("no list", endpoints, "{\"chat\":\"https://a.example\"}", "endpoints.json: chat");
        row("empty list", endpoints, R"({"chat":[]})", "endpoints.json: chat");
        row("no text", endpoints, "{\"chat\":[\"https://a.example\",1]}",
            "endpoints.json: chat[1]");
        row("plain http elsewhere", endpoints, "{\"oidc\":[\"http://a.example\"]}",
            "endpoints.json: oidc[0]");
        row("other scheme", endpoints, "{\"oidc\":[\"ftp://127.0.0.1\"]}",
            "endpoints.json: oidc[0]");
        row("no host", endpoints, "{\"mcp\":[\"https://\"]}", "endpoints.json: mcp[0]");
        row("no URL", endpoints, R"({"mcp":["a b"]})", "endpoints.json: mcp[0]");
        row("slash at the end", endpoints, "{\"mcp\":[\"https://a.example/\"]}",
            "endpoints.json: mcp[0]");
        row("password in the URL", endpoints, "{\"mcp\":[\"https://u:p@a.example\"]}",
            "endpoints.json: mcp[0]");
        row("query in the URL", endpoints, "{\"mcp\":[\"https://a.example?x=1\"]}",
            "endpoints.json: mcp[0]");
        const QString fields = u"models.json"_s;
        row("no such field set", fields, R"({"models":[{"id":"m","fields":"x"}]})",
            "models.json: models[0].fields");
        row("unknown key of a field set", fields, R"({"fieldSets":{"x":{"y":1}},"models":[]})",
            "models.json: fieldSets.x.y");
        row("effort that nobody knows", fields,
            R"({"fieldSets":{"x":{"efforts":["low","huge"]}},"models":[]})",
            "models.json: fieldSets.x.efforts[1]");
        row("efforts that fall", fields,
            R"({"fieldSets":{"x":{"efforts":["high","low"]}},"models":[]})",
            "models.json: fieldSets.x.efforts[1]");
        row("no tokens", fields, R"({"fieldSets":{"x":{"minTokens":0}},"models":[]})",
            "models.json: fieldSets.x.minTokens");
        row("field sets that are no object", fields, R"({"fieldSets":[],"models":[]})",
            "models.json: fieldSets");
        row("too many cache points", fields, R"({"models":[{"id":"m","maxCachePoints":5}]})",
            "models.json: models[0].maxCachePoints");
        const QString client = u"client.json"_s;
        row("header injection", client, R"({"kiroVersion":"1\r\nX: y"})",
            "client.json: kiroVersion");
        row("empty version", client, R"({"kiroVersion":""})", "client.json: kiroVersion");
        row("flag as text", client, R"({"optOut":"yes"})", "client.json: optOut");
        const QString models = u"models.json"_s;
        row("no models", models, R"({"aliases":[]})", "models.json: models");
        row("model without id", models, R"({"models":[{"displayName":"x"}]})",
            "models.json: models[0].id");
        row("model of no size", models, R"({"models":[{"id":"a","maxInputTokens":0}]})",
            "models.json: models[0].maxInputTokens");
        row("model listed twice", models, R"({"models":[{"id":"a"},{"id":"a"}]})",
            "models.json: models[1]");
        row("alias to nothing", models,
            R"({"models":[{"id":"a"}],"aliases":[{"pattern":"x","model":""}]})",
            "models.json: aliases[0].model");
        const QString reactions = u"reactions.json"_s;
        row("unknown action", reactions, R"({"reactions":[{"action":"explode"}]})",
            "reactions.json: reactions[0].action");
        row("unknown effect", reactions, R"({"reactions":[{"effect":"None"}]})",
            "reactions.json: reactions[0].effect");
        row("unknown error", reactions, R"({"reactions":[{},{"client":"teapot"}]})",
            "reactions.json: reactions[1].client");
        row("impossible status", reactions, R"({"reactions":[{"status":42}]})",
            "reactions.json: reactions[0].status");
        row("too many other accounts", reactions, R"({"reactions":[{"otherAccounts":3}]})",
            "reactions.json: reactions[0].otherAccounts");
        row("a shared profile that is none", client, R"({"sharedSocialArn":"arn:x"})",
            "client.json: sharedSocialArn");
        row("negative pause", reactions, R"({"reactions":[{"coolDownSeconds":-1}]})",
            "reactions.json: reactions[0].coolDownSeconds");
    }
    void aBrokenFileIsRefusedWithItsPlace()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, text);
        QFETCH(QString, path);
        const QTemporaryDir dir;
        write(dir, file.toUtf8(), text);
        const KiroTablesLoad load = loadKiroTables(dir.path());
        QCOMPARE(load.problems.size(), 1U);
        QCOMPARE(load.problems[0].path, path);
        QCOMPARE(load.problems[0].code, Error::Code::BadInput);
        QVERIFY(!load.problems[0].what.isEmpty());
        const KiroTablesLoad builtIn = loadKiroTables({});
        QCOMPARE(load.tables->endpoints.oidc, builtIn.tables->endpoints.oidc);
        QCOMPARE(load.tables->endpoints.mcp, builtIn.tables->endpoints.mcp);
        QCOMPARE(load.tables->client.kiroVersion, builtIn.tables->client.kiroVersion);
        QCOMPARE(load.tables->models.size(), builtIn.tables->models.size());
        QCOMPARE(load.tables->reactions.size(), builtIn.tables->reactions.size());
    }

    void acceptsHttpOnThisMachineOnly_data()
    {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<bool>("isAccepted");
        QTest::addRow("IPv4 loopback") << QByteArray("http://127.0.0.1:1") << true;
        QTest::addRow("another loopback address") << QByteArray("http://127.8.8.8") << true;
        QTest::addRow("IPv6 loopback") << QByteArray("http://[::1]:8080") << true;
        QTest::addRow("localhost") << QByteArray("http://localhost:80") << true;
        QTest::addRow("name that starts like it")
            << QByteArray("http://localhost.example") << false;
        QTest::addRow("local network") << QByteArray("http://192.168.0.1") << false;
        QTest::addRow("https elsewhere") << QByteArray("https://{region}.a.example") << true;
    }
    void acceptsHttpOnThisMachineOnly()
    {
        QFETCH(QByteArray, url);
        QFETCH(bool, isAccepted);
        const QTemporaryDir dir;
        write(dir, "endpoints.json", "{\"portal\":[\"" + url + "\"]}");
        QCOMPARE(loadKiroTables(dir.path()).problems.empty(), isAccepted);
    }

    void anOversizedFileIsRefused()
    {
        const QTemporaryDir dir;
        write(dir, "client.json", "{}" + QByteArray(1024 * 1024, ' '));
        const KiroTablesLoad load = loadKiroTables(dir.path());
        QCOMPARE(load.problems.size(), 1U);
        QCOMPARE(load.problems[0].path, u"client.json"_s);
    }

    void aForeignRegionsHostIsLeftOut()
    {
        const KiroTables tables = *loadKiroTables({}).tables;
        QCOMPARE(baseUrlsFor(tables.endpoints.chat, u"us-east-1"_s),
                 (QStringList {u"https://runtime.us-east-1.kiro.dev"_s,
                               u"https://q.us-east-1.amazonaws.com"_s,
                               u"https://codewhisperer.us-east-1.amazonaws.com"_s}));
        QCOMPARE(baseUrlsFor(tables.endpoints.chat, u"eu-central-1"_s),
                 (QStringList {u"https://runtime.eu-central-1.kiro.dev"_s,
                               u"https://q.eu-central-1.amazonaws.com"_s}));
        const QStringList local {u"http://127.0.0.1:9"_s};
        QCOMPARE(baseUrlsFor(local, u"eu-central-1"_s), local);
    }

private:
    static void write(const QTemporaryDir &dir, const QByteArray &name, const QByteArray &text)
    {
        QFile file(dir.filePath(QString::fromUtf8(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
    }
};

QTEST_APPLESS_MAIN(TstKiroTables)
#include "tst_kirotables.moc"
