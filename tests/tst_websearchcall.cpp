// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/kiro/websearchcall.h"
#include "app/simulator/simulator.h"
#include "tests/controlbench.h"

#include <QTest>

using namespace kirotray;

namespace {

const QByteArray ArnField = "x-amzn-kiro-profile-arn";

using Hits = std::vector<WebSearchHit>;

/// A reply with `results` as the text within it.
QByteArray rpcReply(const QByteArray &results)
{
    std::string quoted;
    appendJsonString(quoted, results.toStdString());
    return "{\"id\":\"x\",\"jsonrpc\":\"2.0\",\"result\":{\"isError\":false,\"content\":[{"
           "\"type\":\"text\",\"text\":"
        + QByteArray::fromStdString(quoted) + "}]}}";
}
QByteArray oneResult(const QByteArray &members)
{
    return rpcReply("{\"results\":[{" + members + "}],\"totalResults\":1,\"error\":null}");
}

} // namespace

class TstWebSearchCall : public ControlBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void searchesOnTheSimulator()
    {
        Simulator simulator;
        QVERIFY(simulator.start());
        m_tables.endpoints.mcp = {simulator.url().toString(QUrl::StripTrailingSlash)};
        m_identity.accessToken = Secret(Simulator::demoAccessToken());
        const Result<Hits> hits = search("Qt \"6\" \xE4\xBD\xA0");
        QVERIFY2(hits, problem(hits));
        QCOMPARE(hits.value().size(), 2U);
        const WebSearchHit &first = hits.value().front();
        QCOMPARE(first.title, std::string("About Qt \"6\" \xE4\xBD\xA0"));
        QVERIFY(first.url.starts_with("https://"));
        QVERIFY(!first.snippet.empty());
        QVERIFY(!first.pageAge.empty());
        // The simulator refuses what is longer than the service allows.
        QVERIFY(search(std::string(5000, 'q')));
    }

    void asksAsTheOfficialClientDoes()
    {
        m_peer->always(PeerScript::reply(200, rpcReply("{\"results\":[]}")));
        const Result<Hits> hits = search("  Qt 6.8 ");
        QVERIFY2(hits, problem(hits));
        QVERIFY(hits.value().empty());
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /mcp HTTP/1.1"));
        QCOMPARE(request.field("authorization"), QByteArray("Bearer aoaEXAMPLE"));
        QCOMPARE(request.field("content-type"), QByteArray("application/json"));
        QCOMPARE(request.field(ArnField), OwnArn.toLatin1());
        QVERIFY(!request.field("amz-sdk-invocation-id").isEmpty());
        QVERIFY(request.field("user-agent").contains("KiroIDE-"));
        const Result<JsonDocument> body = JsonDocument::parse(request.body.toStdString());
        QVERIFY(body);
        const JsonValue root = body.value().root();
        QVERIFY(root["id"].string().starts_with("web_search_tooluse_"));
        QCOMPARE(root["jsonrpc"].string(), std::string_view("2.0"));
        QCOMPARE(root["method"].string(), std::string_view("tools/call"));
        QCOMPARE(
            root["params"].raw(),
            std::string_view("{\"name\":\"web_search\",\"arguments\":{\"query\":\"Qt 6.8\"}}"));
    }

    void theQueryIsCutBetweenTwoCharacters_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("sent");
        const QString full(limits::MaxSearchQuery, u'x');
        QTest::addRow("fits") << full << full;
        QTest::addRow("too long") << full + u"yyy"_s << full;
        const QString emoji = QString::fromUtf8("\xF0\x9F\x98\x80");
        QTest::addRow("pair at the end")
            << full.chopped(2) + emoji + u"y"_s << full.chopped(2) + emoji;
        QTest::addRow("pair over the end") << full.chopped(1) + emoji << full.chopped(1);
    }
    void theQueryIsCutBetweenTwoCharacters()
    {
        QFETCH(QString, query);
        QFETCH(QString, sent);
        m_peer->always(PeerScript::reply(200, rpcReply("{\"results\":[]}")));
        QVERIFY(search(query.toStdString()));
        const Result<JsonDocument> body =
            JsonDocument::parse(m_peer->requests().front().body.toStdString());
        QVERIFY(body);
        QCOMPARE(body.value().root()["params"]["arguments"]["query"].string(),
                 std::string_view(sent.toStdString()));
    }

    void theProfileGoesAlongWhereTheAccountHasOne_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("arn");
        QTest::addColumn<bool>("isSent");
        QTest::addRow("social") << int(AccountKind::Social) << OwnArn << true;
        QTest::addRow("social, shared") << int(AccountKind::Social) << QString() << true;
        QTest::addRow("builder id") << int(AccountKind::BuilderId) << OwnArn << true;
        QTest::addRow("builder id without") << int(AccountKind::BuilderId) << QString() << false;
        QTest::addRow("builder id, malformed") << int(AccountKind::BuilderId) << u"arn"_s << false;
        QTest::addRow("idc") << int(AccountKind::IdentityCenter) << OwnArn << true;
        QTest::addRow("idc without") << int(AccountKind::IdentityCenter) << QString() << false;
        QTest::addRow("api key") << int(AccountKind::ApiKey) << OwnArn << false;
    }
    void theProfileGoesAlongWhereTheAccountHasOne()
    {
        QFETCH(int, kind);
        QFETCH(QString, arn);
        QFETCH(bool, isSent);
        m_identity.kind = AccountKind(kind);
        m_identity.profileArn = arn;
        m_peer->always(PeerScript::reply(200, rpcReply("{\"results\":[]}")));
        QVERIFY(search("x"));
        QCOMPARE(!m_peer->requests().front().field(ArnField).isEmpty(), isSent);
    }

    void readsAHit_data()
    {
        QTest::addColumn<QByteArray>("members");
        QTest::addColumn<QByteArray>("title"); // null: no hit
        QTest::addColumn<QByteArray>("pageAge");
        const auto row = [](const char *name, const char *members, const char *title,
                            const char *pageAge) {
            QTest::addRow("%s", name)
                << QByteArray(members) << QByteArray(title) << QByteArray(pageAge);
        };
        row("whole",
            "\"title\":\"T\",\"url\":\"https://a.example/\",\"snippet\":\"S\","
            "\"publishedDate\":1728300000000,\"domain\":\"a.example\"",
            "T", "October 7, 2024");
        row("date in seconds",
            "\"title\":\"T\",\"url\":\"https://a.example/\",\"publishedDate\":1728300000", "T",
            "October 7, 2024");
        row("date as a text",
            "\"title\":\"T\",\"url\":\"https://a.example/\",\"publishedDate\":\"2024-10-07\"", "T",
            "October 7, 2024");
        row("no date", "\"title\":\"T\",\"url\":\"http://a.example\",\"publishedDate\":null", "T",
            "");
        row("a date of nonsense",
            "\"title\":\"T\",\"url\":\"https://a.example/\",\"publishedDate\":1e300", "T", "");
        row("a negative date",
            "\"title\":\"T\",\"url\":\"https://a.example/\",\"publishedDate\":-5", "T", "");
        row("no title", "\"url\":\"https://a.example/\"", "https://a.example/", "");
        row("title of two lines", "\"title\":\"T\\n2\",\"url\":\"https://a.example/\"", "T 2", "");
        row("no address", "\"title\":\"T\"", nullptr, "");
        row("another scheme", "\"title\":\"T\",\"url\":\"javascript:alert(1)\"", nullptr, "");
        row("address of a wrong type", "\"title\":\"T\",\"url\":5", nullptr, "");
    }
    void readsAHit()
    {
        QFETCH(QByteArray, members);
        QFETCH(QByteArray, title);
        QFETCH(QByteArray, pageAge);
        m_peer->always(PeerScript::reply(200, oneResult(members)));
        const Result<Hits> hits = search("x");
        QVERIFY2(hits, problem(hits));
        QCOMPARE(hits.value().size(), title.isNull() ? 0U : 1U);
        if (title.isNull())
            return;
        QCOMPARE(hits.value().front().title, title.toStdString());
        QCOMPARE(hits.value().front().pageAge, pageAge.toStdString());
    }

    void whatComesBackIsBounded()
    {
        QByteArray rows;
        for (int i = 0; i < 100; ++i)
            rows += QByteArray(i == 0 ? "" : ",") + "{\"title\":\"" + QByteArray(5000, 't')
                + "\",\"url\":\"https://a.example/\",\"snippet\":\"a"
                + QByteArray("\xC3\xA9").repeated(4000) + "\"}";
        m_peer->always(PeerScript::reply(200, rpcReply("{\"results\":[" + rows + "]}")));
        const Result<Hits> hits = search("x");
        QVERIFY2(hits, problem(hits));
        QCOMPARE(hits.value().size(), std::size_t(limits::MaxSearchHits));
        const WebSearchHit &hit = hits.value().front();
        QVERIFY(hit.title.size() <= 300);
        QCOMPARE(hit.snippet.size(), std::size_t(limits::MaxSearchSnippet - 1)); // whole characters
    }

    void aFailureSaysWhatItIs_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("errorCode");
        const auto row = [](const char *name, int status, const QByteArray &body, Error::Code code,
                            const char *errorCode) {
            QTest::addRow("%s", name) << status << body << int(code) << QByteArray(errorCode);
        };
        using Code = Error::Code;
        row("rpc error", 200, "{\"error\":{\"code\":-32602,\"message\":\"no\"}}", Code::Upstream,
            "unavailable");
        row("tool error", 200,
            "{\"result\":{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"no\"}]}}",
            Code::Upstream, "unavailable");
        row("error in the results", 200, rpcReply("{\"results\":[],\"error\":\"no\"}"),
            Code::Upstream, "unavailable");
        row("no JSON", 200, "<html>", Code::Upstream, "unavailable");
        row("no object", 200, "[]", Code::Upstream, "unavailable");
        row("no result", 200, "{}", Code::Upstream, "unavailable");
        row("no content", 200, "{\"result\":{\"content\":[]}}", Code::Upstream, "unavailable");
        row("text that is no JSON", 200, rpcReply("hello"), Code::Upstream, "unavailable");
        row("text without results", 200, rpcReply("{}"), Code::Upstream, "unavailable");
        row("results of a wrong type", 200, rpcReply("{\"results\":{}}"), Code::Upstream,
            "unavailable");
        row("throttled", 429, "{}", Code::RateLimited, "too_many_requests");
        row("token", 403, "{\"message\":\"The bearer token included in the request is invalid.\"}",
            Code::Unauthorized, "unavailable");
        row("refused", 400, "{\"message\":\"no\"}", Code::Upstream, "unavailable");
        row("server error", 500, "oops", Code::Upstream, "unavailable");
    }
    void aFailureSaysWhatItIs()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        QFETCH(QByteArray, errorCode);
        m_peer->always(PeerScript::reply(status, body));
        const Result<Hits> hits = search("x");
        QVERIFY(!hits);
        QCOMPARE(int(hits.error().code), code);
        QCOMPARE(hits.error().httpStatus, status);
        QCOMPARE(searchErrorCode(hits.error()), errorCode.toStdString());
    }

    void anEmptyQueryIsNotSent()
    {
        const Result<Hits> hits = search(" \n");
        QVERIFY(!hits);
        QCOMPARE(searchErrorCode(hits.error()), std::string("invalid_input"));
        QCOMPARE(m_peer->requestCount(), 0);
    }

    void theNextHostIsAskedWhenOneFails()
    {
        FakePeer broken;
        broken.always(PeerScript::reply(503, "{}"));
        m_tables.endpoints.mcp.prepend(broken.url({}).toString(QUrl::StripTrailingSlash));
        m_peer->always(PeerScript::reply(200, oneResult("\"url\":\"https://a.example/\"")));
        const Result<Hits> hits = search("x");
        QVERIFY2(hits, problem(hits));
        QCOMPARE(hits.value().size(), 1U);
        QCOMPARE(broken.requestCount(), 1);
        m_tables.endpoints.mcp.clear();
        const Result<Hits> none = search("x");
        QVERIFY(!none);
        QCOMPARE(searchErrorCode(none.error()), std::string("unavailable"));
    }

    void nothingIsReportedToAContextThatIsGone()
    {
        m_peer->always(PeerScript().hold());
        auto context = std::make_unique<QObject>();
        bool isDone = false;
        searchWeb(caller(context.get()), "x", [&isDone](const Result<Hits> &) { isDone = true; });
        QTRY_COMPARE(m_peer->requestCount(), 1);
        context.reset();
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QVERIFY(!isDone);
    }

private:
    controlfetch::Caller caller(QObject *context)
    {
        return {m_http.get(), tables(), m_identity, {}, context};
    }
    Result<Hits> search(const std::string &query)
    {
        std::optional<Result<Hits>> answer;
        searchWeb(caller(this), query,
                  [&answer](Result<Hits> hits) { answer.emplace(std::move(hits)); });
        if (answer || !QTest::qWaitFor([&answer] { return answer.has_value(); }))
            return Error {Error::Code::Cancelled, u"no answer, or at once"_s};
        return *std::move(answer);
    }
};

QTEST_GUILESS_MAIN(TstWebSearchCall)
#include "tst_websearchcall.moc"
