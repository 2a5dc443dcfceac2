// SPDX-License-Identifier: MIT
#include "app/gateway/routes.h"

#include <QTest>

using namespace kirotray;

class TstRoutes : public QObject
{
    Q_OBJECT

private slots:
    void findsTheRoute_data();
    void findsTheRoute();
    void asksTheHeadersWhoseModelListIsMeant();
    void readsWhatTheUrlSaysOfAGeminiCall();
    void knowsABufferedCall();
    void seesThatAWebSocketIsAskedFor();
};

void TstRoutes::findsTheRoute_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("isAnthropicClient");
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("dialect");
    QTest::addColumn<QByteArray>("model");
    const auto row = [](const char *method, const char *path, bool isAnthropicClient,
                        Route::Kind kind, DialectId dialect, const char *model = "") {
        QTest::addRow("%s %s%s", method, path, isAnthropicClient ? " (anthropic-version)" : "")
            << QByteArray(method) << QByteArray(path) << isAnthropicClient << int(kind)
            << int(dialect) << QByteArray(model);
    };
    using Kind = Route::Kind;
    constexpr DialectId A = DialectId::AnthropicMessages;
    constexpr DialectId O = DialectId::OpenAiChat;
    for (const char *path : {"/v1/messages", "/messages", "/v1/v1/messages",
                             "/anthropic/v1/messages", "//v1//messages/"})
        row("POST", path, false, Kind::Chat, A);
    row("POST", "/v1/messages/count_tokens", false, Kind::CountTokens, A);
    row("POST", "/v1/chat/completions", true, Kind::Chat, O);
    row("POST", "/chat/completions", false, Kind::Chat, O);
    row("POST", "/openai/v1/chat/completions", false, Kind::Chat, O);
    row("GET", "/v1/models", false, Kind::Models, O);
    row("GET", "/v1/models", true, Kind::Models, A);
    row("HEAD", "/v1/models", false, Kind::Models, O);
    row("GET", "/v1/models/claude-sonnet-4.5", true, Kind::Model, A, "claude-sonnet-4.5");
    row("GET", "/v1/models/anthropic%2Fclaude", false, Kind::Model, O, "anthropic/claude");
    row("GET", "/v1/models/anthropic/claude", false, Kind::Model, O, "anthropic/claude");
    row("GET", "/health", false, Kind::Health, O);
    constexpr DialectId R = DialectId::OpenAiResponses;
    constexpr DialectId G = DialectId::Gemini;
    for (const char *path : {"/cc/v1/messages", "/v1/cc/messages"})
        row("POST", path, false, Kind::Chat, A);
    row("POST", "/cc/v1/messages/count_tokens", false, Kind::CountTokens, A);
    for (const char *path : {"/v1/responses", "/responses", "/openai/v1/responses"})
        row("POST", path, false, Kind::Chat, R);
    row("POST", "/v1/responses/input_tokens", false, Kind::CountTokens, R);
    row("GET", "/v1/responses/resp_1", false, Kind::StoredAnswer, R);
    row("DELETE", "/v1/responses/resp_1", false, Kind::StoredAnswer, R);
    row("GET", "/v1/responses/resp_1/input_items", false, Kind::StoredInput, R);
    row("POST", "/v1/responses/resp_1/cancel", false, Kind::NotFound, R);
    row("GET", "/v1/responses", false, Kind::MethodNotAllowed, R);
    for (const char *path : {"/v1beta/models/gemini-2.5-pro:generateContent",
                             "/v1/models/gemini-2.5-pro:streamGenerateContent",
                             "/models/gemini-2.5-pro:generateContent",
                             "/gemini/v1beta/models/gemini-2.5-pro:generateContent"})
        row("POST", path, false, Kind::Chat, G);
    row("POST", "/v1beta/models/gemini-2.5-pro:countTokens", false, Kind::CountTokens, G);
    row("POST", "/v1beta/models/gemini-2.5-pro:embedContent", false, Kind::NotFound, G);
    row("GET", "/v1beta/models/gemini-2.5-pro:generateContent", false, Kind::MethodNotAllowed, G);
    row("GET", "/v1beta/models", false, Kind::Models, G);
    row("GET", "/v1beta/models/gemini-2.5-pro", false, Kind::Model, G, "gemini-2.5-pro");
    row("GET", "/v1/models/claude-v1:0", false, Kind::Model, O, "claude-v1:0");
    row("POST", "/v1beta/openai/chat/completions", false, Kind::Chat, O);
    row("POST", "/api/event_logging/batch", false, Kind::Acknowledge, O);
    row("HEAD", "/", false, Kind::Home, O);
    row("OPTIONS", "/v1/messages", false, Kind::Preflight, A);
    row("GET", "/v1/messages", false, Kind::MethodNotAllowed, A);
    row("DELETE", "/v1/models", false, Kind::MethodNotAllowed, O);
    row("GET", "/", false, Kind::Home, O);
    row("GET", "/v1", true, Kind::Home, A);
    row("POST", "/v1/messages/other", false, Kind::NotFound, O);
    row("POST", "/v2/messages", false, Kind::NotFound, O);
}

void TstRoutes::findsTheRoute()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(bool, isAnthropicClient);
    HttpRequestHead head;
    head.method = method;
    head.path = path;
    if (isAnthropicClient)
        head.headers.append("Anthropic-Version", "2023-06-01");
    const Route route = routeOf(head);
    QTEST(int(route.kind), "kind");
    QTEST(int(route.dialect), "dialect");
    QTEST(route.model, "model");
    if (route.kind == Route::Kind::MethodNotAllowed)
        QVERIFY(!route.allow.isEmpty());
}

void TstRoutes::asksTheHeadersWhoseModelListIsMeant()
{
    for (const char *name : {"x-goog-api-key", "x-goog-api-client"}) {
        HttpRequestHead head;
        head.method = "GET";
        head.path = "/v1/models";
        head.headers.append(name, "x");
        QCOMPARE(routeOf(head).dialect, DialectId::Gemini);
    }
}

void TstRoutes::readsWhatTheUrlSaysOfAGeminiCall()
{
    HttpRequestHead head;
    head.method = "POST";
    head.path = "/v1beta/models/google%2Fgemini-2.5-pro:streamGenerateContent";
    head.query = "alt=sse&key=k";
    CallTarget target = routeOf(head).target;
    QCOMPARE(target.model, std::string("google/gemini-2.5-pro"));
    QCOMPARE(target.stream, std::optional<bool>(true));
    QVERIFY(target.serverSentEvents);
    head.query = {};
    QVERIFY(!routeOf(head).target.serverSentEvents);
    head.path = "/v1beta/models/gemini-2.5-pro:generateContent";
    target = routeOf(head).target;
    QCOMPARE(target.stream, std::optional<bool>(false));
}

void TstRoutes::knowsABufferedCall()
{
    HttpRequestHead head;
    head.method = "POST";
    head.path = "/cc/v1/messages";
    QVERIFY(routeOf(head).isBuffered);
    head.path = "/v1/messages";
    QVERIFY(!routeOf(head).isBuffered);
}

void TstRoutes::seesThatAWebSocketIsAskedFor()
{
    HttpRequestHead head;
    head.method = "GET";
    head.path = "/v1/responses";
    head.headers.append("Upgrade", "WebSocket");
    QCOMPARE(int(routeOf(head).kind), int(Route::Kind::NoUpgrade));
}

QTEST_APPLESS_MAIN(TstRoutes)
#include "tst_routes.moc"
