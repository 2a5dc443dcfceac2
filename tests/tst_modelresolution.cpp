// SPDX-License-Identifier: MIT
#include "app/kiro/kirotables.h"

#include <QTest>

using namespace kirotray;

class TstModelResolution : public QObject
{
    Q_OBJECT

private slots:
    void resolvesTheNamesThatClientsSend_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<QString>("kiro");
        const auto row = [](const char *client, const char *kiro) {
            QTest::addRow("%s", client) << QString::fromLatin1(client) << QString::fromLatin1(kiro);
        };
        // the upstream's own
        row("claude-sonnet-4.5", "claude-sonnet-4.5");
        row("auto", "auto");
        row("gpt-5.6-sol", "gpt-5.6-sol");
        row("qwen3-coder-next", "qwen3-coder-next");
        // minor versions, and what looks like one
        row("claude-sonnet-4-5", "claude-sonnet-4.5");
        row("claude-sonnet-4-5-20250929", "claude-sonnet-4.5");
        row("claude-opus-5", "claude-opus-5");
        row("claude-opus-5-5", "claude-opus-5.5");
        row("claude-opus-4-5", "claude-opus-4.5");
        row("claude-opus-5-20260701", "claude-opus-5");
        row("claude-sonnet-4-20250514", "claude-sonnet-4");
        row("claude-sonnet-4-0", "claude-sonnet-4");
        row("claude-opus-4-20250514", "claude-opus-4.5");
        row("claude-opus-4-1-20250805", "claude-opus-4.5");
        row("claude-fable-5-1", "claude-fable-5.1");
        row("claude-sonnet-5-5", "claude-sonnet-5.5");
        // prefixes and suffixes
        row("anthropic/claude-sonnet-4-5", "claude-sonnet-4.5");
        row("anthropic/claude-sonnet-4.5", "claude-sonnet-4.5");
        row("kiro/claude-opus-5-5", "claude-opus-5.5");
        row("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4.5");
        row("anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-sonnet-4.5");
        row("claude-haiku-4-5@20251001", "claude-haiku-4.5");
        row("claude-3-5-sonnet-v2@20241022", "claude-sonnet-4.5");
        row("claude-opus-4-5-thinking", "claude-opus-4.5");
        row("claude-sonnet-4-5-20250929-thinking", "claude-sonnet-4.5");
        row("claude-sonnet-4-6-agentic", "claude-sonnet-4.6");
        row("claude-opus-5-5[1m]", "claude-opus-5.5");
        row("claude-sonnet-4.5-1m", "claude-sonnet-4.5");
        row("Claude-Sonnet-4-5", "claude-sonnet-4.5");
        row("  claude-sonnet-5 ", "claude-sonnet-5");
        // old order and old generations
        row("claude-3-5-sonnet-20241022", "claude-sonnet-4.5");
        row("claude-3-5-sonnet-latest", "claude-sonnet-4.5");
        row("claude-3.5-sonnet", "claude-sonnet-4.5");
        row("claude-3-7-sonnet-20250219", "claude-sonnet-4.5");
        row("claude-3-5-haiku-20241022", "claude-haiku-4.5");
        row("claude-3-haiku-20240307", "claude-haiku-4.5");
        row("claude-3-opus-20240229", "claude-opus-4.5");
        row("claude-4.5-sonnet", "claude-sonnet-4.5");
        row("claude-4-sonnet", "claude-sonnet-4");
        row("sonnet-4.6", "claude-sonnet-4.6");
        row("CLAUDE_SONNET_4_5_20250929_V1_0", "claude-sonnet-4.5");
        row("CLAUDE_SONNET_4_20250514_V1_0", "claude-sonnet-4");
        row("CLAUDE_3_7_SONNET_20250219_V1_0", "claude-sonnet-4.5");
        row("simple-task", "claude-haiku-4.5");
        row("MINIMAX_MINIMAX_M2", "minimax-m2.5");
        // newest of the family
        row("opus", "claude-opus-5.5");
        row("sonnet", "claude-sonnet-5.5");
        row("claude-haiku", "claude-haiku-5.5");
        row("claude-sonnet-6", "claude-sonnet-5.5");
        row("claude-opus-4-9", "claude-opus-5.5");
        // other vendors' names
        row("gpt-4o", "claude-sonnet-4.5");
        row("gpt-4o-2024-08-06", "claude-sonnet-4.5");
        row("gpt-4o-mini", "claude-haiku-4.5");
        row("gpt-3.5-turbo", "claude-haiku-4.5");
        row("gpt-5.2-codex", "claude-sonnet-4.5");
        row("gpt-5.1-codex-mini", "claude-haiku-4.5");
        row("gpt-5.5", "claude-sonnet-4.5");
        row("gpt-5-nano", "claude-haiku-4.5");
        row("openai/gpt-4o", "claude-sonnet-4.5");
        row("codex-mini-latest", "claude-sonnet-4.5");
        row("o1", "claude-opus-4.5");
        row("o1-preview", "claude-opus-4.5");
        row("o3-mini", "claude-haiku-4.5");
        row("gemini-3.1-pro-preview", "claude-sonnet-4.5");
        row("gemini-3.5-flash-lite", "claude-haiku-4.5");
        row("models/gemini-2.5-flash", "claude-haiku-4.5");
        row("auto-kiro", "auto");
        // nothing fits
        row("mistral-large", "");
        row("", "");
        row("claude", "");
    }
    void resolvesTheNamesThatClientsSend()
    {
        QFETCH(QString, client);
        QFETCH(QString, kiro);
        const KiroTablesLoad load = loadKiroTables({});
        QCOMPARE(resolveModel(*load.tables, client), kiro);
    }

    void findsAMillionTokenTwinWhenThereIsOne()
    {
        KiroTables tables = *loadKiroTables({}).tables;
        tables.models.push_back({{"claude-sonnet-4.6-1m", "Twin"}});
        QCOMPARE(resolveModel(tables, u"claude-sonnet-4-6[1m]"_s), u"claude-sonnet-4.6-1m"_s);
        QCOMPARE(resolveModel(tables, u"claude-sonnet-4-6"_s), u"claude-sonnet-4.6"_s);
        QCOMPARE(resolveModel(tables, u"claude-sonnet-4.5[1m]"_s), u"claude-sonnet-4.5"_s);
    }

    void aConfiguredDefaultTakesWhatNothingElseFits()
    {
        KiroTables tables = *loadKiroTables({}).tables;
        tables.defaultModel = u"auto"_s;
        QCOMPARE(resolveModel(tables, u"mistral-large"_s), u"auto"_s);
        QCOMPARE(resolveModel(tables, u"claude-opus-4-5"_s), u"claude-opus-4.5"_s);
    }

    void theFirstFittingAliasWins()
    {
        KiroTables tables = *loadKiroTables({}).tables;
        tables.aliases = {{u"big*"_s, u"claude-opus-5"_s}, {u"*small"_s, u"glm-5"_s}};
        QCOMPARE(resolveModel(tables, u"Bigger"_s), u"claude-opus-5"_s);
        QCOMPARE(resolveModel(tables, u"big-small"_s), u"claude-opus-5"_s);
        QCOMPARE(resolveModel(tables, u"very-small"_s), u"glm-5"_s);
        QCOMPARE(resolveModel(tables, u"smaller"_s), QString());
    }
};

QTEST_APPLESS_MAIN(TstModelResolution)
#include "tst_modelresolution.moc"
