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
    row("OPTIONS", "/v1/messages", false, Kind::Preflight, A);
    row("GET", "/v1/messages", false, Kind::MethodNotAllowed, A);
    row("DELETE", "/v1/models", false, Kind::MethodNotAllowed, O);
    row("GET", "/", false, Kind::NotFound, O);
    row("GET", "/v1", true, Kind::NotFound, A);
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

QTEST_APPLESS_MAIN(TstRoutes)
#include "tst_routes.moc"
