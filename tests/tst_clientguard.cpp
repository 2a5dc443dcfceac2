// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/gateway/clientguard.h"

#include <QTest>

using namespace kirotray;

class TstClientGuard : public QObject
{
    Q_OBJECT

private slots:
    void letsInOnlyWhoMay_data();
    void letsInOnlyWhoMay();
    void withoutAKeyAnyLocalClientMayCome();
    void tellsWhoseKeyWasSent();
    void aSecretPathMayComeFromAnyPage();
};

namespace {
const QByteArray Key = "kt-right";

HttpRequestHead headWith(const QByteArray &host, const QByteArray &field, const QByteArray &value)
{
    HttpRequestHead head;
    head.method = "POST";
    head.path = "/v1/messages";
    head.headers.append("Host", host);
    if (field == "?")
        head.query = value;
    else if (!field.isEmpty())
        head.headers.append(field, value);
    return head;
}
} // namespace

void TstClientGuard::letsInOnlyWhoMay_data()
{
    QTest::addColumn<QByteArray>("configured");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<int>("refusal"); // -1: let in
    const int in = -1;
    const int denied = int(ChatError::Kind::Permission);
    const int unknown = int(ChatError::Kind::Authentication);
    const QByteArray loopback = "127.0.0.1";
    const auto row = [&](const char *name, const QByteArray &host, const QByteArray &field,
                         const QByteArray &value, int refusal) {
        QTest::addRow("%s", name) << loopback << host << field << value << refusal;
    };
    row("x-api-key", "127.0.0.1:8747", "x-api-key", Key, in);
    row("bearer", "localhost:8747", "Authorization", "Bearer " + Key, in);
    row("bearer, other case", "LOCALHOST", "authorization", "bearer " + Key, in);
    row("x-goog-api-key", "[::1]:8747", "x-goog-api-key", Key, in);
    row("key in the query", "127.0.0.1", "?", "alt=sse&key=" + Key, in);
    row("escaped key in the query", "127.0.0.1", "?", "key=kt%2Dright", in);
    row("loopback by another number", "127.0.0.5", "x-api-key", Key, in);
    row("name below localhost", "app.localhost:80", "x-api-key", Key, in);
    row("no key", "127.0.0.1", "", "", unknown);
    row("wrong key", "127.0.0.1", "x-api-key", "kt-wrong", unknown);
    row("start of the key", "127.0.0.1", "x-api-key", "kt-righ", unknown);
    row("longer than the key", "127.0.0.1", "x-api-key", Key + '0', unknown);
    row("empty key", "127.0.0.1", "x-api-key", "", unknown);
    row("basic instead of bearer", "127.0.0.1", "authorization", "Basic " + Key, unknown);
    row("foreign name", "evil.example:8747", "x-api-key", Key, denied);
    row("name that starts like ours", "localhost.evil.example", "x-api-key", Key, denied);
    row("address of the network", "192.168.1.7:8747", "x-api-key", Key, denied);
    row("unclosed bracket", "[::1", "x-api-key", Key, denied);
    QTest::addRow("address typed when opened to the network")
        << QByteArray("0.0.0.0") << QByteArray("192.168.1.7:8747") << QByteArray("x-api-key") << Key
        << in;
    QTest::addRow("foreign name when opened to the network")
        << QByteArray("0.0.0.0") << QByteArray("evil.example") << QByteArray("x-api-key") << Key
        << denied;
    const QList<std::pair<const char *, int>> origins {
        {"http://localhost:3000", unknown},   {"https://127.0.0.1", unknown},
        {"https://evil.example", denied},     {"null", denied},
        {"http://localhost.evil.io", denied}, {"file://", denied},
    };
    for (const auto &[origin, refusal] : origins)
        row(qPrintable(u"origin %1"_s.arg(QString::fromLatin1(origin))), "127.0.0.1", "Origin",
            origin, refusal);
}

void TstClientGuard::letsInOnlyWhoMay()
{
    QFETCH(QByteArray, configured);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, value);
    QFETCH(int, refusal);
    const ClientGuard guard {Secret(Key), configured};
    const auto refused = guard.check(headWith(host, field, value), ClientGuard::Access::Client);
    QCOMPARE(refused ? int(refused->kind) : -1, refusal);
    if (refused)
        QVERIFY(!QByteArray::fromStdString(refused->message).contains(Key));
}

void TstClientGuard::withoutAKeyAnyLocalClientMayCome()
{
    const ClientGuard guard {Secret(), "127.0.0.1"};
    QVERIFY(!guard.check(headWith("127.0.0.1", "", ""), ClientGuard::Access::Client));
    QVERIFY(guard.check(headWith("evil.example", "", ""), ClientGuard::Access::Client));
    QVERIFY(guard.check(headWith("127.0.0.1", "Origin", "https://evil.example"),
                        ClientGuard::Access::Client));
    const ClientGuard withKey {Secret(Key), "127.0.0.1"};
    QVERIFY(
        !withKey.check(headWith("127.0.0.1", "", ""), ClientGuard::Access::Open)); // an open path
    QVERIFY(withKey.check(headWith("evil.example", "", ""), ClientGuard::Access::Open));
}

void TstClientGuard::tellsWhoseKeyWasSent()
{
    ClientKey limited;
    limited.name = u"laptop"_s;
    limited.requestsPerDay = 5;
    ClientGuard guard {Secret("kt-main"), "127.0.0.1", {}, Secret("kt-admin")};
    guard.keys = {{limited, Secret("kt-laptop")}};
    const auto nameOf = [&guard](const QByteArray &key) {
        const auto caller = guard.callerOf(headWith("localhost", "x-api-key", key));
        return caller ? caller->name : u"-"_s;
    };
    QCOMPARE(nameOf("kt-main"), u"default"_s);
    QCOMPARE(nameOf("kt-laptop"), u"laptop"_s);
    QCOMPARE(nameOf("kt-admin"), u"admin"_s);
    QCOMPARE(nameOf("kt-other"), u"-"_s);
    QCOMPARE(nameOf(""), u"-"_s);
    const auto laptop = guard.callerOf(headWith("localhost", "x-api-key", "kt-laptop"));
    QVERIFY(!laptop->isAdmin && laptop->key);
    QCOMPARE(laptop->key->requestsPerDay, std::optional<int>(5));
    QVERIFY(guard.callerOf(headWith("localhost", "x-api-key", "kt-admin"))->isAdmin);
    // A key that was also given a name of its own is known by it.
    guard.keys.push_back({limited, Secret("kt-main")});
    QCOMPARE(nameOf("kt-main"), u"laptop"_s);
}

/// The form of a sign-in page without a referrer sends `Origin: null`.
void TstClientGuard::aSecretPathMayComeFromAnyPage()
{
    const ClientGuard guard {Secret(Key), "127.0.0.1"};
    using Access = ClientGuard::Access;
    QVERIFY(!guard.check(headWith("127.0.0.1", "Origin", "null"), Access::Link));
    QVERIFY(!guard.check(headWith("127.0.0.1", "Origin", "http://192.168.1.5:8747"), Access::Link));
    QVERIFY(!guard.check(headWith("my-server.lan", "", ""), Access::Link));
    QVERIFY(guard.check(headWith("127.0.0.1", "Origin", "null"), Access::Open));
}

QTEST_APPLESS_MAIN(TstClientGuard)
#include "tst_clientguard.moc"
