// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/dialects/dialect.h"
#include "app/dialects/packedthinking.h"

#include <QTest>

using namespace kirotray;

namespace {

std::unique_ptr<StreamEncoder> shortEncoder()
{
    ChatRequest request;
    request.model = "m";
    return dialect(DialectId::OpenAiResponses).streamEncoder(request, {"id", 1, 2});
}

} // namespace

class TstResponsesEncoder : public QObject
{
    Q_OBJECT
private slots:
    void hasNoDocumentBeforeTheEnd();
    void failsAnAnswerThatIsTooLarge();
    void unpacksWhatItPacked_data();
    void unpacksWhatItPacked();
    void refusesThoughtsOfOthers_data();
    void refusesThoughtsOfOthers();
};

void TstResponsesEncoder::hasNoDocumentBeforeTheEnd()
{
    const std::unique_ptr<StreamEncoder> encoder = shortEncoder();
    std::string out;
    encoder->begin(out);
    encoder->encode(TextDelta {"a"}, out);
    QVERIFY(encoder->document().empty());
    encoder->encode(Finished {}, out);
    const Result<JsonDocument> document = JsonDocument::parse(encoder->document());
    QVERIFY(document);
    QCOMPARE(document.value().root()["id"].string(), "resp_id");
    QVERIFY(out.find("\"response\":" + encoder->document() + "}\n\n") != std::string::npos);
}

void TstResponsesEncoder::failsAnAnswerThatIsTooLarge()
{
    const std::unique_ptr<StreamEncoder> encoder = shortEncoder();
    std::string out;
    encoder->begin(out);
    const TextDelta delta {std::string(static_cast<std::size_t>(limits::MiB), 'a')};
    for (qsizetype sent = 0; sent < limits::MaxAnswer; sent += limits::MiB) {
        out.clear();
        encoder->encode(delta, out);
        QVERIFY(out.starts_with("event: response.output_"));
    }
    out.clear();
    encoder->encode(TextDelta {"b"}, out);
    QVERIFY(out.starts_with("event: response.failed\n"));
    out.clear();
    encoder->encode(delta, out);
    encoder->encode(Finished {}, out);
    QVERIFY(out.empty());
}

void TstResponsesEncoder::unpacksWhatItPacked_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("signature");
    QTest::addColumn<QByteArray>("redacted");
    QTest::addRow("signed") << QByteArray("a \"b\"\n\xE4\xBD\xA0") << QByteArray("c2ln")
                            << QByteArray();
    QTest::addRow("signature alone") << QByteArray() << QByteArray("c2ln") << QByteArray();
    QTest::addRow("redacted") << QByteArray() << QByteArray() << QByteArray("UkVE");
}

void TstResponsesEncoder::unpacksWhatItPacked()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, signature);
    QFETCH(QByteArray, redacted);
    const ThinkingPart part {text.toStdString(), signature.toStdString(), redacted.toStdString()};
    const std::vector<ThinkingPart> back = unpackThinking(packThinking({&part, 1}));
    QCOMPARE(back.size(), std::size_t(1));
    QCOMPARE(back.front(), part);
}

void TstResponsesEncoder::refusesThoughtsOfOthers_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addRow("OpenAI's own") << QByteArray("gAAAAABmZm9yZWlnbg==");
    QTest::addRow("no base64") << QByteArray("{\"kirotray\":1}");
    QTest::addRow("other JSON") << QByteArray("{\"text\":\"a\"}").toBase64();
    QTest::addRow("another form of ours")
        << QByteArray("{\"kirotray\":2,\"text\":\"a\"}").toBase64();
    QTest::addRow("no object") << QByteArray("[1]").toBase64();
    QTest::addRow("empty") << QByteArray();
}

void TstResponsesEncoder::refusesThoughtsOfOthers()
{
    QFETCH(QByteArray, content);
    QVERIFY(unpackThinking(content.toStdString()).empty());
}

QTEST_APPLESS_MAIN(TstResponsesEncoder)
#include "tst_responsesencoder.moc"
