// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/base/log.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <memory>
#include <vector>

using namespace kirotray;

class TstLog : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_file = m_dir->filePath(u"logs/kirotray.log"_s);
    }
    void cleanup() { uninstallLog(); }

    void writesOneLineAMessage()
    {
        QVERIFY(installLog(m_file, false));
        qCInfo(logNet).noquote() << "call done id=1a2b3c4d";
        qCWarning(logCore).noquote() << "second";
        const QList<QByteArray> lines = written();
        QCOMPARE(lines.size(), 2);
        const QList<QByteArray> words = lines[0].split(' ');
        QVERIFY(QDateTime::fromString(QString::fromLatin1(words[0]), Qt::ISODateWithMs).isValid());
        QCOMPARE(lines[0].mid(words[0].size()), " info kirotray.net call done id=1a2b3c4d");
        QVERIFY(lines[1].endsWith(" warning kirotray.core second"));
    }

    void everyCategoryStartsAtInfo()
    {
        QVERIFY(installLog(m_file, false));
        const std::vector<const QLoggingCategory *> categories {
            &logCore(),     &logNet(),     &logHttp(),      &logKiro(),
            &logAccounts(), &logGateway(), &logSimulator(), &logUi()};
        for (const QLoggingCategory *category : categories) {
            QVERIFY2(category->isInfoEnabled(), category->categoryName());
            QVERIFY2(!category->isDebugEnabled(), category->categoryName());
            QVERIFY(QByteArray(category->categoryName()).startsWith("kirotray."));
        }
        qCDebug(logNet) << "unwanted";
        QCOMPARE(written().size(), 0);
    }

    void masksSecrets()
    {
        QVERIFY(installLog(m_file, false));
        qCInfo(logAccounts).noquote() << "got {\"accessToken\":\"hunter2\"} Bearer hunter2hunter2";
        qInfo("plain refresh_token=hunter2");
        const QByteArray all = written().join('\n');
        QVERIFY2(!all.contains("hunter2"), all.constData());
        QVERIFY2(all.contains("\"accessToken\":\"***\""), all.constData());
        QVERIFY2(all.contains(" info default plain refresh_token=***"), all.constData());
    }

    void aMessageCannotForgeALine()
    {
        QVERIFY(installLog(m_file, false));
        qCInfo(logNet).noquote() << "a\nb\r\nc";
        const QList<QByteArray> lines = written();
        QCOMPARE(lines.size(), 1);
        QVERIFY2(lines[0].endsWith(" a\\nb\\r\\nc"), lines[0].constData());
    }

    void cutsAnOverlongMessage()
    {
        QVERIFY(installLog(m_file, false));
        qCInfo(logNet).noquote() << QString(limits::MaxLogLine * 2, u'x');
        QCOMPARE(written().size(), 1);
        QVERIFY(written()[0].endsWith("xxx..."));
        QCOMPARE_LE(written()[0].size(), limits::MaxLogLine + 100);
    }

    void appendsToTheFileThatIsThere()
    {
        QVERIFY(installLog(m_file, false));
        qCInfo(logNet) << "first";
        uninstallLog();
        QVERIFY(installLog(m_file, false));
        qCInfo(logNet) << "second";
        QCOMPARE(written().size(), 2);
    }

    void onlyTheOwnerMayReadTheFile()
    {
#ifdef Q_OS_WIN
        QSKIP("Windows has access lists");
#endif
        QVERIFY(installLog(m_file, false));
        const QFileDevice::Permissions others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
            | QFileDevice::ReadOther | QFileDevice::WriteOther;
        QVERIFY(!(QFile::permissions(m_file) & others));
    }

    void rotatesAndKeepsFive()
    {
        QVERIFY(installLog(m_file, false));
        const QString kilobyte(1000, u'x');
        const int linesAFile = static_cast<int>(limits::MaxLogFile / 1000);
        for (int i = 0; i < linesAFile * (limits::MaxLogFiles + 2); ++i)
            qCInfo(logNet).noquote() << i << kilobyte;
        const QDir folder = QFileInfo(m_file).dir();
        const QStringList files = folder.entryList(QDir::Files, QDir::Name);
        QCOMPARE(files,
                 QStringList({u"kirotray.log"_s, u"kirotray.log.1"_s, u"kirotray.log.2"_s,
                              u"kirotray.log.3"_s, u"kirotray.log.4"_s}));
        int newest = std::numeric_limits<int>::max();
        for (const QString &name : files) {
            const QByteArray content = read(folder.filePath(name));
            QCOMPARE_LE(content.size(), limits::MaxLogFile);
            QVERIFY(content.endsWith("x\n")); // no line is torn
            const int first = content.split(' ')[3].toInt();
            QVERIFY2(first < newest, qPrintable(name)); // each older than the one before
            newest = first;
        }
    }

    void reportsAFileThatCannotBeOpened()
    {
        QFile blocker(m_dir->filePath(u"logs"_s));
        QVERIFY(blocker.open(QIODevice::WriteOnly));
        const Result<Done> installed = installLog(m_file, false);
        QVERIFY(!installed);
        QCOMPARE(installed.error().code, Error::Code::Storage);
        QCOMPARE(installed.error().path, m_file);
        qCInfo(logNet) << "the program goes on, with stderr";
        QVERIFY(!QFile::exists(m_file));
    }

    void reportsAFolderInPlaceOfTheFile()
    {
        QVERIFY(QDir().mkpath(m_file));
        const Result<Done> installed = installLog(m_file, false);
        QVERIFY(!installed);
        QCOMPARE(installed.error().code, Error::Code::Storage);
    }

    void worksWithoutAFile()
    {
        QVERIFY(installLog({}, true));
        qCInfo(logNet) << "to stderr only";
        QVERIFY(!QFile::exists(m_file));
    }

    void nothingIsWrittenAfterUninstall()
    {
        QVERIFY(installLog(m_file, false));
        uninstallLog();
        qCInfo(logNet) << "to Qt's own handler";
        QCOMPARE(written().size(), 0);
    }

    void threadsDoNotMixTheirLines()
    {
        QVERIFY(installLog(m_file, false));
        constexpr int Threads = 4;
        constexpr int Lines = 500;
        std::vector<std::unique_ptr<QThread>> threads;
        for (int t = 0; t < Threads; ++t) {
            threads.emplace_back(QThread::create([t] {
                for (int i = 0; i < Lines; ++i)
                    qCInfo(logNet).noquote() << u"thread=%1 line=%2 end"_s.arg(t).arg(i);
            }));
            threads.back()->start();
        }
        for (const auto &thread : threads)
            QVERIFY(thread->wait());
        const QList<QByteArray> lines = written();
        QCOMPARE(lines.size(), Threads * Lines);
        std::vector<int> next(Threads, 0);
        for (const QByteArray &line : lines) {
            const int thread = line.mid(line.indexOf("thread=") + 7, 1).toInt();
            const QByteArray expected = "thread=" + QByteArray::number(thread)
                + " line=" + QByteArray::number(next[static_cast<std::size_t>(thread)]++) + " end";
            QVERIFY2(line.endsWith(" info kirotray.net " + expected), line.constData());
        }
    }

private:
    static QByteArray read(const QString &name)
    {
        QFile file(name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    QList<QByteArray> written() const
    {
        QList<QByteArray> lines = read(m_file).split('\n');
        lines.removeLast(); // behind the last line break
        return lines;
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_file;
};

QTEST_GUILESS_MAIN(TstLog)
#include "tst_log.moc"
