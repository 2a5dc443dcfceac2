// SPDX-License-Identifier: MIT
#include "app/chat/tokenestimate.h"

#include <QTest>

using namespace kirotray;

class TstTokenEstimate : public QObject
{
    Q_OBJECT
private slots:
    void countsTexts_data();
    void countsTexts();
    void doesNotDependOnWhereTheTextIsCut();
    void countsEveryPartOfAPrompt();
    void growsWithTheToolList();
};

void TstTokenEstimate::countsTexts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("tokens");
    QTest::addRow("nothing") << QByteArray() << qint64(0);
    QTest::addRow("one letter is rounded up") << QByteArray("a") << qint64(1);
    QTest::addRow("four letters") << QByteArray("abcd") << qint64(1);
    QTest::addRow("five letters are rounded up") << QByteArray("abcde") << qint64(2);
    QTest::addRow("a long Latin text") << QByteArray(4000, 'x') << qint64(1000);
    QTest::addRow("three Chinese characters") << QByteArray("你好吗") << qint64(2);
    QTest::addRow("four Chinese characters") << QByteArray("你好世界") << qint64(3);
    QTest::addRow("Japanese") << QByteArray("こんにちは。") << qint64(4);
    QTest::addRow("Korean") << QByteArray("안녕하세요") << qint64(4);
    QTest::addRow("mixed") << QByteArray("Qt 你好吗") << qint64(3);
    QTest::addRow("Cyrillic is two characters a token") << QByteArray("Привет") << qint64(3);
    QTest::addRow("an emoji is two tokens") << QByteArray("😀") << qint64(2);
    QTest::addRow("stray continuation bytes") << QByteArray("\x80\xBF") << qint64(0);
}

void TstTokenEstimate::countsTexts()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, tokens);
    QCOMPARE(estimateTokens(text.toStdString()), tokens);
}

void TstTokenEstimate::doesNotDependOnWhereTheTextIsCut()
{
    const std::string text = "Qt 你好吗, Привет 😀 and some more letters";
    for (std::size_t at = 0; at <= text.size(); ++at) {
        TokenCounter counter;
        counter.add(std::string_view(text).substr(0, at));
        counter.add(std::string_view(text).substr(at));
        QCOMPARE(counter.tokens(), estimateTokens(text));
    }
}

void TstTokenEstimate::countsEveryPartOfAPrompt()
{
    const std::string text(400, 'x'); // 100 tokens
    const qint64 none = estimatePromptTokens({});
    QVERIFY(none > 0);
    ChatRequest system;
    system.system = text;
    QCOMPARE(estimatePromptTokens(system), none + 100);

    ChatRequest empty;
    empty.messages.push_back({});
    const qint64 message = estimatePromptTokens(empty);
    QVERIFY(message > none);
    const auto withPart = [&empty](Part part) {
        ChatRequest request = empty;
        request.messages[0].parts.push_back(std::move(part));
        return estimatePromptTokens(request);
    };
    QCOMPARE(withPart(TextPart {text}), message + 100);
    QCOMPARE(withPart(ThinkingPart {text, "signature", {}}), message + 100);
    QCOMPARE(withPart(ThinkingPart {{}, {}, text}), message + 100);
    QVERIFY(withPart(ToolUsePart {"id", text, text}) > message + 200);
    QVERIFY(withPart(ToolResultPart {"id", text, false}) > message + 100);
}

void TstTokenEstimate::growsWithTheToolList()
{
    ChatRequest request;
    qint64 before = estimatePromptTokens(request);
    for (int count = 1; count <= 40; ++count) {
        request.tools.push_back({"tool", std::string(40, 'd'), std::string(400, 's')});
        const qint64 after = estimatePromptTokens(request);
        QVERIFY2(after - before >= 100, qPrintable(QString::number(count)));
        before = after;
    }
}

QTEST_APPLESS_MAIN(TstTokenEstimate)
#include "tst_tokenestimate.moc"
