// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/base/secret.h"

#include <QRandomGenerator>
#include <QSet>
#include <QTest>

using namespace kirotray;

class TstSecret : public QObject
{
    Q_OBJECT

private slots:
    void printsStarsOnly()
    {
        QString text;
        QDebug(&text) << Secret("hunter2") << 1;
        QVERIFY2(!text.contains(u"hunter2"_s), qPrintable(text));
        QVERIFY2(text.contains(u"Secret(***)"_s), qPrintable(text));
        text.clear();
        QDebug(&text) << Secret();
        QVERIFY2(text.contains(u"Secret(empty)"_s), qPrintable(text));
    }

    void compares_data()
    {
        QTest::addColumn<QByteArray>("a");
        QTest::addColumn<QByteArray>("b");
        QTest::addColumn<bool>("equal");
        QTest::addRow("same") << QByteArray("hunter2") << QByteArray("hunter2") << true;
        QTest::addRow("both empty") << QByteArray() << QByteArray("") << true;
        QTest::addRow("first byte") << QByteArray("hunter2") << QByteArray("Hunter2") << false;
        QTest::addRow("last byte") << QByteArray("hunter2") << QByteArray("hunter3") << false;
        QTest::addRow("prefix") << QByteArray("hunter2") << QByteArray("hunter") << false;
        QTest::addRow("longer") << QByteArray("hunter2") << QByteArray("hunter22") << false;
        QTest::addRow("empty and not") << QByteArray() << QByteArray("x") << false;
        QTest::addRow("behind a zero byte")
            << QByteArray("a\0b", 3) << QByteArray("a\0c", 3) << false;
    }
    void compares()
    {
        QFETCH(QByteArray, a);
        QFETCH(QByteArray, b);
        QFETCH(bool, equal);
        QCOMPARE(Secret(a).constantTimeEquals(b), equal);
        QCOMPARE(Secret(b).constantTimeEquals(a), equal);
        QCOMPARE(Secret(a) == Secret(b), equal);
        QCOMPARE(Secret(a).reveal(), a);
        QCOMPARE(Secret(a).isEmpty(), a.isEmpty());
    }

