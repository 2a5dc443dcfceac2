// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/dialects/dialect.h"

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

QTEST_APPLESS_MAIN(TstResponsesEncoder)
#include "tst_responsesencoder.moc"
