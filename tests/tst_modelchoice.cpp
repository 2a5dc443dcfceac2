// SPDX-License-Identifier: MIT
#include "app/kiro/modelchoice.h"

#include <QTest>

using namespace kirotray;

namespace {

const QString Suffix = u"-thinking"_s;

std::vector<KiroModel> listOf(std::initializer_list<const char *> ids)
{
    std::vector<KiroModel> rows;
    for (const char *id : ids)
        rows.push_back({{id, id}});
    return rows;
}

} // namespace

class TstModelChoice : public QObject
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
        // what the clients of clients.md §0 no. 5 send
        row("gpt-6.1", "claude-sonnet-4.5");
        row("o4-mini", "claude-haiku-4.5");
        row("o4", "claude-opus-4.5");
        row("codex", "claude-sonnet-4.5");
        // nothing fits: as it was sent
        row("mistral-large", "mistral-large");
        row("Acme/Model-7-thinking", "Acme/Model-7-thinking");
        row("claude", "claude");
        row("claude-nova-7", "claude-nova-7");
        row("", "auto");
    }
    void resolvesTheNamesThatClientsSend()
    {
        QFETCH(QString, client);
        QFETCH(QString, kiro);
        const ModelChoice choice = chooseModel(*m_tables, {}, client, Suffix);
        QCOMPARE(choice.id, kiro);
        QVERIFY(!choice.rule.isEmpty());
        const KiroModel *row = findModel(*m_tables, kiro);
        QCOMPARE(choice.model != nullptr, row != nullptr);
        QVERIFY(row == nullptr || *choice.model == *row);
    }

    void saysWhichRuleDecided_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<QString>("rule");
        const auto row = [](const char *client, const char *rule) {
            QTest::addRow("%s", client) << QString::fromLatin1(client) << QString::fromLatin1(rule);
        };
        row("claude-sonnet-4.5", "exact name");
        row("Claude-Sonnet-4.5", "exact name");
        row("kiro/glm-5", "name without prefix and suffixes");
        row("claude-sonnet-4-5", "Claude name in another spelling");
        row("gpt-5.5", "alias gpt-*");
        row("claude-opus-4-9", "newest opus");
        row("mistral-large", "unknown name, passed on");
        row("", "no model named");
    }
    void saysWhichRuleDecided()
    {
        QFETCH(QString, client);
        QFETCH(QString, rule);
        QCOMPARE(chooseModel(*m_tables, {}, client, Suffix).rule, rule);
    }

    void theAccountsOwnListDecides_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<QString>("kiro");
        QTest::addColumn<QString>("rule");
        const auto row = [](const char *client, const char *kiro, const char *rule) {
            QTest::addRow("%s", client) << QString::fromLatin1(client) << QString::fromLatin1(kiro)
                                        << QString::fromLatin1(rule);
        };
        // listed: auto, sonnet 4 and 4.6, haiku 4.5, brand-new-7, kimi-k3-thinking
        row("claude-sonnet-4-6", "claude-sonnet-4.6", "Claude name in another spelling");
        row("claude-sonnet-5-5", "claude-sonnet-4.6", "newest sonnet");
        row("claude-sonnet-5.5", "claude-sonnet-4.6", "newest sonnet");
        row("sonnet", "claude-sonnet-4.6", "newest sonnet");
        row("gpt-5.5", "claude-sonnet-4.6", "alias gpt-*, newest of its family");
        row("gpt-5.6-sol", "claude-sonnet-4.6", "alias gpt-*, newest of its family");
        row("gpt-4o-mini", "claude-haiku-4.5", "alias gpt-*-mini*");
        row("o1", "claude-opus-4.5", "alias o1*");
        row("claude-opus-5-5-20260901", "claude-opus-5.5", "Claude name, not listed");
        row("claude-opus-4.9", "claude-opus-4.9", "Claude name, not listed");
        row("brand-new-7", "brand-new-7", "exact name");
        row("kimi-k3-thinking", "kimi-k3-thinking", "exact name");
        row("glm-5", "glm-5", "unknown name, passed on");
        row("minimax_minimax_m2", "minimax-m2.5", "alias minimax_minimax_m2");
    }
    void theAccountsOwnListDecides()
    {
        QFETCH(QString, client);
        QFETCH(QString, kiro);
        QFETCH(QString, rule);
        const auto listed = listOf({"auto", "claude-sonnet-4", "claude-sonnet-4.6",
                                    "claude-haiku-4.5", "brand-new-7", "kimi-k3-thinking"});
        const ModelChoice choice = chooseModel(*m_tables, listed, client, Suffix);
        QCOMPARE(choice.id, kiro);
        QCOMPARE(choice.rule, rule);
        QVERIFY(!choice.wantsThinking);
    }

    void anUnlistedModelKeepsWhatTheTableKnows()
    {
        const auto listed = listOf({"auto", "brand-new-7"});
        QCOMPARE(chooseModel(*m_tables, listed, u"glm-5"_s, Suffix).model->thirdParty, true);
        // The list's row goes before the table's.
        QCOMPARE(chooseModel(*m_tables, listed, u"auto"_s, Suffix).model->info.displayName, "auto");
        QVERIFY(chooseModel(*m_tables, listed, u"nothing"_s, Suffix).model == nullptr);
    }

    void theSuffixTurnsThinkingOn_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<QString>("suffix");
        QTest::addColumn<QString>("kiro");
        QTest::addColumn<bool>("thinks");
        const auto row = [](const char *client, const char *suffix, const char *kiro, bool thinks) {
            QTest::addRow("%s with %s", client, suffix)
                << QString::fromLatin1(client) << QString::fromLatin1(suffix)
                << QString::fromLatin1(kiro) << thinks;
        };
        row("claude-sonnet-4-5-thinking", "-thinking", "claude-sonnet-4.5", true);
        row("claude-sonnet-4-5", "-thinking", "claude-sonnet-4.5", false);
        row("claude-sonnet-4-5-20250929-thinking", "-thinking", "claude-sonnet-4.5", true);
        row("claude-sonnet-4-5-thinking-20250929", "-thinking", "claude-sonnet-4.5", true);
        row("claude-opus-5-5[1m]-thinking", "-thinking", "claude-opus-5.5", true);
        row("claude-opus-5-5-thinking[1m]", "-thinking", "claude-opus-5.5", true);
        row("Claude-Opus-5-Thinking", "-thinking", "claude-opus-5", true);
        row("gpt-4o-thinking", "-thinking", "claude-sonnet-4.5", true);
        row("opus-thinking", "-thinking", "claude-opus-5.5", true);
        row("glm-5-thinking", "-thinking", "glm-5", true);
        row("claude-sonnet-4-5:think", ":think", "claude-sonnet-4.5", true);
        row("claude-sonnet-4-5:Think", ":THINK", "claude-sonnet-4.5", true);
        row("claude-sonnet-4-5-thinking", ":think", "claude-sonnet-4.5", false);
        row("claude-sonnet-4-5-thinking", "", "claude-sonnet-4.5", false);
        row("-thinking", "-thinking", "-thinking", false);
    }
    void theSuffixTurnsThinkingOn()
    {
        QFETCH(QString, client);
        QFETCH(QString, suffix);
        QFETCH(QString, kiro);
        QFETCH(bool, thinks);
        const ModelChoice choice = chooseModel(*m_tables, {}, client, suffix);
        QCOMPARE(choice.id, kiro);
        QCOMPARE(choice.wantsThinking, thinks);
    }

    void findsAMillionTokenTwinWhenThereIsOne()
    {
        const auto listed =
            listOf({"claude-sonnet-4.6", "claude-sonnet-4.6-1m", "claude-sonnet-4.5"});
        const auto chosen = [&](const QString &client) {
            return chooseModel(*m_tables, listed, client, Suffix).id;
        };
        QCOMPARE(chosen(u"claude-sonnet-4-6[1m]"_s), u"claude-sonnet-4.6-1m"_s);
        QCOMPARE(chosen(u"claude-sonnet-4-6"_s), u"claude-sonnet-4.6"_s);
        QCOMPARE(chosen(u"claude-sonnet-4.5[1m]"_s), u"claude-sonnet-4.5"_s);
        QCOMPARE(chosen(u"sonnet[1m]"_s), u"claude-sonnet-4.6-1m"_s);
        QCOMPARE(chosen(u"sonnet"_s), u"claude-sonnet-4.6"_s);
    }

    void versionsAreComparedAsNumbers()
    {
        const auto listed = listOf({"claude-sonnet-4.9", "claude-sonnet-4.10",
                                    "claude-sonnet-5-preview", "claude-sonnet-latest"});
        QCOMPARE(chooseModel(*m_tables, listed, u"sonnet"_s, Suffix).id, u"claude-sonnet-4.10"_s);
    }

    void aConfiguredDefaultTakesWhatNothingElseFits()
    {
        KiroTables tables = *m_tables;
        tables.defaultModel = u"auto"_s;
        QCOMPARE(chooseModel(tables, {}, u"mistral-large"_s, Suffix).id, u"auto"_s);
        QCOMPARE(chooseModel(tables, {}, u"mistral-large"_s, Suffix).rule, u"default model"_s);
        QVERIFY(chooseModel(tables, {}, u"mistral-large-thinking"_s, Suffix).wantsThinking);
        QCOMPARE(chooseModel(tables, {}, u"claude-opus-4-5"_s, Suffix).id, u"claude-opus-4.5"_s);
    }

    void theFirstFittingAliasWins()
    {
        KiroTables tables = *m_tables;
        tables.aliases = {{u"big*"_s, u"claude-opus-5"_s}, {u"*small"_s, u"glm-5"_s}};
        QCOMPARE(chooseModel(tables, {}, u"Bigger"_s, Suffix).id, u"claude-opus-5"_s);
        QCOMPARE(chooseModel(tables, {}, u"big-small"_s, Suffix).id, u"claude-opus-5"_s);
        QCOMPARE(chooseModel(tables, {}, u"very-small"_s, Suffix).id, u"glm-5"_s);
        QCOMPARE(chooseModel(tables, {}, u"smaller"_s, Suffix).id, u"smaller"_s);
    }

    void aVeryLongNameIsPassedOn()
    {
        const QString name = u"claude-sonnet-4-5"_s + u"-thinking"_s.repeated(100'000);
        QCOMPARE(chooseModel(*m_tables, {}, name, Suffix).id, name);
    }

private:
    const KiroTablesPtr m_tables = loadKiroTables({}).tables;
};

QTEST_APPLESS_MAIN(TstModelChoice)
#include "tst_modelchoice.moc"
