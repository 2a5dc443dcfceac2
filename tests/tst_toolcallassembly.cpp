// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/answerrun.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

class TstToolCallAssembly : public QObject
{
    Q_OBJECT

private slots:
    void assemblesCalls_data();
    void assemblesCalls();
    void dropsParallelCallsWhenAskedTo_data();
    void dropsParallelCallsWhenAskedTo();
    void letsOutACallWhileItArrives();
    void boundsTheInputOfACall();
    void boundsTheNumberOfCalls();
    void boundsWhatWaitsForACall();
};

void TstToolCallAssembly::assemblesCalls_data()
{
    QTest::addColumn<Frames>("frames");
    QTest::addColumn<QString>("events");
    const auto add = [](const char *name, const Frames &frames, const char *events) {
        QTest::addRow("%s", name) << frames << QString::fromUtf8(events);
    };

    const std::string idA = R"("toolUseId":"a","name":"f")";
    const std::string idB = R"("toolUseId":"b","name":"g")";
    add("a call in fragments",
        {textFrame("x"), toolFrame(idA), toolFrame(idA + R"(,"input":"{\"p\":\"\\u4f")"),
         toolFrame(idA + R"(,"input":"60\",\"n\":1")"), toolFrame(idA + R"(,"input":"2}")"),
         toolFrame(idA + R"(,"stop":true)")},
        R"(text(x) | start(a f) | delta({"p":"\u4f) | delta(60","n":1) | delta(2}) | end | )"
        "finished tool_use");
    add("a call in one frame", {toolFrame(idA + R"(,"input":"{\"q\":1}","stop":true)")},
        R"(start(a f) | delta({"q":1}) | end | finished tool_use)");
    add("the last fragment comes with the stop",
        {toolFrame(idA), toolFrame(idA + R"(,"input":"{\"q\":")"),
         toolFrame(idA + R"(,"input":"1}","stop":true)")},
        R"(start(a f) | delta({"q":) | delta(1}) | end | finished tool_use)");
    add("fragments without id and name belong to the open call",
        {toolFrame(idA), toolFrame(R"("input":"{\"q\"")"), toolFrame(R"("input":":1}")"),
         toolFrame(R"("stop":true)")},
        R"(start(a f) | delta({"q") | delta(:1}) | end | finished tool_use)");
    add("an object as input keeps its bytes",
        {toolFrame(idA + R"(,"input":{"z":1,"a": 12345678901234567890.10},"stop":true)")},
        R"(start(a f) | delta({"z":1,"a": 12345678901234567890.10}) | end | finished tool_use)");
    add("an object as input without stop", {toolFrame(idA + R"(,"input":{"q":1})")},
        R"(start(a f) | delta({"q":1}) | end | finished tool_use)");
    add("an empty object before the fragments",
        {toolFrame(idA + R"(,"input":{})"), toolFrame(idA + R"(,"input":"{\"q\":1}","stop":true)")},
        R"(start(a f) | delta({"q":1}) | end | finished tool_use)");
    add("no input", {toolFrame(idA + R"(,"stop":true)")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("an empty input", {toolFrame(idA + R"(,"input":"","stop":true)")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("no input and no stop", {toolFrame(idA)},
        "start(a f) | delta({}) | end | finished tool_use");
    add("no input and no stop, told to be the end of the turn",
        {toolFrame(idA), stopFrame("END_TURN")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("no input because the output was cut", {toolFrame(idA), stopFrame("MAX_TOKENS")},
        "start(a f) | cut | finished max_tokens");
    add("a call that is cut", {toolFrame(idA), toolFrame(idA + R"(,"input":"{\"path\":\"/sr")")},
        R"(start(a f) | delta({"path":"/sr) | cut | finished max_tokens)");
    add("a cut call in spite of END_TURN",
        {toolFrame(idA + R"(,"input":"{\"p")"), stopFrame("END_TURN")},
        R"(start(a f) | delta({"p) | cut | finished max_tokens)");
    add("a cut call in spite of TOOL_USE",
        {toolFrame(idA + R"(,"input":"{\"p")"), stopFrame("TOOL_USE")},
        R"(start(a f) | delta({"p) | cut | finished max_tokens)");
    add("a stopped call that is no whole object",
        {toolFrame(idA + R"(,"input":"{\"p\":1","stop":true)")},
        R"(start(a f) | delta({"p":1) | cut | finished max_tokens)");
    add("a stopped call that is no object", {toolFrame(idA + R"(,"input":"[1]","stop":true)")},
        "start(a f) | delta([1]) | cut | finished max_tokens");
    add("a whole call before a cut one",
        {toolFrame(idA + R"(,"input":"{}","stop":true)"), toolFrame(idB + R"(,"input":"{\"p")")},
        R"(start(a f) | delta({}) | end | start(b g) | delta({"p) | cut | finished max_tokens)");
    add("the same id again after its stop",
        {toolFrame(idA + R"(,"input":"{}","stop":true)"),
         toolFrame(idA + R"(,"input":"{}","stop":true)"), toolFrame(R"("input":"x")")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("two calls one after the other",
        {toolFrame(idA), toolFrame(idA + R"(,"input":"{}")"), toolFrame(idA + R"(,"stop":true)"),
         toolFrame(idB), toolFrame(idB + R"(,"input":"{\"x\":2}","stop":true)")},
        R"(start(a f) | delta({}) | end | start(b g) | delta({"x":2}) | end | finished tool_use)");
    add("two calls interleaved",
        {toolFrame(idA), toolFrame(idB), toolFrame(idA + R"(,"input":"{\"x\"")"),
         toolFrame(idB + R"(,"input":"{\"y\"")"), toolFrame(idA + R"(,"input":":1}")"),
         toolFrame(idB + R"(,"input":":2}")"), toolFrame(idB + R"(,"stop":true)"),
         toolFrame(idA + R"(,"stop":true)")},
        R"(start(a f) | delta({"x") | delta(:1}) | end | start(b g) | delta({"y":2}) | end | )"
        "finished tool_use");
    add("a waiting call streams on once it is in front",
        {toolFrame(idA), toolFrame(idB + R"(,"input":"{\"y\"")"),
         toolFrame(idA + R"(,"stop":true)"), toolFrame(idB + R"(,"input":":2}")")},
        R"(start(a f) | delta({}) | end | start(b g) | delta({"y") | delta(:2}) | end | )"
        "finished tool_use");
    add("text within a call waits for its end",
        {toolFrame(idA), textFrame("x"), toolFrame(idA + R"(,"input":"{}","stop":true)"),
         textFrame("y")},
        "start(a f) | delta({}) | end | text(x) | text(y) | finished tool_use");
    add("names are mapped back", {toolFrame(R"("toolUseId":"a","name":"short_name","stop":true)")},
        "start(a a/very long name) | delta({}) | end | finished tool_use");
    add("a call without a name is nothing that can be run",
        {textFrame("x"), toolFrame(R"("toolUseId":"a","input":"{}","stop":true)")},
        "text(x) | finished max_tokens");
    add("a name that comes late",
        {toolFrame(R"("toolUseId":"a","input":"{")"),
         toolFrame(idA + R"(,"input":"}","stop":true)")},
        "start(a f) | delta({}) | end | finished tool_use");
    add("calls without an id are told apart",
        {toolFrame(R"("name":"f","input":"{}","stop":true)"),
         toolFrame(R"("name":"g","input":"{}","stop":true)")},
        "start(tooluse_1 f) | delta({}) | end | start(tooluse_2 g) | delta({}) | end | "
        "finished tool_use");
    add("a fragment that belongs to nothing", {textFrame("x"), toolFrame(R"("input":"{}")")},
        "text(x) | finished end_turn");
}

void TstToolCallAssembly::assemblesCalls()
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

void TstToolCallAssembly::dropsParallelCallsWhenAskedTo_data()
{
    QTest::addColumn<Frames>("frames");
    QTest::addColumn<QString>("events");
    const std::string idA = R"("toolUseId":"a","name":"f")";
    const std::string idB = R"("toolUseId":"b","name":"g")";
    QTest::addRow("a second call")
        << Frames {toolFrame(idA + R"(,"stop":true)"), toolFrame(idB), toolFrame(R"("input":"{}")"),
                   toolFrame(idB + R"(,"stop":true)")}
        << u"start(a f) | delta({}) | end | finished tool_use"_s;
    QTest::addRow("an interleaved call")
        << Frames {toolFrame(idA), toolFrame(idB + R"(,"input":"{\"x\":1}")"),
                   toolFrame(R"("input":"z")"), toolFrame(idA + R"(,"input":"{}")"),
                   toolFrame(idA + R"(,"stop":true)")}
        << u"start(a f) | delta({}) | end | finished tool_use"_s;
    QTest::addRow("text behind the dropped call")
        << Frames {toolFrame(idA + R"(,"stop":true)"), toolFrame(idB), textFrame("x")}
        << u"start(a f) | delta({}) | end | text(x) | finished tool_use"_s;
}

void TstToolCallAssembly::dropsParallelCallsWhenAskedTo()
{
    QFETCH(const Frames, frames);
    QFETCH(const QString, events);
    AnswerTranslator::Options options = plainOptions();
    options.parallelToolCalls = false;
    for (const std::size_t piece : Pieces)
        QCOMPARE(describeAll(runAnswer(frames, piece, options).events), events);
}

void TstToolCallAssembly::letsOutACallWhileItArrives()
{
    AnswerTranslator translator(plainOptions());
    EventStreamDecoder decoder;
    Events events;
    const auto feed = [&](const std::string &frame) {
        events.clear();
        decoder.feed(frame, [&](const EventStreamFrame &sound) { translator.add(sound, events); });
        return describeAll(events);
    };
    QCOMPARE(feed(toolFrame(R"("toolUseId":"a","name":"f")")), u"start(a f)"_s);
    QCOMPARE(feed(toolFrame(R"("toolUseId":"a","input":"{\"x\":")")), u"delta({\"x\":)"_s);
    QCOMPARE(feed(toolFrame(R"("toolUseId":"a","input":"1}","stop":true)")), u"delta(1}) | end"_s);
    QCOMPARE(feed(textFrame("y")), u"text(y)"_s);
}

void TstToolCallAssembly::boundsTheInputOfACall()
{
    // A string of exactly the limit is whole; one byte more is cut.
    const auto run = [](qsizetype length) {
        const std::string letters(static_cast<std::size_t>(length) - 6, 'k');
        Frames frames {toolFrame(R"("toolUseId":"a","name":"f","input":"{\"\":\"")")};
        constexpr std::size_t Piece = 1024 * 1024;
        for (std::size_t at = 0; at < letters.size(); at += Piece)
            frames.push_back(
                toolFrame(R"("toolUseId":"a","input":")" + letters.substr(at, Piece) + "\""));
        frames.push_back(toolFrame(R"("toolUseId":"a","input":"\"}","stop":true)"));
        return runAnswer(frames, Whole).events;
    };
    const Events fitting = run(limits::MaxToolInput - 1);
    QCOMPARE(describeAll({fitting.end() - 2, fitting.end()}), u"end | finished tool_use"_s);
    const Events overlong = run(limits::MaxToolInput + 1);
    QCOMPARE(describeAll({overlong.end() - 2, overlong.end()}), u"cut | finished max_tokens"_s);
}

void TstToolCallAssembly::boundsTheNumberOfCalls()
{
    Frames frames;
    for (int i = 0; i <= limits::MaxToolCallsPerAnswer; ++i)
        frames.push_back(
            toolFrame(R"("toolUseId":"t)" + std::to_string(i) + R"(","name":"f","stop":true)"));
    const AnswerRun all = runAnswer(frames, Whole);
    QCOMPARE(all.events.size(), 3U * limits::MaxToolCallsPerAnswer + 1);
    QCOMPARE(describeAll({all.events.back()}), u"finished max_tokens"_s);
    frames.pop_back();
    QCOMPARE(describeAll({runAnswer(frames, Whole).events.back()}), u"finished tool_use"_s);
}

void TstToolCallAssembly::boundsWhatWaitsForACall()
{
    Frames frames {toolFrame(R"("toolUseId":"a","name":"f")")};
    const std::string letters(1024 * 1024, 'k');
    for (qsizetype sent = 0; sent <= limits::MaxToolInput; sent += limits::MiB)
        frames.push_back(textFrame(letters));
    frames.push_back(textFrame("after"));
    AnswerTranslator translator(plainOptions());
    EventStreamDecoder decoder;
    Events events;
    for (const std::string &frame : frames)
        decoder.feed(frame, [&](const EventStreamFrame &sound) { translator.add(sound, events); });
    QCOMPARE(describeAll({events.begin(), events.begin() + 2}), u"start(a f) | cut"_s);
    QCOMPARE(describeAll({events.back()}), u"text(after)"_s);
}

QTEST_GUILESS_MAIN(TstToolCallAssembly)
#include "tst_toolcallassembly.moc"
