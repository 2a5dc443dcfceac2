// SPDX-License-Identifier: MIT
#include "app/admin/settingrows.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

class TstSettingRows : public QObject
{
    Q_OBJECT

private slots:
    void showsEverySettingOfTheProgram();
    void changesAllOrNone();
    void refusesWhatCannotBe_data();
    void refusesWhatCannotBe();

private:
    Result<Done> change(Settings &settings, const char *json);
    QTemporaryDir m_folder;
};

Result<Done> TstSettingRows::change(Settings &settings, const char *json)
{
    const Result<JsonDocument> wanted = JsonDocument::parse(json);
    return wanted ? changeSettings(settings, wanted.value().root()) : Result<Done>(wanted.error());
}

/// A setting that is added to settings.h must be added to the rows.
void TstSettingRows::showsEverySettingOfTheProgram()
{
    const Settings settings(m_folder.filePath(u"all.ini"_s));
    std::string text;
    JsonWriter json(text);
    writeSettings(json, settings);
    const Result<JsonDocument> shown = JsonDocument::parse(text);
    QVERIFY(shown);
    QFile header(QStringLiteral(KIROTRAY_SOURCE_DIR) + u"/app/base/settings.h"_s);
    QVERIFY(header.open(QIODevice::ReadOnly));
    static const QRegularExpression name(u"[{]\\s*\"([a-z]+/[A-Za-z]+)\"_L1"_s);
    auto matches = name.globalMatch(QString::fromUtf8(header.readAll()));
    int count = 0;
    while (matches.hasNext()) {
        const QString setting = matches.next().captured(1);
        QVERIFY2(!shown.value().root()[setting.toStdString()].isMissing(), qPrintable(setting));
        ++count;
    }
    QCOMPARE(count, shown.value().root().size());
}

void TstSettingRows::changesAllOrNone()
{
    Settings settings(m_folder.filePath(u"change.ini"_s));
    QVERIFY(change(settings, R"({"pool/maxFailures": 7, "flows/bodies": true})"));
    QCOMPARE(settings.get(keys::PoolMaxFailures), 7);
    QVERIFY(settings.get(keys::FlowBodies));
    QVERIFY(!change(settings, R"({"pool/maxFailures": 9, "flows/bodies": "maybe"})"));
    QCOMPARE(settings.get(keys::PoolMaxFailures), 7);
}

void TstSettingRows::refusesWhatCannotBe_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("path");
    QTest::addRow("a number out of range")
        << QByteArray(R"({"proxy/port": 80})") << u"proxy/port"_s;
    QTest::addRow("a text for a number")
        << QByteArray(R"({"proxy/port": "9000"})") << u"proxy/port"_s;
    QTest::addRow("a number for a switch")
        << QByteArray(R"({"flows/record": 1})") << u"flows/record"_s;
    QTest::addRow("an unknown strategy")
        << QByteArray(R"({"pool/strategy": "best"})") << u"pool/strategy"_s;
    QTest::addRow("a proxy with a password")
        << QByteArray(R"({"net/proxy": "http:\u002f/me:secret@proxy:1"})") << u"net/proxy"_s;
    QTest::addRow("an unknown setting") << QByteArray(R"({"no/such": 1})") << u"no/such"_s;
}

void TstSettingRows::refusesWhatCannotBe()
{
    QFETCH(QByteArray, json);
    Settings settings(m_folder.filePath(u"refuse.ini"_s));
    const Result<Done> changed = change(settings, json.constData());
    QVERIFY(!changed);
    QTEST(changed.error().path, "path");
    QVERIFY(!describe(changed.error()).contains(u"secret"));
}

QTEST_GUILESS_MAIN(TstSettingRows)
#include "tst_settingrows.moc"
