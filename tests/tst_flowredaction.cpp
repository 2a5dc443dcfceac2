// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/flows/flowredaction.h"

#include <QElapsedTimer>
#include <QTest>

using namespace kirotray;

namespace {

const QByteArray AccessToken = "aoaAAAAAGkXyZ1a2b3c4d5e6f7";
const QByteArray RefreshToken = "aorAAAAAGkXyZ1a2b3c4d5e6f7";
const QByteArray KiroKey = "ksk_A1b2C3d4E5f6";
const QByteArray VendorKey = "sk-ant-api03-A1b2C3d4E5f6G7h8";

} // namespace

class TstFlowRedaction : public QObject
{
    Q_OBJECT

private slots:
    void knowsSecretNames_data();
    void knowsSecretNames();
    void masksHeaders();
    void masksBodies_data();
    void masksBodies();
    void leavesBodiesAlone_data();
    void leavesBodiesAlone();
    void findsSecretsWhereverTheyStand_data();
    void findsSecretsWhereverTheyStand();
    void masksLongSecrets();
    void staysValidJson();
    void isQuickWithLargeBodies_data();
    void isQuickWithLargeBodies();
    void masksAllViews();
};

void TstFlowRedaction::knowsSecretNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isSecret");
    for (const char *name :
         {"authorization", "Authorization", "proxy-authorization", "x-api-key", "x-goog-api-key",
          "api_key", "apiKey", "cookie", "Set-Cookie", "accessToken", "refreshToken", "id_token",
          "clientSecret", "password", "x-amz-security-token", "x-amz-sso_authn", "codeVerifier"})
        QTest::addRow("%s", name) << QString::fromLatin1(name) << true;
    for (const char *name : {"max_tokens", "inputTokens", "model", "content", "key", "name",
                             "tokenizer", "user-agent", "conversationId", ""})
        QTest::addRow("not '%s'", name) << QString::fromLatin1(name) << false;
}

void TstFlowRedaction::knowsSecretNames()
{
    QFETCH(QString, name);
    QTEST(isSecretName(name), "isSecret");
}

void TstFlowRedaction::masksHeaders()
{
    const std::vector<std::pair<QByteArray, QByteArray>> headers {
        {"Host", "127.0.0.1:8990"},
        {"X-Api-Key", "hunter"},
        {"Authorization", "Bearer " + AccessToken},
        {"Cookie", "a=b; c=d"},
        {"Content-Type", "application/json"},
        {"Referer", "http://localhost/?key=" + VendorKey},
        {"X-Forwarded", RefreshToken},
    };
    const std::vector<std::pair<QByteArray, QByteArray>> expected {
        {"Host", "127.0.0.1:8990"},
        {"X-Api-Key", "***"},
        {"Authorization", "***"},
        {"Cookie", "***"},
        {"Content-Type", "application/json"},
        {"Referer", "http://localhost/?key=***"},
        {"X-Forwarded", "***"},
    };
    QCOMPARE(redactedHeaders(headers), expected);
}

void TstFlowRedaction::masksBodies_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
    QTest::addRow("a member by its name") << QByteArray(R"({"password": "short", "n": 1.50})")
                                          << QByteArray(R"({"password":"***","n":1.50})");
    QTest::addRow("a list by its name") << QByteArray(R"({"accessToken":["a","b"],"x":["a"]})")
                                        << QByteArray(R"({"accessToken":["***","***"],"x":["a"]})");
    QTest::addRow("a secret name of an object is a name only")
        << QByteArray(R"({"token":{"type":"string"}})")
        << QByteArray(R"({"token":{"type":"string"}})");
    QTest::addRow("a value by its form")
        << "{\"text\":\"use " + VendorKey + " now\"}" << QByteArray(R"({"text":"use *** now"})");
    QTest::addRow("server-sent events")
        << "event: x\ndata: {\"t\":\"" + KiroKey + "\"}\n\ndata: [DONE]\n\n"
        << QByteArray("event: x\ndata: {\"t\":\"***\"}\n\ndata: [DONE]\n\n");
    QTest::addRow("events with carriage returns") << "data:{\"t\":\"" + KiroKey + "\"}\r\n\r\n"
                                                  << QByteArray("data:{\"t\":\"***\"}\r\n\r\n");
    QTest::addRow("lines of JSON") << "{\"t\":\"" + KiroKey + "\"}\n{\"a\":1}\n"
                                   << QByteArray("{\"t\":\"***\"}\n{\"a\":1}\n");
    QTest::addRow("JSON that was cut")
        << "{\"a\":[\"" + AccessToken + "\",\"cu" << QByteArray("{\"a\":[\"***\",\"cu");
    QTest::addRow("no JSON at all") << "Authorization: Bearer " + AccessToken + "\nmore"
                                    << QByteArray("Authorization: ***\nmore");
}

void TstFlowRedaction::masksBodies()
{
    QFETCH(QByteArray, body);
    QTEST(redactedBody(body), "expected");
    QCOMPARE(redactedBody(redactedBody(body)), redactedBody(body));
}

