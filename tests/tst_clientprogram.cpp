// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/gateway/clientprogram.h"

#include <QTest>

using namespace kirotray;

class TstClientProgram : public QObject
{
    Q_OBJECT

private slots:
    void isNamedByItsHeaders_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("name");
        const auto agent = [](const QByteArray &value, const QString &name) {
            QTest::addRow("%s", value.left(30).constData())
                << QByteArray("User-Agent") << value << name;
        };
        agent("claude-cli/2.1.329 (external, sdk-cli)", u"claude-code"_s);
        agent("codex_cli_rs/0.169.0 (Linux)", u"codex"_s);
        agent("GeminiCLI-tui/0.61.0/gemini-2.5-pro (linux)", u"gemini-cli"_s);
        agent("opencode/1.18.33 ai-sdk/provider-utils/4.0", u"opencode"_s);
        agent("OpenAI/JS 7.55.0", u"openai-sdk"_s);
        agent("AsyncOpenAI/Python 2.1.0", u"openai-sdk"_s);
        agent("Anthropic/Python 1.11.0", u"anthropic-sdk"_s);
        agent("google-genai-sdk/3.1.0 gl-node/v22", u"google-genai-sdk"_s);
        agent("ai-sdk/openai/3.0", u"ai-sdk"_s);
        agent("curl/8.5.0", u"curl"_s);
        agent("My_Tool.x 1.0", u"my_tool.x"_s);
        agent("", {});
        agent("<script>", {});
        agent(QByteArray(5000, 'a'), QString(40, u'a'));
        QTest::addRow("codex by its originator")
            << QByteArray("originator") << QByteArray("codex_exec") << u"codex"_s;
        QTest::addRow("Google's SDK by its own header")
            << QByteArray("x-goog-api-client") << QByteArray("google-genai-sdk/1.30.0 gl-node/22")
            << u"google-genai-sdk"_s;
    }
    void isNamedByItsHeaders()
    {
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, value);
        HttpHeaders headers;
        headers.append(field, value);
        QTEST(clientProgram(headers), "name");
    }
};

QTEST_APPLESS_MAIN(TstClientProgram)
#include "tst_clientprogram.moc"