    void makesRandomTokens_data()
    {
        QTest::addColumn<int>("bytes");
        QTest::addColumn<int>("length");
        QTest::addRow("1") << 1 << 2;
        QTest::addRow("3") << 3 << 4;
        QTest::addRow("24") << 24 << 32;
        QTest::addRow("31") << 31 << 42;
        QTest::addRow("32") << 32 << 43;
    }
    void makesRandomTokens()
    {
        QFETCH(int, bytes);
        QFETCH(int, length);
        const QByteArray token = randomToken(bytes);
        QCOMPARE(token.size(), length);
        for (const char c : token)
            QVERIFY((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                    || c == '-' || c == '_');
    }

    void randomTokensDiffer()
    {
        QSet<QByteArray> seen;
        for (int i = 0; i < 1000; ++i)
            seen.insert(randomToken(16));
        QCOMPARE(seen.size(), 1000);
    }

    void masks_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("expected"); ///< empty: only the secret must be gone
        const auto row = [](const char *name, const QString &line, const QString &expected) {
            QTest::addRow("%s", name) << line << expected;
        };
        row("authorization header", u"Authorization: Bearer hunter2hunter2"_s,
            u"Authorization: ***"_s);
        row("authorization of another scheme", u"authorization: AWS4-HMAC Credential=hunter2"_s,
            u"authorization: ***"_s);
        row("bearer alone", u"sent Bearer aBc.hunter2-x to h"_s, u"sent Bearer *** to h"_s);
        row("bearer, long word", u"bearer hunterhunterhunterhunter2"_s, u"bearer ***"_s);
        row("basic", u"Basic aHVudGVyMjpodW50ZXIy and more"_s, u"Basic *** and more"_s);
        row("JSON", QString::fromLatin1(R"({"accessToken":"hunter2","expiresIn":3600})"),
            QString::fromLatin1(R"({"accessToken":"***","expiresIn":3600})"));
        row("JSON with a space",
            QString::fromLatin1(R"({"refreshToken": "hunter2 and more", "a": "b"})"),
            QString::fromLatin1(R"({"refreshToken": "***", "a": "b"})"));
        row("JSON with an escaped quote", QString::fromLatin1(R"({"password":"a\"hunter2","b":1})"),
            QString::fromLatin1(R"({"password":"***","b":1})"));
        row("JSON in a string",
            QString::fromLatin1(R"("body":"{\"client_secret\":\"hunter2\",\"x\":1}")"),
            QString::fromLatin1(R"("body":"{\"client_secret\":\"***\",\"x\":1}")"));
        row("JSON in a string with a quote",
            QString::fromLatin1(R"("{\"clientSecret\":\"a\\\"hunter2\",\"x\":1}")"),
            QString::fromLatin1(R"("{\"clientSecret\":\"***\",\"x\":1}")"));
        row("JSON that is cut", QString::fromLatin1(R"({"clientSecret":"hunter2)"),
            QString::fromLatin1(R"({"clientSecret":"***)"));
        row("JSON device code",
            QString::fromLatin1(R"({"deviceCode":"hunter2","userCode":"ABCD-EFGH"})"),
            QString::fromLatin1(R"({"deviceCode":"***","userCode":"***"})"));
        row("JSON kiroApiKey", QString::fromLatin1(R"({"kiroApiKey":"hunter2"})"),
            QString::fromLatin1(R"({"kiroApiKey":"***"})"));
        row("single quotes", u"{'token': 'hunter2'}"_s, u"{'token': '***'}"_s);
        row("form", u"grant_type=refresh_token&refresh_token=hunter2&client_id=c"_s,
            u"grant_type=refresh_token&refresh_token=***&client_id=c"_s);
        row("form with a code", u"code=hunter2hunter2hunter2&code_verifier=hunter2"_s,
            u"code=***&code_verifier=***"_s);
        row("redirect address", u"http://localhost:3128/oauth?code=hunter2&state=hunter2#x"_s,
            u"http://localhost:3128/oauth?code=***&state=***#x"_s);
        row("query key", u"GET /v1beta/models?key=hunter2 HTTP/1.1"_s,
            u"GET /v1beta/models?key=*** HTTP/1.1"_s);
        row("header x-api-key", u"x-api-key: hunter2"_s, u"x-api-key: ***"_s);
        row("header cookie", u"Cookie: a=hunter2; b=hunter2"_s, u"Cookie: ***"_s);
        row("header set-cookie", u"Set-Cookie: sid=hunter2; Path=/"_s, u"Set-Cookie: ***"_s);
        row("sso cookie", u"x-amz-sso_authn=hunter2"_s, u"x-amz-sso_authn=***"_s);
        row("password line", u"password: hunter"_s, u"password: ***"_s);
        row("option", u"started with --api-key hunter2 --port 1"_s,
            u"started with --api-key *** --port 1"_s);
        row("option with equals", u"--vault-passphrase=hunter2"_s, u"--vault-passphrase=***"_s);
        row("environment", u"KIRO_API_KEY=hunter2"_s, u"KIRO_API_KEY=***"_s);
        row("proxy address", u"through http://me:hunter2@proxy.test:8080 now"_s,
            u"through http://me:***@proxy.test:8080 now"_s);
        row("access token", u"got aoaAAAAAGhunter2:MEUCIQ"_s, {});
        row("refresh token", u"got aorAAAAAGhunter2"_s, u"got ***"_s);
        row("API key", u"key ksk_hunter2hunter2xx is new"_s, u"key *** is new"_s);
        row("our key", u"key kt-hunter2hunter2hunter2Hunter2x ready"_s, u"key *** ready"_s);
        row("vendor key", u"sk-ant-api03-hunter2-hunter2"_s, u"***"_s);
        row("JWT", u"id eyJhbGciOiJIUzI1NiJ9.hunter2.x end"_s, u"id *** end"_s);
        row("base64url run", u"left dGhpcyBpcyBodW50ZXIyIGFuZCBub3RoaW5n-x_A2 alone"_s,
            u"left *** alone"_s);
        row("base64 run with signs", u"left q83vEjRWeJCrze8SNFZ4kKvN7/I0VniQq83vEj+WeJA= alone"_s,
            u"left *** alone"_s);
        row("hex run",
            u"left 95373d7bd65878fea7e9316f2728f1a2c7d09c6ae0306931a8fed62f5a263cbe alone"_s,
            u"left *** alone"_s);
        row("run behind a UUID",
            u"0b0e9a5e-6b5e-4c0e-9d3f-0123456789ab-q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ"_s,
            u"0b0e9a5e-6b5e-4c0e-9d3f-0123456789ab***"_s);
    }
    void masks()
    {
        QFETCH(QString, line);
        QFETCH(QString, expected);
        const QString out = redacted(line);
        QVERIFY2(!out.contains(u"hunter2"_s), qPrintable(out));
        if (!expected.isEmpty())
            QCOMPARE(out, expected);
        QCOMPARE(redacted(out), out);
        // A line break before and text behind change nothing.
        QVERIFY(!redacted(u"x\n"_s + line + u"\ny"_s).contains(u"hunter2"_s));
    }

    /// About one random token in 10,000 reads like words; these, always the same, do not.
    void masksRandomTokensWithoutAName()
    {
        QRandomGenerator random(20261120);
        for (int i = 0; i < 2000; ++i) {
            QByteArray bytes(32, Qt::Uninitialized);
            for (char &byte : bytes)
                byte = static_cast<char>(random.bounded(256));
            const QString token = QString::fromLatin1(
                bytes.toBase64(i % 2 ? QByteArray::Base64UrlEncoding : QByteArray::Base64Encoding));
            QCOMPARE(redacted(u"value "_s + token + u" end"_s), u"value *** end"_s);
        }
    }

    void leavesAlone_data()
    {
        QTest::addColumn<QString>("line");
        for (const char *line : {
                 "",
                 "account 0b0e9a5e-6b5e-4c0e-9d3f-0123456789ab is ready",
                 "account-0b0e9a5e-6b5e-4c0e-9d3f-0123456789ab/profile",
                 "two 0b0e9a5e-6b5e-4c0e-9d3f-0123456789ab,0B0E9A5E-6B5E-4C0E-9D3F-0123456789AB",
                 "arn:aws:codewhisperer:us-east-1:123456789012:profile/EHGA3GRVQMUK",
                 "call done id=1a2b3c4d method=POST host=q.us-east-1.amazonaws.com "
                 "path=/generateAssistantResponse status=200 ms=812 bytes=4096",
                 "ec2-203-0-113-25.compute-1.amazonaws.com",
                 "prod.us-east-1.auth.desktop.kiro.dev",
                 "/home/someone/.local/share/KiroTray/accounts.json",
                 "/usr/lib/x86_64-linux-gnu/qt6/plugins/platforms/libqoffscreen.so",
                 "C:/Users/Someone/AppData/Roaming/KiroTray/logs/kirotray.log.1",
                 "/Users/someone/Library/Application Support/KiroTray/settings-2026-11-20.ini",
                 "aws-sdk-js/1.0.27 ua/2.1 os/linux#6.1 lang/js md/nodejs#22.21.1 "
                 "api/codewhispererstreaming#1.0.27 m/E KiroIDE-0.8.0",
                 "The bearer token included in the request is invalid.",
                 "Bearer token invalid",
                 "basic authentication is not supported",
                 "invalid token: expired",
                 "refresh token: it was refused by the service",
                 "the secret: nothing; the api key: missing",
                 "the aorta and the aoaxaca, aor-related",
                 "request done call=7f3a model=claude-sonnet-4.5 status=200 in=1204 out=331",
                 "code=403 reason=TEMPORARILY_SUSPENDED state=Running",
                 R"({"code":"ValidationException","message":"Improperly formed request."})",
                 R"({"inputTokens":1204,"maxTokens":32000,"token":null})",
                 R"({"tokenType":"Bearer","grantType":"refresh_token"})",
                 "messages[3].content[0].type: expected a string",
                 "kt-proxy and sk-learn are words; task-force-number-one-of-the-world",
                 "listening on http://127.0.0.1:8747 and http://[::1]:8747",
                 "AmazonCodeWhispererStreamingService.GenerateAssistantResponse",
                 "2026-11-20T13:16:50.123Z 12345678901234567890123456789012345678901234567890",
                 "----------------------------------------------------------------",
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
             })
            QTest::addRow("%.60s", line) << QString::fromLatin1(line);
    }
    void leavesAlone()
    {
        QFETCH(QString, line);
        QCOMPARE(redacted(line), line);
    }
};

QTEST_GUILESS_MAIN(TstSecret)
#include "tst_secret.moc"
