// SPDX-License-Identifier: MIT
#include "app/platform/browsers.h"

#include <QTest>

using namespace kirotray;

class TstBrowsers : public QObject
{
    Q_OBJECT

private slots:
    void listsThoseThatAreThere();
    void takesAnotherNameOfABrowser();
    void doesNotStartAnUnknownOne();
};

void TstBrowsers::listsThoseThatAreThere()
{
    const std::vector<Browser> none = browsersBy([](const QString &) { return QString(); });
    QVERIFY(none.empty());
    const std::vector<Browser> two = browsersBy([](const QString &program) {
        return program == u"firefox" || program == u"chromium" ? u"/opt/"_s + program : QString();
    });
    QCOMPARE(two.size(), std::size_t(2));
    QCOMPARE(two.at(0).id, u"firefox"_s);
    QCOMPARE(two.at(0).privateOption, u"-private-window"_s);
    QCOMPARE(two.at(1).id, u"chromium"_s);
}

void TstBrowsers::takesAnotherNameOfABrowser()
{
    const std::vector<Browser> found = browsersBy([](const QString &program) {
        return program == u"firefox-esr" ? u"/usr/bin/firefox-esr"_s : QString();
    });
    QCOMPARE(found.size(), std::size_t(1));
    QCOMPARE(found.front().id, u"firefox"_s);
}

void TstBrowsers::doesNotStartAnUnknownOne()
{
    const Result<Done> opened =
        openInBrowser(QUrl(u"https://example.com/"_s), u"no-such-browser"_s, false);
    QVERIFY(!opened);
    QCOMPARE(opened.error().code, Error::Code::BadInput);
    QVERIFY(!describe(opened.error()).contains(u"example.com"));
}

QTEST_APPLESS_MAIN(TstBrowsers)
#include "tst_browsers.moc"
