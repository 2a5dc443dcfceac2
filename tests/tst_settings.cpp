// SPDX-License-Identifier: MIT
#include "app/base/settings.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace kirotray;

class TstSettings : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_file = m_dir->filePath(u"settings.ini"_s);
    }

    void aFreshInstallHasTheFallbacks()
    {
        const Settings settings(m_file);
        QCOMPARE(settings.get(keys::ProxyPort), 8747);
        QCOMPARE(settings.get(keys::ProxyHost), u"127.0.0.1"_s);
        QCOMPARE(settings.get(keys::ProxyStartWithProgram), true);
        QCOMPARE(settings.get(keys::OutboundProxy), u"system"_s);
        QCOMPARE(settings.get(keys::Language), QString());
        QVERIFY(!QFile::exists(m_file)); // reading writes nothing
    }

    void keepsValuesOverARestart()
    {
        {
            Settings settings(m_file);
            QVERIFY(settings.set(keys::ProxyPort, 9000));
            QVERIFY(settings.set(keys::ProxyStartWithProgram, false));
            QVERIFY(settings.set(keys::ProxyHost, u"::1"_s));
            QVERIFY(settings.set(keys::Language, u"a, \"b\"; %c = ü\\"_s));
        }
        const Settings again(m_file);
        QCOMPARE(again.get(keys::ProxyPort), 9000);
        QCOMPARE(again.get(keys::ProxyStartWithProgram), false);
        QCOMPARE(again.get(keys::ProxyHost), u"::1"_s);
        QCOMPARE(again.get(keys::Language), u"a, \"b\"; %c = ü\\"_s);
    }

    void isOnDiskAtOnce()
    {
        Settings settings(m_file);
        QVERIFY(settings.set(keys::ProxyPort, 9000));
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().replace("\r\n", "\n"), "[proxy]\nport=9000\n");
    }

    void aValueOfAWrongKindReadsAsItsFallback_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addRow("port is a word") << QByteArray("port=many");
        QTest::addRow("port is empty") << QByteArray("port=");
        QTest::addRow("port is a fraction") << QByteArray("port=80.5");
        QTest::addRow("port below its range") << QByteArray("port=1023");
        QTest::addRow("port above its range") << QByteArray("port=65536");
        QTest::addRow("port is negative") << QByteArray("port=-9000");
        QTest::addRow("port is too large for a number") << QByteArray("port=99999999999999999999");
        QTest::addRow("port is a list") << QByteArray("port=9000, 9001");
        QTest::addRow("switch is a word") << QByteArray("startWithProgram=maybe");
        QTest::addRow("switch is a number") << QByteArray("startWithProgram=0");
        QTest::addRow("switch is empty") << QByteArray("startWithProgram=");
        QTest::addRow("host is a list") << QByteArray("host=a, b");
        QTest::addRow("host is a Qt value") << QByteArray("host=@Point(1 2)");
        QTest::addRow("host is bytes") << QByteArray("host=@ByteArray(a)");
    }
    void aValueOfAWrongKindReadsAsItsFallback()
    {
        QFETCH(QByteArray, content);
        write("[proxy]\n" + content + "\n");
        const Settings settings(m_file);
        QCOMPARE(settings.get(keys::ProxyPort), keys::ProxyPort.fallback);
        QCOMPARE(settings.get(keys::ProxyStartWithProgram), keys::ProxyStartWithProgram.fallback);
        QCOMPARE(settings.get(keys::ProxyHost), QString(keys::ProxyHost.fallback));
    }

    void readsTheEndsOfARange_data()
    {
        QTest::addColumn<int>("port");
        QTest::addRow("lowest") << 1024;
        QTest::addRow("highest") << 65535;
    }
    void readsTheEndsOfARange()
    {
        QFETCH(int, port);
        Settings settings(m_file);
        QVERIFY(settings.set(keys::ProxyPort, port));
        QCOMPARE(settings.get(keys::ProxyPort), port);
    }

    void refusesANumberOutOfRange()
    {
        Settings settings(m_file);
        QSignalSpy changed(&settings, &Settings::changed);
        for (const int port : {1023, 65536, 0, -1}) {
            const Result<Done> done = settings.set(keys::ProxyPort, port);
            QVERIFY(!done);
            QCOMPARE(done.error().code, Error::Code::BadInput);
            QCOMPARE(done.error().path, u"proxy/port"_s);
        }
        QCOMPARE(settings.get(keys::ProxyPort), 8747);
        QCOMPARE(changed.size(), 0);
    }

    void aDamagedFileReadsAsFallbacksAndCanBeWritten_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addRow("no section end") << QByteArray("[proxy\nport=1\n");
        QTest::addRow("line without equals") << QByteArray("[proxy]\nport\n");
        QTest::addRow("bytes") << QByteArray("\0\xff[[[=\n;;%zz\n=", 14);
        QTest::addRow("cut in a string") << QByteArray("[proxy]\nhost=\"127.0");
        QTest::addRow("empty") << QByteArray();
    }
    void aDamagedFileReadsAsFallbacksAndCanBeWritten()
    {
        QFETCH(QByteArray, content);
        write(content);
        Settings settings(m_file);
        QCOMPARE(settings.get(keys::ProxyPort), 8747);
        QSignalSpy changed(&settings, &Settings::changed);
        QVERIFY(settings.set(keys::ProxyPort, 9000));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(settings.get(keys::ProxyPort), 9000);
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("port=9000"));
    }

    void aDamagedFileDoesNotHideThatItCannotBeWritten()
    {
        write("[proxy]\nport\n");
        Settings settings(m_file);
        QVERIFY(QFile::remove(m_file));
        QVERIFY(QDir().mkpath(m_file));
        const Result<Done> done = settings.set(keys::ProxyPort, 9000);
        QVERIFY(!done);
        QCOMPARE(done.error().code, Error::Code::Storage);
        QCOMPARE(settings.get(keys::ProxyPort), 8747);
    }

    void tellsOnlyRealChanges()
    {
        Settings settings(m_file);
        QSignalSpy changed(&settings, &Settings::changed);
        QVERIFY(settings.set(keys::ProxyPort, 8747)); // the fallback
        QVERIFY(settings.set(keys::ProxyStartWithProgram, true));
        QVERIFY(settings.set(keys::Language, QString()));
        QCOMPARE(changed.size(), 0);
        QVERIFY(settings.set(keys::ProxyPort, 9000));
        QVERIFY(settings.set(keys::ProxyPort, 9000));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].value<QLatin1StringView>(), "proxy/port"_L1);
        QVERIFY(settings.set(keys::ProxyPort, 8747)); // back
        QCOMPARE(changed.size(), 2);
        QVERIFY(settings.set(keys::Language, u"en"_s));
        QCOMPARE(changed.size(), 3);
        QCOMPARE(changed[2][0].value<QLatin1StringView>(), "ui/language"_L1);
    }

    void theSignalComesAfterTheValue()
    {
        Settings settings(m_file);
        int seen = 0;
        connect(&settings, &Settings::changed, this, [&] { seen = settings.get(keys::ProxyPort); });
        QVERIFY(settings.set(keys::ProxyPort, 9000));
        QCOMPARE(seen, 9000);
    }

    void aFileThatCannotBeWrittenIsAnErrorAndKeepsTheOldValue()
    {
        const QString blocked = m_dir->filePath(u"not-a-folder/settings.ini"_s);
        QFile blocker(m_dir->filePath(u"not-a-folder"_s));
        QVERIFY(blocker.open(QIODevice::WriteOnly));
        blocker.close();
        Settings settings(blocked);
        QSignalSpy changed(&settings, &Settings::changed);
        const Result<Done> done = settings.set(keys::ProxyPort, 9000);
        QVERIFY(!done);
        QCOMPARE(done.error().code, Error::Code::Storage);
        QCOMPARE(done.error().path, blocked);
        QCOMPARE(settings.get(keys::ProxyPort), 8747);
        QVERIFY(!settings.set(keys::Language, u"en"_s));
        QCOMPARE(settings.get(keys::Language), QString());
        QCOMPARE(changed.size(), 0);

        // Once it can be written, it works without a restart.
        QVERIFY(blocker.remove());
        QVERIFY(settings.set(keys::ProxyPort, 9001));
        QCOMPARE(settings.get(keys::ProxyPort), 9001);
        QCOMPARE(settings.get(keys::Language), QString());
        QCOMPARE(changed.size(), 1);
        QCOMPARE(Settings(blocked).get(keys::ProxyPort), 9001);
    }

    void namesAreUnique()
    {
        const QStringList names {keys::ProxyPort.name, keys::ProxyHost.name,
                                 keys::ProxyStartWithProgram.name, keys::OutboundProxy.name,
                                 keys::Language.name};
        QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), names.size());
    }

private:
    void write(const QByteArray &content)
    {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(content), content.size());
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_file;
};

QTEST_GUILESS_MAIN(TstSettings)
#include "tst_settings.moc"