void TstFlowRedaction::leavesBodiesAlone_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addRow("empty") << QByteArray();
    QTest::addRow("a request") << QByteArray(
        R"({"model":"claude-sonnet-4-5","max_tokens":1024,"messages":[{"role":"user",)"
        R"("content":"Where is the token kept? See src/auth/token.cpp."}]})");
    QTest::addRow("numbers keep their bytes") << QByteArray(R"({"a":1e3,"b":1.10,"c":-0})");
    QTest::addRow("letters of other languages")
        << QByteArray("{\"a\":\"\xe4\xbd\xa0\xe5\xa5\xbd\"}");
    QTest::addRow("a rule of dashes") << QByteArray(400, '-');
    QTest::addRow("only line feeds") << QByteArray("\n\n\n");
    QTest::addRow("no last line feed") << QByteArray("data: {\"a\":1}\n\ndata: {\"a\":2}");
}

void TstFlowRedaction::leavesBodiesAlone()
{
    QFETCH(QByteArray, body);
    QCOMPARE(redactedBody(body), body);
}

void TstFlowRedaction::findsSecretsWhereverTheyStand_data()
{
    QTest::addColumn<QByteArray>("secret");
    QTest::addRow("access token") << AccessToken;
    QTest::addRow("refresh token") << RefreshToken;
    QTest::addRow("kiro key") << KiroKey;
    QTest::addRow("vendor key") << VendorKey;
    QTest::addRow("web token") << QByteArray("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln");
}

void TstFlowRedaction::findsSecretsWhereverTheyStand()
{
    QFETCH(QByteArray, secret);
    // At every place around the ends of the pieces that long texts are cut to.
    for (qsizetype before = 4000; before < 4200; before += 7) {
        const QByteArray words = QByteArray("word ").repeated(before / 5 + 1).first(before - 1);
        const QByteArray text = words + ' ' + secret + ' ' + words;
        QVERIFY2(!redactedBody(text).contains(secret), qPrintable(QString::number(before)));
        const QByteArray json = "{\"content\":\"" + text + "\"}";
        QVERIFY2(!redactedBody(json).contains(secret), qPrintable(QString::number(before)));
    }
}

void TstFlowRedaction::masksLongSecrets()
{
    // Beyond what a regular expression can walk back over.
    const QByteArray secret = QByteArray("a, b. ").repeated(50'000);
    const QByteArray body = "{\"password\":\"" + secret + "\"}";
    QCOMPARE(redactedBody(body), QByteArray(R"({"password":"***"})"));
}

void TstFlowRedaction::staysValidJson()
{
    const QByteArray body =
        "{\"a\":\"\\u0001\\\"password\\\":\\\"x y z\\\" \\ud83d\\ude00\",\"b\":["
        + QByteArray("{\"token\":\"t\\n\"},").repeated(50) + "null]}";
    const Result<JsonDocument> document = JsonDocument::parse(redactedBody(body).toStdString());
    QVERIFY(document);
    QCOMPARE(document.value().root()["b"].size(), 51);
    QVERIFY(document.value().root()["a"].string().find("x y z") == std::string_view::npos);
}

void TstFlowRedaction::isQuickWithLargeBodies_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("isKept");
    const QByteArray picture = QByteArray("iVBORw0KGgo").repeated(180'000);
    QTest::addRow("a picture") << "{\"data\":\"" + picture + "\"}" << false;
    QTest::addRow("a picture in cut JSON") << "{\"data\":\"" + picture << false;
    QTest::addRow("one long line of words") << QByteArray("word ").repeated(400'000) << true;
    QTest::addRow("many short members")
        << '[' + QByteArray("{\"role\":\"user\",\"n\":1},").repeated(60'000) + "1]" << true;
    QTest::addRow("spaces") << QByteArray(2'000'000, ' ') << true;
    QTest::addRow("quotes") << QByteArray(1'000'000, '"') << true;
    QTest::addRow("backslashes") << QByteArray(1'000'000, '\\') << true;
}

void TstFlowRedaction::isQuickWithLargeBodies()
{
    QFETCH(QByteArray, body);
    QElapsedTimer clock;
    clock.start();
    const QByteArray out = redactedBody(body);
    QVERIFY2(clock.elapsed() < 20'000, qPrintable(QString::number(clock.elapsed())));
    QTEST(out == body, "isKept");
}

void TstFlowRedaction::masksAllViews()
{
    FlowBodies bodies;
    bodies.clientRequest = "{\"a\":\"" + KiroKey + "\"}";
    bodies.upstreamRequest = "{\"b\":\"" + KiroKey + "\"}";
    bodies.upstreamEvents = "{\"c\":\"" + KiroKey + "\"}\n";
    bodies.clientAnswer = "data: {\"d\":\"" + KiroKey + "\"}\n\n";
    bodies.isCut = true;
    const FlowBodies out = redactedBodies(bodies);
    QCOMPARE(out.clientRequest, QByteArray(R"({"a":"***"})"));
    QCOMPARE(out.upstreamRequest, QByteArray(R"({"b":"***"})"));
    QCOMPARE(out.upstreamEvents, QByteArray("{\"c\":\"***\"}\n"));
    QCOMPARE(out.clientAnswer, QByteArray("data: {\"d\":\"***\"}\n\n"));
    QVERIFY(out.isCut);
}

QTEST_GUILESS_MAIN(TstFlowRedaction)
#include "tst_flowredaction.moc"
