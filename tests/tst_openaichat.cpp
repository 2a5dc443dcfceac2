// SPDX-License-Identifier: MIT
#include "app/dialects/dialect.h"

#include <QTest>

using namespace kirotray;

class TstOpenAiChat : public QObject
{
    Q_OBJECT
private slots:
    void callsAFunctionBesideACustomTool_data();
    void callsAFunctionBesideACustomTool();
};

void TstOpenAiChat::callsAFunctionBesideACustomTool_data()
{
    QTest::addColumn<QList<QByteArray>>("names");
    QTest::addColumn<QByteArray>("reason");
    QTest::addRow("the function last")
        << QList<QByteArray> {"say", "f"} << QByteArray("function_call");
    QTest::addRow("the function first")
        << QList<QByteArray> {"f", "say"} << QByteArray("function_call");
    QTest::addRow("the custom tool alone") << QList<QByteArray> {"say"} << QByteArray("tool_calls");
}

void TstOpenAiChat::callsAFunctionBesideACustomTool()
{
    QFETCH(QList<QByteArray>, names);
    QFETCH(QByteArray, reason);
    const Dialect &chat = dialect(DialectId::OpenAiChat);
    const Result<JsonDocument> body =
        JsonDocument::parse("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
                            "\"functions\":[{\"name\":\"f\"}],"
                            "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"say\"}}]}");
    QVERIFY(body);
    const Result<ChatRequest> request = chat.decode(body.value(), {});
    QVERIFY(request);
    const std::unique_ptr<StreamEncoder> encoder = chat.streamEncoder(request.value(), {});
    ChatAssembler assembler;
    std::string stream;
    const auto send = [&](const ChatEvent &event) {
        encoder->encode(event, stream);
        assembler.add(event);
    };
    for (const QByteArray &name : names) {
        send(ToolCallStart {"call_" + name.toStdString(), name.toStdString()});
        send(ToolCallDelta {"{\"input\":\"hi\"}"});
        send(ToolCallEnd {true});
    }
    send(Finished {StopReason::ToolUse, {}, {}});
    const std::string whole = chat.encodeAnswer(request.value(), *assembler.answer(), {});

    const bool hasFunction = names.contains("f");
    for (const std::string &answer : {stream, whole}) {
        const QByteArray text = QByteArray::fromStdString(answer);
        QVERIFY(text.contains("\"finish_reason\":\"" + reason + '"'));
        QCOMPARE(text.contains("\"function_call\":{\"name\":\"f\""), hasFunction);
        QCOMPARE(text.contains("\"input\":\"hi\""), true);
        QCOMPARE(text.count("\"name\":\"say\""), 1);
    }
    QVERIFY(QByteArray::fromStdString(stream).contains("{\"tool_calls\":[{\"index\":0,\"id\""));
}

QTEST_APPLESS_MAIN(TstOpenAiChat)
#include "tst_openaichat.moc"
