// SPDX-License-Identifier: MIT
// Where conversations may be cut, and that no cut parts what belongs together.
#include "app/context/contextcut.h"
#include "tests/builtstatebench.h"
#include "tests/conversationwriter.h"
#include "tests/dialectcase.h"
#include "tests/requestrules.h"

#include <QTest>

#include <algorithm>

using namespace kirotray;

namespace {

constexpr quint32 RandomConversations = 300; ///< of each API

/// One message a word: u a user's text, _ a blank one, i a picture, a an answer, t thinking alone,
/// c1 a call, r1 its result, x1 result and text, p1 and q1 call and result with another call.
std::vector<Message> messagesOf(const QString &words)
{
    std::vector<Message> messages;
    for (const QString &word : words.split(u' ', Qt::SkipEmptyParts)) {
        const std::string id = word.mid(1).toStdString();
        Message message;
        message.role = QStringView(u"atcp").contains(word[0]) ? Role::Assistant : Role::User;
        std::vector<Part> &parts = message.parts;
        switch (word[0].unicode()) {
        case u'u':
        case u'a':
            parts = {TextPart {"text " + id}};
            break;
        case u'_':
            parts = {TextPart {" \n"}};
            break;
        case u'i':
            parts = {ImagePart {"aGk=", {}, {}}};
            break;
        case u't':
            parts = {ThinkingPart {"thought", "signature", {}}};
            break;
        case u'c':
            parts = {ToolUsePart {id, "f", "{}"}};
            break;
        case u'r':
            parts = {ToolResultPart {id, "result"}};
            break;
        case u'x':
            parts = {ToolResultPart {id, "result"}, TextPart {"and"}};
            break;
        case u'p':
            parts = {ThinkingPart {"thought", "signature", {}}, ToolUsePart {id, "f", "{}"},
                     ToolUsePart {id + "b", "f", "{}"}};
            break;
        default:
            parts = {ToolResultPart {id, "result"}, ToolResultPart {id + "b", "result"}};
            break;
        }
        messages.push_back(std::move(message));
    }
    return messages;
}

QString outlineOf(const ConversationGroups &groups)
{
    QStringList parts;
    for (const MessageGroup &group : groups.removable)
        parts.append(u"%1-%2"_s.arg(group.first).arg(group.end));
    return parts.join(u' ');
}

ChatRequest requestOf(const QString &words)
{
    ChatRequest request;
    request.system = "S";
    request.messages = messagesOf(words);
    request.tools = {{"f", "d", R"({"type":"object","properties":{}})"}};
    return request;
}

/// Calls and results that the normaliser found without the other.
int unpaired(const std::vector<NormaliserNote> &notes)
{
    int sum = 0;
    for (const NormaliserNote &note : notes)
        for (const char *what : {"missing tool result", "tool result(s) without their call"})
            if (note.what.find(what) != std::string::npos)
                sum += std::stoi(note.what);
    return sum;
}

} // namespace

