// SPDX-License-Identifier: MIT
#include "app/chat/tokenestimate.h"

#include <QTest>

#include <cstdlib>

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
    void countsByTheVocabulary();
    void countsPicturesByTheirSize();
    void knowsTheModelsWithALaterVocabulary_data();
    void knowsTheModelsWithALaterVocabulary();
};

void TstTokenEstimate::countsTexts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("tokens");
    QTest::addRow("nothing") << QByteArray() << qint64(0);
    QTest::addRow("one letter is rounded up") << QByteArray("a") << qint64(2);
    QTest::addRow("a word") << QByteArray("hello") << qint64(2);
    QTest::addRow("a word's letters cost little") << QByteArray("compatibility") << qint64(3);
    QTest::addRow("a blank belongs to its word") << QByteArray("hello there") << qint64(4);
    QTest::addRow("indentation costs little") << QByteArray("\n                x") << qint64(1);
    QTest::addRow("a digit and a letter are two") << QByteArray("a1b2c3d4") << qint64(13);
    QTest::addRow("a number") << QByteArray("12345678") << qint64(1);
    QTest::addRow("Chinese") << QByteArray("你好世界") << qint64(6);
    QTest::addRow("an emoji") << QByteArray("😀") << qint64(3);
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
    const std::string text = "Reads a file from the local filesystem; the path must be absolute. ";
    const qint64 tokens = estimateTokens(text);
    const qint64 none = estimatePromptTokens({});
    QVERIFY(none > 0);
    ChatRequest system;
    system.system = text;
    QCOMPARE(estimatePromptTokens(system), none + tokens);

    ChatRequest empty;
    empty.messages.push_back({});
    const qint64 message = estimatePromptTokens(empty);
    QVERIFY(message > none);
    const auto withPart = [&empty](Part part) {
        ChatRequest request = empty;
        request.messages[0].parts.push_back(std::move(part));
        return estimatePromptTokens(request);
    };
    QCOMPARE(withPart(TextPart {text}), message + tokens);
    QCOMPARE(withPart(ThinkingPart {text, "signature", {}}), message + tokens);
    QCOMPARE(withPart(ThinkingPart {{}, {}, text}), message + tokens);
    QVERIFY(withPart(ToolUsePart {"id", text, text}) > message + 2 * tokens);
    QVERIFY(withPart(ToolResultPart {"id", text, false}) > message + tokens);
}

void TstTokenEstimate::growsWithTheToolList()
{
    ChatRequest request;
    const std::string schema = R"({"type":"object","properties":{"file_path":{"type":"string",)"
                               R"("description":"The absolute path of the file"}}})";
    qint64 before = estimatePromptTokens(request);
    for (int count = 1; count <= 40; ++count) {
        request.tools.push_back({"tool", "Reads a file.", schema});
        const qint64 after = estimatePromptTokens(request);
        QVERIFY2(after - before >= 40, qPrintable(QString::number(count)));
        before = after;
    }
}

void TstTokenEstimate::countsByTheVocabulary()
{
    ChatRequest request;
    request.system = "You are a careful assistant who answers in one short sentence.";
    request.messages.push_back({Role::User, {TextPart {"What is the tallest mountain?"}}});
    request.tools.push_back({"Read", "Reads a file.", "{\"type\":\"object\"}"});
    const qint64 counted = countPromptTokens(request);
    const qint64 estimated = estimatePromptTokens(request);
    QVERIFY(std::abs(counted - estimated) <= estimated / 20);
    request.messages[0].parts.emplace_back(TextPart {"hello world"});
    const qint64 more = countPromptTokens(request) - counted;
    QVERIFY(more == 2 || more == 3); // two, and the margin
    request.messages[0].parts.emplace_back(ImagePart {"AAAA", {}, {}});
    QVERIFY(countPromptTokens(request) > counted + 1000);
}

void TstTokenEstimate::countsPicturesByTheirSize()
{
    const auto pictureTokens = [](int width, int height) {
        QByteArray png = QByteArray::fromHex("89504e470d0a1a0a0000000d49484452");
        for (const int side : {width, height})
            for (int shift = 24; shift >= 0; shift -= 8)
                png += static_cast<char>((side >> shift) & 0xFF);
        png += QByteArray::fromHex("0806000000");
        png += QByteArray(200'000, 'x');
        ChatRequest request;
        request.messages.push_back({});
        const qint64 without = estimatePromptTokens(request);
        request.messages[0].parts.emplace_back(ImagePart {png.toBase64().toStdString(), {}, {}});
        return estimatePromptTokens(request) - without;
    };
    QCOMPARE(pictureTokens(750, 750), 751);
    QCOMPARE(pictureTokens(1, 1), 1);
    QCOMPARE(pictureTokens(8000, 8000), 1600);
}

void TstTokenEstimate::knowsTheModelsWithALaterVocabulary_data()
{
    QTest::addColumn<bool>("isLater");
    for (const char *name :
         {"claude-opus-4-7", "claude-opus-4.7", "claude-opus-4-8-20260301", "claude-sonnet-5",
          "claude-sonnet-5.5", "claude-opus-5-thinking", "claude-haiku-5.5", "claude-fable-5",
          "claude-sonnet-latest", "opus", "claude-sonnet-5[1m]", "anthropic/claude-opus-5"})
        QTest::addRow("%s", name) << true;
    for (const char *name :
         {"claude-sonnet-4.5", "claude-sonnet-4-5-20250929", "claude-sonnet-4-20250514",
          "claude-opus-4-6", "claude-3-5-sonnet-20241022", "claude-3-opus-latest",
          "claude-haiku-4.5", "gpt-5.6-sol", "gemini-2.5-pro", "auto", ""})
        QTest::addRow("%s", name) << false;
}

void TstTokenEstimate::knowsTheModelsWithALaterVocabulary()
{
    QFETCH(const bool, isLater);
    ChatRequest request;
    for (int i = 0; i < 1000; ++i)
        request.system += "Reads a file. ";
    const qint64 base = estimatePromptTokens(request);
    const qint64 baseCount = countPromptTokens(request);
    request.model = QTest::currentDataTag();
    QCOMPARE(estimatePromptTokens(request) > base * 5 / 4, isLater);
    QCOMPARE(countPromptTokens(request) > baseCount * 5 / 4, isLater);
    QCOMPARE(estimatePromptTokens(request) == base, !isLater);
}

QTEST_APPLESS_MAIN(TstTokenEstimate)
#include "tst_tokenestimate.moc"
