// SPDX-License-Identifier: MIT
#include "app/net/proxychoice.h"

#include <QNetworkProxy>
#include <QTest>
#include <QUrl>

using namespace kirotray;

class TstProxyChoice : public QObject
{
    Q_OBJECT

private slots:
    void reads_data()
    {
        using Kind = ProxyChoice::Kind;
        QTest::addColumn<QString>("text");
        QTest::addColumn<ProxyChoice>("expected");
        const auto row = [](const char *name, const QString &text, const ProxyChoice &expected) {
            QTest::addRow("%s", name) << text << expected;
        };
        row("empty", QString(), {});
        row("spaces", u"  "_s, {});
        row("system", u"System"_s, {});
        row("none", u"none"_s, {Kind::None});
        row("http", u"http://proxy.test:8080"_s, {Kind::Http, u"proxy.test"_s, 8080});
        row("spaces around", u" http://proxy.test:8080 "_s, {Kind::Http, u"proxy.test"_s, 8080});
        row("closing slash", u"http://proxy.test:8080/"_s, {Kind::Http, u"proxy.test"_s, 8080});
        row("upper case", u"HTTP://Proxy.Test:8080"_s, {Kind::Http, u"proxy.test"_s, 8080});
        row("default port given", u"http://proxy.test:80"_s, {Kind::Http, u"proxy.test"_s, 80});
        row("socks5", u"socks5://10.0.0.1:1080"_s, {Kind::Socks5, u"10.0.0.1"_s, 1080});
        row("socks5h", u"socks5h://10.0.0.1:1080"_s, {Kind::Socks5, u"10.0.0.1"_s, 1080});
        row("IPv6", u"socks5://[::1]:65535"_s, {Kind::Socks5, u"::1"_s, 65535});
        row("user and password", u"http://me:pw@proxy.test:1"_s,
            {Kind::Http, u"proxy.test"_s, 1, u"me"_s, u"pw"_s});
        row("user only", u"http://me@proxy.test:1"_s,
            {Kind::Http, u"proxy.test"_s, 1, u"me"_s, {}});
        row("escapes in the password", u"http://me:p%40s%3As%25@proxy.test:1"_s,
            {Kind::Http, u"proxy.test"_s, 1, u"me"_s, u"p@s:s%"_s});
    }
    void reads()
    {
        QFETCH(QString, text);
        QFETCH(ProxyChoice, expected);
        const Result<ProxyChoice> choice = ProxyChoice::parse(text);
        QVERIFY2(choice, choice ? "" : qPrintable(choice.error().what));
        QCOMPARE(choice.value().kind, expected.kind);
        QCOMPARE(choice.value().host, expected.host);
        QCOMPARE(choice.value().port, expected.port);
        QCOMPARE(choice.value().user, expected.user);
        QCOMPARE(choice.value().password, expected.password);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addRow("a word") << u"hunter2"_s;
        QTest::addRow("no scheme") << u"hunter2.test:8080"_s;
        QTest::addRow("address without scheme") << u"127.0.0.1:8080"_s;
        QTest::addRow("https proxy") << u"https://me:hunter2@proxy.test:443"_s;
        QTest::addRow("socks4") << u"socks4://me:hunter2@proxy.test:1080"_s;
        QTest::addRow("no port") << u"http://me:hunter2@proxy.test"_s;
        QTest::addRow("port zero") << u"http://me:hunter2@proxy.test:0"_s;
        QTest::addRow("port too large") << u"http://me:hunter2@proxy.test:65536"_s;
        QTest::addRow("port is no number") << u"http://me:hunter2@proxy.test:x"_s;
        QTest::addRow("no host") << u"http://me:hunter2@:8080"_s;
        QTest::addRow("path") << u"http://me:hunter2@proxy.test:8080/proxy.pac"_s;
        QTest::addRow("query") << u"http://me:hunter2@proxy.test:8080?a=b"_s;
        QTest::addRow("fragment") << u"http://me:hunter2@proxy.test:8080#a"_s;
        QTest::addRow("space inside") << u"http://hunter2 .test:8080"_s;
    }
    void refuses()
    {
        QFETCH(QString, text);
        const Result<ProxyChoice> choice = ProxyChoice::parse(text);
        QVERIFY(!choice);
        QCOMPARE(choice.error().code, Error::Code::BadInput);
        QVERIFY(!choice.error().what.isEmpty());
        QVERIFY2(!describe(choice.error()).contains(u"hunter2"_s),
                 qPrintable(describe(choice.error())));
    }

    void namesTheProxyForQt()
    {
        using Kind = ProxyChoice::Kind;
        QCOMPARE(explicitProxy({Kind::None}).type(), QNetworkProxy::NoProxy);
        const QNetworkProxy http =
            explicitProxy({Kind::Http, u"proxy.test"_s, 8080, u"me"_s, u"pw"_s});
        QCOMPARE(http,
                 QNetworkProxy(QNetworkProxy::HttpProxy, u"proxy.test"_s, 8080, u"me"_s, u"pw"_s));
        QCOMPARE(explicitProxy({Kind::Socks5, u"h"_s, 1}).type(), QNetworkProxy::Socks5Proxy);
    }

    void knowsThisMachine_data()
    {
        QTest::addColumn<QUrl>("url");
        QTest::addColumn<bool>("expected");
        QTest::addRow("localhost") << QUrl(u"http://localhost:1/x"_s) << true;
        QTest::addRow("upper case") << QUrl(u"http://LocalHost"_s) << true;
        QTest::addRow("closing dot") << QUrl(u"http://localhost./"_s) << true;
        QTest::addRow("below localhost") << QUrl(u"http://a.localhost/"_s) << true;
        QTest::addRow("127.0.0.1") << QUrl(u"https://127.0.0.1/"_s) << true;
        QTest::addRow("127.1.2.3") << QUrl(u"http://127.1.2.3/"_s) << true;
        QTest::addRow("::1") << QUrl(u"http://[::1]:80/"_s) << true;
        QTest::addRow("mapped") << QUrl(u"http://[::ffff:127.0.0.1]/"_s) << true;
        QTest::addRow("name that starts alike") << QUrl(u"http://localhost.test/"_s) << false;
        QTest::addRow("name that ends alike") << QUrl(u"http://notlocalhost/"_s) << false;
        QTest::addRow("number in a name") << QUrl(u"http://127.0.0.1.test/"_s) << false;
        QTest::addRow("private address") << QUrl(u"http://192.168.0.1/"_s) << false;
        QTest::addRow("empty") << QUrl() << false;
    }
    void knowsThisMachine()
    {
        QFETCH(QUrl, url);
        QFETCH(bool, expected);
        QCOMPARE(isLoopbackTarget(url), expected);
    }
};

QTEST_GUILESS_MAIN(TstProxyChoice)
#include "tst_proxychoice.moc"
