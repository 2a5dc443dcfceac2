// SPDX-License-Identifier: MIT
#include "tests/answerrun.h"
#include "tests/framebuilder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <array>
#include <utility>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto Reasoning = "reasoningContentEvent";

/// An answer in the form of the vectors file.
struct Collected
{
    QString text, thinking, signature, cutCall, stopReason;
    QJsonArray calls;
};

Collected collect(const Events &events)
{
    static const std::array names {"end_turn"_L1,
                                   "tool_use"_L1,
                                   "max_tokens"_L1,
                                   "stop_sequence"_L1,
                                   "refusal"_L1,
                                   "pause_turn"_L1,
                                   "model_context_window_exceeded"_L1};
    Collected all;
    QJsonObject call;
    std::string input;
    for (const ChatEvent &event : events) {
        if (const auto *delta = std::get_if<TextDelta>(&event))
            all.text += QString::fromStdString(delta->text);
        else if (const auto *thought = std::get_if<ThinkingDelta>(&event))
            all.thinking += QString::fromStdString(thought->text);
        else if (const auto *closed = std::get_if<ThinkingSignature>(&event))
            all.signature += QString::fromStdString(closed->signature);
        else if (const auto *start = std::get_if<ToolCallStart>(&event))
            call = {{u"id"_s, QString::fromStdString(start->id)},
                    {u"name"_s, QString::fromStdString(start->name)}};
        else if (const auto *part = std::get_if<ToolCallDelta>(&event))
            input += part->json;
        else if (const auto *end = std::get_if<ToolCallEnd>(&event)) {
            const QByteArray json = QByteArray::fromStdString(std::exchange(input, {}));
            call.insert("input"_L1, QJsonDocument::fromJson(json).object());
            if (end->complete)
                all.calls.append(call);
            else
                all.cutCall = QString::fromUtf8(json);
        } else if (const auto *finished = std::get_if<Finished>(&event))
            all.stopReason = names.at(static_cast<std::size_t>(finished->reason));
    }
    return all;
}

/// Given for some calls only, and the input says the same.
QJsonArray withoutInputText(const QJsonArray &calls)
{
    QJsonArray stripped;
    for (const QJsonValue value : calls) {
        QJsonObject call = value.toObject();
        call.remove("inputText"_L1);
        stripped.append(call);
    }
    return stripped;
}

} // namespace

class TstAnswerTranslator : public QObject
{
    Q_OBJECT

private slots:
    void givesTheEvents_data();
    void givesTheEvents();
    void recognisesRefusals_data();
    void recognisesRefusals();
    void ignoresWhatFollowsARefusal();
    void recognisesAnEmptyAnswer_data();
    void recognisesAnEmptyAnswer();
    void reportsBadPayloads_data();
    void reportsBadPayloads();
    void countsOnlyUnknownEvents();
    void namesTheModelThatAnswered();
    void knowsWhenTheClientHasSeenContent();
    void readsTheStreamsOfTheVectors_data();
    void readsTheStreamsOfTheVectors();
};

