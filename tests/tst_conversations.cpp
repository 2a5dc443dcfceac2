// SPDX-License-Identifier: MIT
#include "app/kiro/requestbuilder.h"
#include "app/simulator/requestvalidator.h"
#include "tests/conversationwriter.h"
#include "tests/dialectcase.h"
#include "tests/requestrules.h"

#include <QTest>

using namespace kirotray;

namespace {

constexpr quint32 CasesPerDialect = 5000;

HttpHeaders clientHeaders()
{
    HttpHeaders headers;
    headers.append("Content-Type", "application/json");
    headers.append("User-Agent", "x KiroIDE-1.1.14-0000");
    return headers;
}

/// The service takes back what it gave, whole. Never empty, which would be anything.
std::vector<GivenThinking> givenThinking(const ConversationPlan &plan)
{
    std::vector<GivenThinking> given {{"none", {}}};
    for (const PlannedTurn &turn : plan.turns)
        for (const PlannedPart &part : turn.parts)
            if (part.kind == PlannedPart::Kind::Thinking) {
                const ThinkingPart thinking = plannedThinking(part);
                given.push_back({thinking.signature, thinking.text});
            }
    return given;
}

} // namespace

class TstConversations : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_tables = loadKiroTables({}).tables;
        for (const KiroModel &model : m_tables->models)
            if (model.info.takesImages
                && findServiceModel(builtInServiceModels(), model.info.id) != nullptr)
                m_models.push_back(std::make_shared<const KiroModel>(model));
        QVERIFY(m_models.size() > 10);
    }

    void whateverAClientSendsTheServiceTakes_data()
    {
        QTest::addColumn<DialectId>("id");
        for (const dialectcase::DialectFolder &each : dialectcase::dialectFolders())
            QTest::addRow("%s", each.name) << each.id;
    }
    void whateverAClientSendsTheServiceTakes()
    {
        QFETCH(DialectId, id);
        m_replayed = 0;
        for (quint32 seed = 0; seed < CasesPerDialect; ++seed) {
            const QByteArray problem = problemOf(id, seed);
            if (!problem.isEmpty())
                QFAIL(("seed " + QByteArray::number(seed) + ": " + problem).constData());
        }
        QVERIFY2(m_replayed > int(CasesPerDialect / 10),
                 QByteArray::number(m_replayed).constData());
    }

private:
    /// Why the request of that seed would not reach a model; empty: it would.
    QByteArray problemOf(DialectId id, quint32 seed)
    {
        const ConversationPlan plan = plannedConversation(seed);
        const WrittenConversation written = writtenConversation(id, plan);
        const QByteArray body = QByteArray::fromStdString(written.body);
        const Result<ChatRequest> request = dialectcase::decoded(dialect(id), body, written.target);
        if (!request)
            return "not read: " + describe(request.error()).toUtf8() + '\n' + body;
        const Result<BuiltRequest> built =
            buildRequest(request.value(), optionsFor(seed), *m_tables);
        if (!built)
            return "not built: " + describe(built.error()).toUtf8() + '\n' + body;
        const QByteArray sent = requestBody(built.value(), {});
        ServiceRules rules;
        rules.bounds.signatures = givenThinking(plan);
        rules.schemas = seed % 5 == 0 ? SchemaRule::Strict : SchemaRule::Service;
        const CheckedRequest checked = checkChatRequest(
            clientHeaders(), std::string_view(sent.constData(), std::size_t(sent.size())), rules);
        if (checked.refusal)
            return "refused: " + checked.refusal->cause + '\n' + body + "\nsent:\n" + sent;
        const std::vector<std::string> broken =
            brokenRules(checked.document->root()["conversationState"]);
        if (!broken.empty())
            return "rule " + QByteArray::fromStdString(broken.front()) + '\n' + body + "\nsent:\n"
                + sent;
        m_replayed += sent.contains("\"reasoningContent\":") ? 1 : 0;
        return {};
    }

    /// How a case is built; drawn from its seed.
    BuildOptions optionsFor(quint32 seed) const
    {
        const std::shared_ptr<const KiroModel> &model = m_models[seed % m_models.size()];
        BuildOptions options;
        options.modelId = QString::fromStdString(model->info.id);
        options.conversationId = "7c6a1f0e-0c5b-4d0e-9a53-0d8d6f1f2b11";
        options.continuationId = "2b9f43c5-6c1e-4a37-8d43-4b6f8e2f7c90";
        options.strictSchemas = seed % 5 == 0;
        options.keepThinking = seed % 7 != 0;
        if (seed % 3 != 0)
            options.model = model;
        options.useModelFields = seed % 4 != 0;
        options.keepHistoryImages = seed % 11 != 0;
        return options;
    }

    int m_replayed = 0; ///< requests that gave thinking back
    KiroTablesPtr m_tables;
    std::vector<std::shared_ptr<const KiroModel>> m_models; ///< with images, known to the simulator
};

QTEST_APPLESS_MAIN(TstConversations)
#include "tst_conversations.moc"
