// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/base/result.h"
#include "app/http/httpparser.h"

#include <QTest>

using namespace kirotray;

namespace {

struct Message
{
    QByteArray method;
    QByteArray path;
    QByteArray query;
    QByteArray body;
    bool keepAlive = false;
    bool hasBody = false;
    std::optional<qint64> contentLength;
    std::vector<std::pair<QByteArray, QByteArray>> fields;
    bool operator==(const Message &) const = default;
};

struct Outcome
{
    std::vector<Message> messages;
    int faultStatus = 0;
    QByteArray faultMessage;
    QByteArray faultPath;
    bool isIdle = false;
    bool operator==(const Outcome &) const = default;
};

/// Feeds pieces of `step` bytes and collects what the parser tells.
Outcome parseInSteps(const QByteArray &input, qsizetype step)
{
    HttpParser parser;
    Outcome outcome;
    for (qsizetype at = 0; at < input.size(); at += step) {
        // A copy of its own, so that reading outside the piece is seen by a sanitizer.
        const QByteArray piece(input.constData() + at, std::min(step, input.size() - at));
        QByteArrayView bytes = piece;
        for (bool isMore = true; isMore;) {
            switch (parser.next(bytes)) {
            case HttpParser::Event::NeedMore:
                isMore = false;
                break;
            case HttpParser::Event::Head: {
                const HttpRequestHead &head = parser.head();
                outcome.messages.push_back({head.method,
                                            head.path,
                                            head.query,
                                            {},
                                            parser.keepAlive(),
                                            parser.hasBody(),
                                            head.contentLength,
                                            head.headers.fields()});
                break;
            }
            case HttpParser::Event::Body:
                for (const QByteArrayView part : parser.pieces())
                    outcome.messages.back().body.append(part);
                break;
            case HttpParser::Event::Complete:
                outcome.messages.back().method.prepend('+'); // complete
                parser.reset();
                break;
            case HttpParser::Event::Fault:
                outcome.faultStatus = parser.faultStatus();
                outcome.faultMessage = parser.faultMessage();
                outcome.faultPath = parser.head().path;
                return outcome;
            }
        }
    }
    outcome.isIdle = parser.isIdle();
    return outcome;
}

QByteArray withFields(const QByteArray &fields, const QByteArray &body = {})
{
    return "POST /v1 HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

} // namespace

class TstHttpParser : public QObject
{
    Q_OBJECT
private slots:
    void ambiguousOrMalformedRequestsAreRefused_data();
    void ambiguousOrMalformedRequestsAreRefused();
    void bodiesAreDelimited_data();
    void bodiesAreDelimited();
    void targetsAreSplit_data();
    void targetsAreSplit();
    void connectionIsKeptAsAsked_data();
    void connectionIsKeptAsAsked();
    void fieldsAreTrimmedAndKeepTheirOrder();
    void pipelinedRequestsAreSeparate();
    void upgradesAreOrdinaryRequests();
    void emptyLinesBeforeARequestAreIdle();
    void refusalKnowsThePathOfAReadableRequestLine();
    void largestHeaderIsAccepted();
    void endlessChunkExtensionsAndTrailersAreRefused_data();
    void endlessChunkExtensionsAndTrailersAreRefused();
};

void TstHttpParser::ambiguousOrMalformedRequestsAreRefused_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const QByteArray &input, int status = 400) {
        QTest::addRow("%s", name) << input << status;
    };
    row("two different lengths", withFields("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"));
    row("two equal lengths", withFields("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"));
    row("list of lengths", withFields("Content-Length: 3, 3\r\n", "abc"));
    row("length and chunked",
        withFields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    row("chunked and length",
        withFields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"));
    row("length with plus", withFields("Content-Length: +5\r\n", "abcde"));
    row("negative length", withFields("Content-Length: -5\r\n"));
    row("empty length", withFields("Content-Length:\r\n"));
    row("hexadecimal length", withFields("Content-Length: 0x10\r\n"));
    row("length with space inside", withFields("Content-Length: 1 0\r\n"));
    row("length beyond 63 bits", withFields("Content-Length: 9223372036854775808\r\n"));
    row("length beyond 64 bits", withFields("Content-Length: 99999999999999999999\r\n"));
    row("unknown transfer coding", withFields("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"));
    row("gzip transfer coding", withFields("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"));
    row("chunked not last", withFields("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"));
    row("identity transfer coding", withFields("Transfer-Encoding: identity\r\n"));
    row("chunked twice in one field",
        withFields("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"));
    row("chunked in two fields",
        withFields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    row("quoted chunked", withFields("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"));
    row("vertical tab before chunked", withFields("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"));
    row("chunked from HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("space before colon", withFields("Content-Length : 3\r\n", "abc"));
    row("tab before colon", withFields("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"));
    row("field without colon", withFields("Nonsense\r\n"));
    row("field without name", withFields(": value\r\n"));
    row("folded field", withFields("A: b\r\n c\r\n"));
    row("folded field with tab", withFields("A: b\r\n\tc\r\n"));
    row("folded length", withFields("Content-Length:\r\n 3\r\n", "abc"));
    row("space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n");
    row("bare line feed after request line", "GET / HTTP/1.1\nHost: a\r\n\r\n");
    row("bare line feed after field", "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n");
    row("bare line feed as the end", "GET / HTTP/1.1\r\nHost: a\r\n\n");
    row("bare line feed before request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("bare carriage return in a value", withFields("A: b\rc\r\n"));
    row("two carriage returns", withFields("A: b\r\r\n"));
    row("NUL in a value", withFields(QByteArray("A: b\0c\r\n", 8)));
    row("NUL in a name", withFields(QByteArray("A\0: b\r\n", 7)));
    row("delete in a value", withFields("A: b\x7f\r\n"));
    row("control byte in the method", "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("control byte in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n");
    row("tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n");
    row("eight-bit target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n");
    row("unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("lower case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n");
    row("target without slash", "GET v1/models HTTP/1.1\r\nHost: a\r\n\r\n");
    row("asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n");
    row("fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n");
    row("absolute target of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n");
    row("absolute target with user", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n");
    row("https target", "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
    row("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
    row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    row("HTTP/2.0 request", "GET / HTTP/2.0\r\nHost: a\r\n\r\n");
    row("HTTP/1.2 request", "GET / HTTP/1.2\r\nHost: a\r\n\r\n");
    row("HTTP/0.9 request", "GET /\r\n\r\n");
    row("RTSP request", "DESCRIBE / RTSP/1.0\r\nHost: a\r\n\r\n");
    row("space after version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n");
    row("response", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    row("TLS client hello", QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03", 10));
    row("no Host on 1.1", "GET / HTTP/1.1\r\nA: b\r\n\r\n");
    row("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    row("two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n");
    const QByteArray chunked = "Transfer-Encoding: chunked\r\n";
    row("negative chunk size", withFields(chunked, "-1\r\na\r\n0\r\n\r\n"));
    row("chunk size with prefix", withFields(chunked, "0x1\r\na\r\n0\r\n\r\n"));
    row("overflowing chunk size", withFields(chunked, "fffffffffffffffff\r\na\r\n0\r\n\r\n"));
    row("chunk size ends with line feed", withFields(chunked, "1\na\r\n0\r\n\r\n"));
    row("chunk ends without line end", withFields(chunked, "1\r\naXX0\r\n\r\n"));
    row("chunk longer than its size", withFields(chunked, "1\r\nab\r\n0\r\n\r\n"));
    row("chunk ends with line feed", withFields(chunked, "1\r\na\n0\r\n\r\n"));
    row("empty chunk size", withFields(chunked, "\r\na\r\n0\r\n\r\n"));
    row("line feed in chunk extension", withFields(chunked, "1;a\nb\r\na\r\n0\r\n\r\n"));
    const QByteArray longPath(limits::MaxRequestLine, 'a');
    row("long request line", "GET /" + longPath + " HTTP/1.1\r\nHost: a\r\n\r\n", 414);
    row("long field", withFields("A: " + QByteArray(limits::MaxHeaderBytes, 'a') + "\r\n"), 431);
    row("many empty lines first", QByteArray("\r\n").repeated(limits::MaxHeaderBytes), 431);
    row("300 fields", withFields(QByteArray("A: b\r\n").repeated(300)), 431);
    row("one field too many", withFields(QByteArray("A: b\r\n").repeated(limits::MaxHeaderFields)),
        431);
    row("bad method before too many fields",
        "BREW / HTTP/1.1\r\n" + QByteArray("A: b\r\n").repeated(300));
}

void TstHttpParser::ambiguousOrMalformedRequestsAreRefused()
{
    QFETCH(const QByteArray, input);
    QFETCH(const int, status);
    const Outcome whole = parseInSteps(input, input.size());
    QCOMPARE(whole.faultStatus, status);
    QVERIFY(!whole.faultMessage.isEmpty());
    // The chunked ones have shown a head; nothing may be taken for a complete request.
    for (const Message &message : whole.messages)
        QVERIFY(!message.method.startsWith('+'));
    for (const qsizetype step : {1, 7}) {
        const Outcome split = parseInSteps(input, step);
        QCOMPARE(split.faultStatus, whole.faultStatus);
        QCOMPARE(split.faultMessage, whole.faultMessage);
    }
}

void TstHttpParser::bodiesAreDelimited_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("hasBody");
    const QByteArray chunked = "Transfer-Encoding: chunked\r\n";
    QTest::addRow("no body") << withFields({}) << QByteArray() << false;
    QTest::addRow("length 0") << withFields("Content-Length: 0\r\n") << QByteArray() << false;
    QTest::addRow("length") << withFields("Content-Length: 11\r\n", "hello\r\n\r\n!?")
                            << QByteArray("hello\r\n\r\n!?") << true;
    QTest::addRow("leading zeros")
        << withFields("Content-Length: 0003\r\n", "abc") << QByteArray("abc") << true;
    QTest::addRow("chunks") << withFields(chunked, "5\r\nhello\r\nB\r\n, the world\r\n0\r\n\r\n")
                            << QByteArray("hello, the world") << true;
    QTest::addRow("no chunk") << withFields(chunked, "0\r\n\r\n") << QByteArray() << true;
    QTest::addRow("chunked in capitals")
        << withFields("TRANSFER-ENCODING:CHUNKED\r\n", "1\r\na\r\n0\r\n\r\n") << QByteArray("a")
        << true;
    QTest::addRow("chunk extensions")
        << withFields(chunked, "1;a=\"b\"\r\na\r\n0;e\r\n\r\n") << QByteArray("a") << true;
    QTest::addRow("trailers are ignored")
        << withFields(chunked, "1\r\na\r\n0\r\nContent-Length: 7\r\nHost: evil\r\n\r\n")
        << QByteArray("a") << true;
    QTest::addRow("any bytes") << withFields("Content-Length: 6\r\n",
                                             QByteArray("\0\r\n\n\xff\x7f", 6))
                               << QByteArray("\0\r\n\n\xff\x7f", 6) << true;
}

void TstHttpParser::bodiesAreDelimited()
{
    QFETCH(const QByteArray, input);
    QFETCH(const QByteArray, body);
    QFETCH(const bool, hasBody);
    const Outcome whole = parseInSteps(input, input.size());
    QCOMPARE(whole.faultMessage, QByteArray());
    QCOMPARE(whole.messages.size(), size_t(1));
    const Message &message = whole.messages.front();
    QCOMPARE(message.method, "+POST");
    QCOMPARE(message.body, body);
    QCOMPARE(message.hasBody, hasBody);
    QVERIFY(whole.isIdle);
    QCOMPARE(message.fields.front().second, "a"); // not replaced by a trailer
    for (const qsizetype step : {1, 3, 64})
        QVERIFY(parseInSteps(input, step) == whole);
    // One byte less is not complete.
    const Outcome cut = parseInSteps(input.chopped(1), input.size());
    QCOMPARE(cut.faultStatus, 0);
    QVERIFY(cut.messages.empty() || cut.messages.front().method == "POST");
    QVERIFY(!cut.isIdle);
}

void TstHttpParser::targetsAreSplit_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("query");
    QTest::addRow("path") << QByteArray("GET /v1/models") << QByteArray("/v1/models")
                          << QByteArray();
    QTest::addRow("query") << QByteArray("GET /a?b=c&d=e?f") << QByteArray("/a")
                           << QByteArray("b=c&d=e?f");
    QTest::addRow("empty query") << QByteArray("GET /a?") << QByteArray("/a") << QByteArray();
    QTest::addRow("stays encoded") << QByteArray("GET /a%2Fb:c//%20?x=%26")
                                   << QByteArray("/a%2Fb:c//%20") << QByteArray("x=%26");
    QTest::addRow("absolute") << QByteArray("GET http://Host.example:80/a?b") << QByteArray("/a")
                              << QByteArray("b");
    QTest::addRow("absolute without path")
        << QByteArray("GET http://host.example:80?b") << QByteArray("/") << QByteArray("b");
    QTest::addRow("asterisk") << QByteArray("OPTIONS *") << QByteArray("*") << QByteArray();
    QTest::addRow("unusual method") << QByteArray("M-SEARCH /") << QByteArray("/") << QByteArray();
}

void TstHttpParser::targetsAreSplit()
{
    QFETCH(const QByteArray, line);
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, query);
    const QByteArray input = line + " HTTP/1.1\r\nHost: host.example:80\r\n\r\n";
    const Outcome whole = parseInSteps(input, input.size());
    QCOMPARE(whole.faultMessage, QByteArray());
    QCOMPARE(whole.messages.at(0).path, path);
    QCOMPARE(whole.messages.at(0).query, query);
    QCOMPARE(whole.messages.at(0).method, '+' + line.left(line.indexOf(' ')));
    QVERIFY(parseInSteps(input, 1) == whole);
}

void TstHttpParser::connectionIsKeptAsAsked_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<bool>("keepAlive");
    QTest::addRow("1.1") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\n\r\n") << true;
    QTest::addRow("1.1 close") << QByteArray(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n")
                               << false;
    QTest::addRow("1.1 close in a list")
        << QByteArray("GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, close\r\n\r\n") << false;
    QTest::addRow("1.0") << QByteArray("GET / HTTP/1.0\r\n\r\n") << false;
    QTest::addRow("1.0 keep-alive")
        << QByteArray("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") << true;
}

void TstHttpParser::connectionIsKeptAsAsked()
{
    QFETCH(const QByteArray, input);
    QFETCH(const bool, keepAlive);
    const Outcome whole = parseInSteps(input, input.size());
    QCOMPARE(whole.messages.at(0).keepAlive, keepAlive);
    QCOMPARE(whole.messages.at(0).method, "+GET");
    QVERIFY(parseInSteps(input, 1) == whole);
}

void TstHttpParser::fieldsAreTrimmedAndKeepTheirOrder()
{
    const QByteArray input =
        withFields("B:  two words \t\r\nA:\r\nb:\xff\xc3\xa9\r\nX-Tab: a\tb\r\n");
    const Outcome whole = parseInSteps(input, input.size());
    QCOMPARE(whole.faultMessage, QByteArray());
    const std::vector<std::pair<QByteArray, QByteArray>> expected = {
        {"Host", "a"}, {"B", "two words"}, {"A", ""}, {"b", "\xff\xc3\xa9"}, {"X-Tab", "a\tb"}};
    QVERIFY(whole.messages.at(0).fields == expected);
    QVERIFY(!whole.messages.at(0).fields.at(2).second.isNull()); // present, although empty
    QVERIFY(parseInSteps(input, 1) == whole);
}

void TstHttpParser::pipelinedRequestsAreSeparate()
{
    const QByteArray input = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
        + withFields("Content-Length: 3\r\n", "abc")
        + withFields("Transfer-Encoding: chunked\r\n", "2\r\nde\r\n0\r\n\r\n")
        + "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        + "GET /5 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const qsizetype step : {input.size(), qsizetype(1), qsizetype(5), qsizetype(33)}) {
        const Outcome outcome = parseInSteps(input, step);
        QCOMPARE(outcome.faultMessage, QByteArray());
        QCOMPARE(outcome.messages.size(), size_t(5));
        QCOMPARE(outcome.messages.at(1).body, "abc");
        QCOMPARE(outcome.messages.at(2).body, "de");
        QCOMPARE(outcome.messages.at(4).path, "/5");
        for (const Message &message : outcome.messages)
            QVERIFY(message.method.startsWith('+'));
        QVERIFY(outcome.isIdle);
    }
}

void TstHttpParser::upgradesAreOrdinaryRequests()
{
    const QByteArray upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";
    const QByteArray input = withFields(upgrade)
        + withFields(upgrade + "Content-Length: 3\r\n", "abc")
        + "GET /websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    for (const qsizetype step : {input.size(), qsizetype(1)}) {
        const Outcome outcome = parseInSteps(input, step);
        QCOMPARE(outcome.faultMessage, QByteArray());
        QCOMPARE(outcome.messages.size(), size_t(3));
        QCOMPARE(outcome.messages.at(1).body, "abc");
        QCOMPARE(outcome.messages.at(2).method, "+GET");
    }
}

void TstHttpParser::emptyLinesBeforeARequestAreIdle()
{
    QVERIFY(parseInSteps("\r\n\r\n", 1).isIdle);
    const Outcome outcome = parseInSteps("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 3);
    QCOMPARE(outcome.messages.at(0).method, "+GET");
    QVERIFY(!parseInSteps("\r\nG", 3).isIdle);
}

void TstHttpParser::refusalKnowsThePathOfAReadableRequestLine()
{
    const QByteArray many = "POST /v1/messages?beta=true HTTP/1.1\r\nHost: a\r\n"
        + QByteArray("A: b\r\n").repeated(300);
    for (const qsizetype step : {many.size(), qsizetype(1)})
        QCOMPARE(parseInSteps(many, step).faultPath, "/v1/messages");
    const QByteArray lengths =
        "POST /v1/responses HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n";
    QCOMPARE(parseInSteps(lengths, 1).faultPath, "/v1/responses");
    QCOMPARE(parseInSteps("POST /v1/mess\x01", 1).faultPath, QByteArray());
}

void TstHttpParser::largestHeaderIsAccepted()
{
    const QByteArray line = "GET /" + QByteArray(limits::MaxRequestLine - 14, 'a') + " HTTP/1.1";
    QCOMPARE(line.size(), limits::MaxRequestLine);
    QByteArray input = line + "\r\nHost: a\r\n"
        + QByteArray("A: b\r\n").repeated(limits::MaxHeaderFields - 2) + "C: ";
    input += QByteArray(limits::MaxHeaderBytes - input.size() - 4, 'c') + "\r\n\r\n";
    for (const qsizetype step : {input.size(), qsizetype(1)}) {
        const Outcome outcome = parseInSteps(input, step);
        QCOMPARE(outcome.faultMessage, QByteArray());
        QCOMPARE(outcome.messages.at(0).method, "+GET");
        QCOMPARE(outcome.messages.at(0).fields.size(), size_t(limits::MaxHeaderFields));
    }
}

void TstHttpParser::endlessChunkExtensionsAndTrailersAreRefused_data()
{
    QTest::addColumn<QByteArray>("body");
    const QByteArray filler(2 * limits::MaxHeaderBytes, 'a');
    QTest::addRow("extension name") << "1;" + filler;
    QTest::addRow("extension value") << "1;a=" + filler;
    QTest::addRow("zeros") << QByteArray(2 * limits::MaxHeaderBytes, '0');
    QTest::addRow("trailer value") << "0\r\nA: " + filler;
    QTest::addRow("many trailers")
        << "0\r\n" + QByteArray("A: b\r\n").repeated(limits::MaxHeaderBytes);
}

void TstHttpParser::endlessChunkExtensionsAndTrailersAreRefused()
{
    QFETCH(const QByteArray, body);
    const QByteArray input = withFields("Transfer-Encoding: chunked\r\n", body);
    QCOMPARE(parseInSteps(input, input.size()).faultStatus, 431);
    QCOMPARE(parseInSteps(input, 1).faultStatus, 431);
}

QTEST_GUILESS_MAIN(TstHttpParser)
#include "tst_httpparser.moc"
