// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/gateway/answerstore.h"

#include <QTest>

using namespace kirotray;

namespace {

StoredAnswer storedAnswer(const std::string &text, const std::string &previousId = {},
                          std::size_t extra = 0)
{
    StoredAnswer answer;
    answer.document = "{}" + std::string(extra, ' ');
    answer.systemText = text == "one" ? "Be brief." : "";
    answer.previousId = previousId;
    Message message;
    message.parts.emplace_back(TextPart {text});
    answer.messages.push_back(message);
    return answer;
}

std::string textsOf(const AnswerStore::Conversation &conversation)
{
    std::string texts;
    for (const Message &message : conversation.messages)
        texts += std::get<TextPart>(message.parts.front()).text + ' ';
    return texts;
}

} // namespace

class TstAnswerStore : public QObject
{
    Q_OBJECT

private slots:
    void joinsAConversationFromItsStart();
    void hasNoConversationWithAHoleInIt();
    void removesOnlyOnce();
    void letsTheLongestUnusedGo();
    void countsWhatItHolds();
    void doesNotKeepWhatNeverFits();
    void survivesACircle();
};

void TstAnswerStore::joinsAConversationFromItsStart()
{
    AnswerStore store;
    store.put("a", storedAnswer("one"));
    store.put("b", storedAnswer("two", "a"));
    store.put("c", storedAnswer("three", "b"));
    const auto whole = store.conversation("c");
    QVERIFY(whole);
    QCOMPARE(textsOf(*whole), std::string("one two three "));
    QCOMPARE(whole->systemText, std::string("Be brief."));
    QCOMPARE(textsOf(*store.conversation("b")), std::string("one two "));
}

void TstAnswerStore::hasNoConversationWithAHoleInIt()
{
    AnswerStore store;
    store.put("a", storedAnswer("one"));
    store.put("b", storedAnswer("two", "a"));
    QVERIFY(store.remove("a"));
    QVERIFY(!store.conversation("b"));
    QVERIFY(store.find("b"));
    QVERIFY(!store.conversation("never"));
}

void TstAnswerStore::removesOnlyOnce()
{
    AnswerStore store;
    store.put("a", storedAnswer("one"));
    QVERIFY(store.remove("a"));
    QVERIFY(!store.remove("a"));
    QVERIFY(!store.find("a"));
    QCOMPARE(store.bytes(), 0);
}

void TstAnswerStore::letsTheLongestUnusedGo()
{
    AnswerStore store;
    store.put("kept", storedAnswer("kept"));
    for (int i = 1; i < limits::MaxStoredAnswers; ++i)
        store.put("id" + std::to_string(i), storedAnswer("x"));
    QVERIFY(store.conversation("kept")); // used: now the youngest
    store.put("new", storedAnswer("x"));
    QVERIFY(store.find("kept"));
    QVERIFY(!store.find("id1"));
    QVERIFY(store.find("id2"));
}

void TstAnswerStore::countsWhatItHolds()
{
    AnswerStore store;
    const std::size_t third = std::size_t(limits::MaxStoredAnswerBytes) / 3;
    for (const char *id : {"a", "b", "c"})
        store.put(id, storedAnswer(id, {}, third));
    QVERIFY(store.bytes() <= limits::MaxStoredAnswerBytes);
    QVERIFY(!store.find("a"));
    QVERIFY(store.find("b") && store.find("c"));
    store.put("b", storedAnswer("again"));
    QVERIFY(store.bytes() < qsizetype(2 * third));
}

void TstAnswerStore::doesNotKeepWhatNeverFits()
{
    AnswerStore store;
    store.put("a", storedAnswer("one"));
    store.put("b", storedAnswer("two", {}, std::size_t(limits::MaxStoredAnswerBytes)));
    QVERIFY(!store.find("b"));
    QVERIFY(store.find("a"));
}

void TstAnswerStore::survivesACircle()
{
    AnswerStore store;
    store.put("a", storedAnswer("one", "b"));
    store.put("b", storedAnswer("two", "a"));
    QVERIFY(!store.conversation("a"));
}

QTEST_APPLESS_MAIN(TstAnswerStore)
#include "tst_answerstore.moc"