void TstAnswerTranslator::givesTheEvents_data()
{
    QTest::addColumn<Frames>("frames");
    QTest::addColumn<QString>("events");
    const auto add = [](const char *name, const Frames &frames, const char *events) {
        QTest::addRow("%s", name) << frames << QString::fromUtf8(events);
    };

    // Text.
    add("text", {textFrame("Hello, "), textFrame("world.")},
        "text(Hello, ) | text(world.) | finished end_turn");
    add("repeated text is kept", {textFrame("ha"), textFrame("ha"), textFrame("ha")},
        "text(ha) | text(ha) | text(ha) | finished end_turn");
    add("empty text is no event", {textFrame(""), textFrame("a"), textFrame("")},
        "text(a) | finished end_turn");
    add("escapes", {textFrame(R"(a\n\"b\" \ud83d\ude00 \u4f60)")},
        "text(a\n\"b\" 😀 你) | finished end_turn");
    add("thinking tags are text", {textFrame("<thinking>a</thinking>b")},
        "text(<thinking>a</thinking>b) | finished end_turn");
    add("code is text", {eventFrame("codeEvent", R"({"content":"int i;"})")},
        "text(int i;) | finished end_turn");
    add("a content that is no string is nothing",
        {eventFrame("assistantResponseEvent", R"({"content":5})"), textFrame("a")},
        "text(a) | finished end_turn");

    // Thinking.
    add("thinking, signature, text",
        {eventFrame(Reasoning, R"({"text":"hm "})"), eventFrame(Reasoning, R"({"text":"yes"})"),
         eventFrame(Reasoning, R"({"signature":"c2ln"})"), textFrame("a")},
        "thinking(hm ) | thinking(yes) | signature(c2ln) | text(a) | finished end_turn");
    add("all three in one frame",
        {eventFrame(Reasoning, R"({"redactedContent":"eA==","signature":"c2ln","text":"hm"})"),
         textFrame("a")},
        "thinking(hm) | signature(c2ln) | redacted(eA==) | text(a) | finished end_turn");
    add("a second block after a signature",
        {eventFrame(Reasoning, R"({"text":"1"})"), eventFrame(Reasoning, R"({"signature":"a"})"),
         eventFrame(Reasoning, R"({"text":"2"})"), eventFrame(Reasoning, R"({"signature":"b"})"),
         textFrame("x")},
        "thinking(1) | signature(a) | thinking(2) | signature(b) | text(x) | finished end_turn");
    add("a signature without thinking closes an empty block",
        {eventFrame(Reasoning, R"({"signature":"a"})"), textFrame("x")},
        "thinking() | signature(a) | text(x) | finished end_turn");
    add("thinking between text",
        {textFrame("a"), eventFrame(Reasoning, R"({"text":"hm"})"), textFrame("b")},
        "text(a) | thinking(hm) | text(b) | finished end_turn");
    add("only an opaque block", {eventFrame(Reasoning, R"({"redactedContent":"eA=="})")},
        "redacted(eA==) | finished max_tokens");
    add("a call between thoughts",
        {eventFrame(Reasoning, R"({"text":"1"})"),
         toolFrame(R"("toolUseId":"a","name":"f","input":"{")"),
         eventFrame(Reasoning, R"({"text":"2"})"),
         toolFrame(R"("toolUseId":"a","input":"}","stop":true)")},
        "thinking(1) | start(a f) | delta({) | delta(}) | end | thinking(2) | finished tool_use");
    add("only thinking", {eventFrame(Reasoning, R"({"text":"hm"})")},
        "thinking(hm) | finished max_tokens");

    // Stop reasons, in the order of the table.
    const std::string call = toolFrame(R"("toolUseId":"a","name":"f","stop":true)");
    add("END_TURN", {textFrame("x"), stopFrame("END_TURN")}, "text(x) | finished end_turn");
    add("END_TURN with a call", {call, stopFrame("END_TURN")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("END_TURN after a full context", {textFrame("x"), contextFrame(100), stopFrame("END_TURN")},
        "text(x) | finished end_turn");
    add("TOOL_USE", {call, stopFrame("TOOL_USE")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("MAX_TOKENS", {textFrame("x"), stopFrame("MAX_TOKENS")}, "text(x) | finished max_tokens");
    add("MAX_TOKENS after a whole call", {call, stopFrame("MAX_TOKENS")},
        "start(a f) | delta({}) | end | finished max_tokens");
    add("CONTENT_FILTERED", {textFrame("x"), stopFrame("CONTENT_FILTERED")},
        "text(x) | finished refusal");
    add("CONTENT_FILTERED without content", {stopFrame("CONTENT_FILTERED")}, "finished refusal");
    add("PAUSE_TURN", {textFrame("x"), stopFrame("PAUSE_TURN")}, "text(x) | finished pause_turn");
    add("MODEL_CONTEXT_WINDOW_EXCEEDED",
        {textFrame("x"), stopFrame("MODEL_CONTEXT_WINDOW_EXCEEDED")},
        "text(x) | finished context_window");
    add("a stop reason that is not known", {textFrame("x"), stopFrame("SOMETHING_NEW")},
        "text(x) | finished end_turn");
    add("the output limit as an exception",
        {textFrame("x"),
         exceptionFrame("ContentLengthExceededException", R"({"message":"Output limit reached"})")},
        "text(x) | finished max_tokens");
    add("the output limit after a whole call",
        {call, exceptionFrame("ContentLengthExceededException", {})},
        "start(a f) | delta({}) | end | finished max_tokens");
    add("a call before a full context", {call, contextFrame(100)},
        "start(a f) | delta({}) | end | finished tool_use");
    add("a full context", {textFrame("x"), contextFrame(100.5)},
        "text(x) | finished context_window");
    add("a full context and only thinking",
        {eventFrame(Reasoning, R"({"text":"hm"})"), contextFrame(100)},
        "thinking(hm) | finished context_window");

    // What carries nothing for a client.
    add("informative and unknown events",
        {eventFrame("initial-response", R"({"conversationId":"c"})"), textFrame("a"),
         eventFrame("followupPromptEvent", R"({"followupPrompt":{"content":"Tests?"}})"),
         eventFrame("somethingNewEvent", "\xFF not even JSON"),
         eventFrame("messageMetadataEvent", R"({"conversationId":"c"})"),
         eventFrame("dryRunSucceedEvent", {}), eventFrame("toolResultEvent", "{}"), textFrame("b")},
        "text(a) | text(b) | finished end_turn");
    add("an event without a payload", {eventFrame("assistantResponseEvent", {}), textFrame("a")},
        "text(a) | finished end_turn");
}

void TstAnswerTranslator::givesTheEvents()
{
    QFETCH(const Frames, frames);
    QFETCH(const QString, events);
    for (const std::size_t piece : Pieces) {
        const AnswerRun run = runAnswer(frames, piece);
        QCOMPARE(describeAll(run.events), events);
        QVERIFY(!run.framing);
        QVERIFY(!run.translator.refusal());
        QVERIFY(!run.translator.payloadError());
    }
}

void TstAnswerTranslator::recognisesRefusals_data()
{
    QTest::addColumn<std::string>("frame");
    QTest::addColumn<QString>("errorClass");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("message");
    QTest::addRow("an exception") << exceptionFrame(
        "ThrottlingException", R"({"message":"Too many","reason":"INSUFFICIENT_MODEL_CAPACITY"})")
                                  << u"ThrottlingException"_s << u"INSUFFICIENT_MODEL_CAPACITY"_s
                                  << u"Too many"_s;
    QTest::addRow("the modelled exception")
        << exceptionFrame("error", R"({"message":"m","reason":"MODEL_TEMPORARILY_UNAVAILABLE"})")
        << u"InternalServerException"_s << u"MODEL_TEMPORARILY_UNAVAILABLE"_s << u"m"_s;
    QTest::addRow("Message with a capital")
        << exceptionFrame("ValidationException",
                          R"({"Message":"Input is too long.","reason":null})")
        << u"ValidationException"_s << QString() << u"Input is too long."_s;
    QTest::addRow("an exception without a body")
        << exceptionFrame("InternalServerException", {}) << u"InternalServerException"_s
        << QString() << QString();
    QTest::addRow("an exception whose body is no JSON")
        << exceptionFrame("InternalServerException", "oh no") << u"InternalServerException"_s
        << QString() << u"oh no"_s;
    QTest::addRow("an error") << errorFrame("InternalFailure", "Something went wrong")
                              << u"InternalFailure"_s << QString() << u"Something went wrong"_s;
    QTest::addRow("an error without a message")
        << errorFrame("ServiceUnavailable", {}) << u"ServiceUnavailable"_s << QString()
        << QString();
    QTest::addRow("an invalid state")
        << eventFrame("invalidStateEvent",
                      R"({"reason":"INVALID_TASK_ASSIST_PLAN","message":"bad state"})")
        << u"invalidStateEvent"_s << u"INVALID_TASK_ASSIST_PLAN"_s << u"bad state"_s;
}

void TstAnswerTranslator::recognisesRefusals()
{
    QFETCH(const std::string, frame);
    for (const std::size_t piece : Pieces) {
        for (const Frames &before : {Frames {}, Frames {textFrame("x")}}) {
            Frames frames = before;
            frames.push_back(frame);
            const AnswerRun run = runAnswer(frames, piece);
            const std::optional<UpstreamRefusal> &refusal = run.translator.refusal();
            QVERIFY(refusal);
            QCOMPARE(refusal->status, 0);
            QTEST(refusal->errorClass, "errorClass");
            QTEST(refusal->reason, "reason");
            QTEST(refusal->message, "message");
            QCOMPARE(describeAll(run.events), before.empty() ? QString() : u"text(x)"_s);
            QCOMPARE(run.translator.hasContent(), !before.empty());
        }
    }
}

void TstAnswerTranslator::ignoresWhatFollowsARefusal()
{
    const AnswerRun run = runAnswer({textFrame("x"), errorFrame("First", {}), textFrame("y"),
                                     errorFrame("Second", {}), stopFrame("END_TURN")},
                                    Whole);
    QCOMPARE(describeAll(run.events), u"text(x)"_s);
    QCOMPARE(run.translator.refusal()->errorClass, u"First"_s);
}

void TstAnswerTranslator::recognisesAnEmptyAnswer_data()
{
    QTest::addColumn<Frames>("frames");
    QTest::addColumn<bool>("isEmpty");
    QTest::addRow("no frame at all") << Frames {} << true;
    QTest::addRow("only accounting")
        << Frames {eventFrame("meteringEvent", R"({"unit":"credit","usage":1})"), contextFrame(5)}
        << true;
    QTest::addRow("only empty text") << Frames {textFrame("")} << true;
    QTest::addRow("a call that was never named")
        << Frames {toolFrame(R"("toolUseId":"a")")} << true;
    QTest::addRow("text") << Frames {textFrame("x")} << false;
    QTest::addRow("a call") << Frames {toolFrame(R"("toolUseId":"a","name":"f")")} << false;
    QTest::addRow("the upstream's word for the end") << Frames {stopFrame("END_TURN")} << false;
}

void TstAnswerTranslator::recognisesAnEmptyAnswer()
{
    QFETCH(const Frames, frames);
    QFETCH(const bool, isEmpty);
    for (const std::size_t piece : Pieces) {
        const AnswerRun run = runAnswer(frames, piece);
        QCOMPARE(run.translator.isEmpty(), isEmpty);
        QCOMPARE(run.events.empty(), isEmpty);
    }
}

void TstAnswerTranslator::reportsBadPayloads_data()
{
    QTest::addColumn<std::string>("frame");
    QTest::addColumn<QByteArray>("error");
    QTest::addRow("cut JSON") << eventFrame("assistantResponseEvent", R"({"content":"unterminated)")
                              << QByteArray("PAYLOAD_JSON");
    QTest::addRow("no object") << eventFrame("assistantResponseEvent", R"("text")")
                               << QByteArray("PAYLOAD_JSON");
    QTest::addRow("a lone byte of a character")
        << eventFrame("assistantResponseEvent", "{\"content\":\"\xC3\"}")
        << QByteArray("PAYLOAD_UTF8");
    QTest::addRow("neither UTF-8 nor JSON")
        << eventFrame("toolUseEvent", "\xFF{") << QByteArray("PAYLOAD_UTF8");
}

void TstAnswerTranslator::reportsBadPayloads()
{
    QFETCH(const std::string, frame);
    QFETCH(const QByteArray, error);
    const AnswerRun run = runAnswer({textFrame("x"), frame, textFrame("y")}, Whole);
    QVERIFY(run.translator.payloadError());
    QCOMPARE(QByteArray(toString(*run.translator.payloadError())), error);
    QCOMPARE(describeAll(run.events), u"text(x)"_s);
}

void TstAnswerTranslator::countsOnlyUnknownEvents()
{
    const AnswerRun run =
        runAnswer({textFrame("x"), eventFrame("somethingNewEvent", "{}"),
                   eventFrame("intentsEvent", "{}"), eventFrame("usageEvent", "{}")},
                  Whole);
    QCOMPARE(run.translator.unknownEvents(), 2);
}

void TstAnswerTranslator::namesTheModelThatAnswered()
{
    const AnswerRun run = runAnswer(
        {textFrame("x"),
         eventFrame("assistantResponseEvent", R"({"content":"y","modelId":"claude-sonnet-4.5"})")},
        Whole);
    QCOMPARE(run.translator.servedModel(), std::string("claude-sonnet-4.5"));
    QCOMPARE(runAnswer({textFrame("x")}, Whole).translator.servedModel(), std::string());
}

void TstAnswerTranslator::knowsWhenTheClientHasSeenContent()
{
    QVERIFY(!runAnswer({textFrame(""), stopFrame("END_TURN")}, Whole).translator.hasContent());
    QVERIFY(runAnswer({textFrame("x")}, Whole).translator.hasContent());
    QVERIFY(runAnswer({eventFrame(Reasoning, R"({"text":"hm"})")}, Whole).translator.hasContent());
    QVERIFY(runAnswer({toolFrame(R"("toolUseId":"a","name":"f")")}, Whole).translator.hasContent());
}

void TstAnswerTranslator::readsTheStreamsOfTheVectors_data()
{
    QTest::addColumn<QJsonObject>("stream");
    QFile file(QStringLiteral(KIROTRAY_FIXTURES "/eventstream-vectors.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject vectors = QJsonDocument::fromJson(file.readAll()).object();
    for (const QJsonValue stream : vectors["streams"_L1].toArray())
        QTest::addRow("%s", qPrintable(stream["id"_L1].toString())) << stream.toObject();
}

void TstAnswerTranslator::readsTheStreamsOfTheVectors()
{
    QFETCH(const QJsonObject, stream);
    const QJsonObject expected = stream["expected"_L1].toObject();
    const std::string bytes =
        QByteArray::fromHex(stream["hex"_L1].toString().toLatin1()).toStdString();
    for (const std::size_t piece : Pieces) {
        const AnswerRun run = runAnswer({bytes}, piece);
        const Collected got = collect(run.events);
        QCOMPARE(got.text, expected["text"_L1].toString());
        QCOMPARE(got.thinking, expected["thinking"_L1].toString());
        QCOMPARE(got.signature, expected["signature"_L1].toString());
        QCOMPARE(got.calls, withoutInputText(expected["toolCalls"_L1].toArray()));
        QCOMPARE(got.cutCall,
                 expected["incompleteToolCall"_L1].toObject()["inputText"_L1].toString());
        QCOMPARE(got.stopReason, expected["stopReason"_L1].toString());
        QCOMPARE(run.translator.isEmpty() && !run.translator.refusal(),
                 expected["empty"_L1].toBool());
        const QJsonObject error = expected["error"_L1].toObject();
        QCOMPARE(run.translator.refusal().has_value(), !error.isEmpty());
        if (!error.isEmpty())
            QCOMPARE(run.translator.refusal()->reason, error["reason"_L1].toString());
    }
}

QTEST_GUILESS_MAIN(TstAnswerTranslator)
#include "tst_answertranslator.moc"