class TstConversationGroups : public BuiltStateBench
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        loadTables();
        QVERIFY(m_tables);
        m_options.modelId = u"claude-sonnet-4.5"_s;
    }

    void groupsStayWhole_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("removable");
        const auto row = [](const char *name, const QString &words, const QString &removable) {
            QTest::addRow("%s", name) << words << removable;
        };
        row("nothing", u""_s, u""_s);
        row("one question", u"u1"_s, u""_s);
        row("a question and its answer stay", u"u1 a1"_s, u""_s);
        row("each question with its answer", u"u1 a1 u2 a2 u3"_s, u"0-2 2-4"_s);
        row("several user messages are one question", u"u1 u2 a1 u3"_s, u"0-3"_s);
        row("several answers are one", u"u1 t1 a1 u2"_s, u"0-3"_s);
        row("calls with their results", u"u1 c1 r1 a1 u2"_s, u"0-4"_s);
        row("parallel calls of one message", u"u1 p1 q1 a1 u2"_s, u"0-4"_s);
        row("parallel calls, each a message", u"u1 c1 c2 r1 r2 a1 u2"_s, u"0-6"_s);
        row("a result beside a question opens nothing", u"u1 c1 x1 a1 u2"_s, u"0-4"_s);
        row("a result that comes late holds", u"u1 c1 u2 a1 u3 r1 a2 u4"_s, u"0-7"_s);
        row("a call that was never answered holds nothing", u"u1 c1 u2 a1"_s, u"0-2"_s);
        row("a blank message is no question", u"u1 a1 _ a2 u2"_s, u"0-4"_s);
        row("a picture is one", u"u1 a1 i a2"_s, u"0-2"_s);
        row("a leading answer goes with the first question", u"a0 u1 a1 u2"_s, u"0-1 1-3"_s);
        row("rounds behind the newest question", u"u1 a1 u2 c1 r1 c2 r2 c3 r3"_s, u"0-2 3-5 5-7"_s);
        row("the last round stays", u"u1 c1 r1"_s, u""_s);
        row("rounds and the answer behind them", u"u1 c1 r1 p2 q2 a1"_s, u"1-3 3-5"_s);
        row("thinking goes with its call", u"u1 t1 c1 r1 t2 c2 r2"_s, u"1-4"_s);
        row("rounds that overlap are one", u"u1 c1 c2 r1 c3 r2 r3 c4 r4"_s, u"1-7"_s);
        row("ids used anew in each round", u"u1 c1 r1 c1 r1 c1 r1"_s, u"1-3 3-5"_s);
        row("rounds without a question stay", u"r0 c1 r1 c2 r2"_s, u""_s);
    }
    void groupsStayWhole()
    {
        QFETCH(QString, words);
        QTEST(outlineOf(groupsOf(messagesOf(words))), "removable");
    }

    void aCutLeavesTheSystemTextAndTheNewest()
    {
        ChatRequest request = requestOf(u"u1 a1 u2 c1 r1 c2 r2"_s);
        const ConversationGroups groups = groupsOf(request.messages);
        QCOMPARE(outlineOf(groups), u"0-2 3-5"_s);
        QCOMPARE(loadOfGroups(request, groups, 2).messages, 4);
        const std::optional<std::size_t> word = cutGroups(request, groups, 2, "(left out)");
        QVERIFY(word);
        QCOMPARE(*word, std::size_t(1));
        const std::vector<Message> expected = messagesOf(u"u2 u c2 r2"_s);
        QCOMPARE(request.messages.size(), expected.size());
        QCOMPARE(std::get<TextPart>(request.messages[1].parts.front()).text,
                 std::string("(left out)"));
        for (const std::size_t at : {0U, 2U, 3U})
            QVERIFY(request.messages[at] == expected[at]);
        QCOMPARE(request.system, std::string("S"));
    }

    void aCachePointThatGoesStaysOnTheWord()
    {
        for (const bool isMarked : {false, true}) {
            ChatRequest request = requestOf(u"u1 a1 u2"_s);
            request.messages[1].cachePoint = isMarked;
            cutGroups(request, groupsOf(request.messages), 1, "summary");
            QCOMPARE(request.messages.size(), std::size_t(2));
            QCOMPARE(request.messages[0].cachePoint, isMarked);
        }
    }

    void aCutWithoutAWordAddsNothing()
    {
        ChatRequest request = requestOf(u"u1 a1 u2 a2 u3"_s);
        QVERIFY(!cutGroups(request, groupsOf(request.messages), 2, {}));
        QVERIFY(request.messages == messagesOf(u"u3"_s));
    }

    /// Whatever clients send: no cut breaks a rule of the service or makes an orphan.
    void anyCutKeepsPairsTogether_data()
    {
        QTest::addColumn<DialectId>("id");
        for (const dialectcase::DialectFolder &each : dialectcase::dialectFolders())
            QTest::addRow("%s", each.name) << each.id;
    }
    void anyCutKeepsPairsTogether()
    {
        QFETCH(DialectId, id);
        int cuts = 0;
        for (quint32 seed = 1; seed <= RandomConversations; ++seed) {
            const WrittenConversation written = writtenConversation(id, plannedConversation(seed));
            const Result<JsonDocument> document = JsonDocument::parse(written.body);
            QVERIFY(document);
            const Result<ChatRequest> decoded =
                dialect(id).decode(document.value(), written.target);
            if (!decoded)
                continue;
            const ChatRequest &request = decoded.value();
            const ConversationGroups groups = groupsOf(request.messages);
            QVERIFY(built(request));
            const int before = unpaired(m_built.notes);
            for (std::size_t count = 1; count <= groups.removable.size(); ++count) {
                ChatRequest cut = request;
                cutGroups(cut, groups, count, count % 2 == 0 ? "Summary" : "");
                const auto state = built(cut);
                const QByteArray place =
                    "seed " + QByteArray::number(seed) + " cut " + QByteArray::number(int(count));
                QVERIFY2(state, place.constData());
                QVERIFY2(brokenRules(state->root()).empty(), place.constData());
                QVERIFY2(unpaired(m_built.notes) <= before, place.constData());
                QVERIFY2(cut.messages.back() == request.messages.back(), place.constData());
                ++cuts;
            }
        }
        QVERIFY2(cuts > 100, QByteArray::number(cuts).constData());
    }

    void thePrefixTellsWhetherTheStartIsTheSame()
    {
        const ContextSettings settings {.trims = true, .maxMessages = 4};
        const auto prefixes = [&](const ChatRequest &request) {
            return planCut(request, {settings, 0, 0}, {}, true).prefixes;
        };
        const ChatRequest shorter = requestOf(u"u1 a1 u2 c1 r1 a2 u3 a3 u4"_s);
        const ChatRequest longer = requestOf(u"u1 a1 u2 c1 r1 a2 u3 a3 u4 a4 u5"_s);
        ChatRequest changed = longer;
        std::get<ToolResultPart>(changed.messages[4].parts.front()).text = "other";
        QCOMPARE(prefixes(shorter).size(), std::size_t(3));
        QCOMPARE(prefixes(longer).size(), std::size_t(4));
        for (std::size_t at = 0; at < 3; ++at)
            QVERIFY(prefixes(shorter)[at] == prefixes(longer)[at]);
        QVERIFY(prefixes(changed)[0] == prefixes(longer)[0]);
        QVERIFY(prefixes(changed)[1] != prefixes(longer)[1]);
        QVERIFY(prefixes(changed)[3] != prefixes(longer)[3]);
    }
};

QTEST_GUILESS_MAIN(TstConversationGroups)
#include "tst_conversationgroups.moc"
