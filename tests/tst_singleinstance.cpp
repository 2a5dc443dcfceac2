// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/platform/singleinstance.h"

#include <QLocalSocket>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QtEndian>

#include <cstdio>
#include <optional>

using namespace kirotray;

namespace {

constexpr auto InstanceName = "tst"_L1;

} // namespace

class TstSingleInstance : public QObject
{
    Q_OBJECT
private slots:
    void theFirstIsFirstAndTheSecondIsNot()
    {
        SingleInstance first(m_dir.path(), InstanceName);
        SingleInstance second(m_dir.path(), InstanceName);
        QVERIFY(claimed(first));
        QVERIFY(!claimed(second));
        QVERIFY2(claimed(first), "asking again changes nothing");
    }

    void anotherNameIsAnotherProgram()
    {
        SingleInstance first(m_dir.path(), InstanceName);
        SingleInstance other(m_dir.path(), u"other"_s);
        QVERIFY(claimed(first));
        QVERIFY(claimed(other));
    }

    void theNextBecomesFirstWhenTheFirstHasEnded()
    {
        std::optional<SingleInstance> first;
        first.emplace(m_dir.path(), InstanceName);
        QVERIFY(claimed(*first));
        first.reset();
        SingleInstance next(m_dir.path(), InstanceName);
        QVERIFY(claimed(next));
    }

    void handsTheArgumentsOver_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addRow("program only") << QStringList {u"kirotray"_s};
        QTest::addRow("options") << QStringList {u"kirotray"_s, u"--data-dir"_s, u"/a b"_s};
        QTest::addRow("empty argument in the middle") << QStringList {u"k"_s, u""_s, u"x"_s};
        QTest::addRow("Chinese and a line break") << QStringList {u"k"_s, u"数据\n目录"_s};
        QTest::addRow("nearly too long") << QStringList {u"k"_s, QString(60 * 1024, u'x')};
    }
    void handsTheArgumentsOver()
    {
        QFETCH(QStringList, arguments);
        SingleInstance first(m_dir.path(), InstanceName);
        SingleInstance second(m_dir.path(), InstanceName);
        QVERIFY(claimed(first));
        QSignalSpy received(&first, &SingleInstance::received);
        std::vector<bool> endings;
        second.handOver(arguments, this, [&](const Result<Done> &result) {
            endings.push_back(static_cast<bool>(result));
        });
        QTRY_COMPARE(endings.size(), size_t(1));
        QVERIFY(endings.front());
        QTRY_COMPARE(received.size(), 1);
        QCOMPARE(received.first().first().toStringList(), arguments);
    }

    void handsOverToAFirstCopyThatListensLater()
    {
        SingleInstance second(m_dir.path(), InstanceName);
        SingleInstance first(m_dir.path(), InstanceName);
        std::optional<bool> taken;
        QTimer::singleShot(limits::HandOverRetry * 3, this, [&] { QVERIFY(claimed(first)); });
        second.handOver({u"k"_s}, this,
                        [&](const Result<Done> &result) { taken = static_cast<bool>(result); });
        QTRY_VERIFY(taken.has_value());
        QVERIFY(*taken);
    }

    void saysSoWhenNobodyAnswers()
    {
        SingleInstance second(m_dir.path(), InstanceName);
        std::optional<Error> error;
        second.handOver({u"k"_s}, this,
                        [&](const Result<Done> &result) { error = result.error(); });
        QTRY_VERIFY_WITH_TIMEOUT(error.has_value(), 8000);
        QCOMPARE(error->code, Error::Code::Timeout);
    }

    void refusesACommandLineThatIsTooLong()
    {
        SingleInstance second(m_dir.path(), InstanceName);
        std::optional<Error> error;
        second.handOver({QString(70 * 1024, u'x')}, this,
                        [&](const Result<Done> &result) { error = result.error(); });
        QTRY_VERIFY(error.has_value());
        QCOMPARE(error->code, Error::Code::BadInput);
    }

    void endsAsCancelledWhenDestroyed()
    {
        std::optional<SingleInstance> second;
        second.emplace(m_dir.path(), InstanceName);
        std::vector<Error::Code> endings;
        second->handOver({u"k"_s}, this, [&](const Result<Done> &result) {
            endings.push_back(result.error().code);
        });
        second.reset();
        QCOMPARE(endings, std::vector<Error::Code> {Error::Code::Cancelled});
    }

    void aBrokenMessageHarmsNobody_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addRow("a length of 4 GB") << QByteArray("\xff\xff\xff\xffxx");
        QTest::addRow("one byte, then gone") << QByteArray("\0", 1);
        QTest::addRow("half a message, then gone") << QByteArray("\0\0\0\x09"
                                                                 "abc",
                                                                 7);
    }
    void aBrokenMessageHarmsNobody()
    {
        QFETCH(QByteArray, bytes);
        SingleInstance first(m_dir.path(), InstanceName);
        QVERIFY(claimed(first));
        QSignalSpy received(&first, &SingleInstance::received);
        QLocalSocket stranger;
        stranger.connectToServer(m_dir.filePath(u"tst.socket"_s));
        QTRY_COMPARE(stranger.state(), QLocalSocket::ConnectedState);
        stranger.write(bytes);
        stranger.disconnectFromServer();
        QTRY_COMPARE(stranger.state(), QLocalSocket::UnconnectedState);

        SingleInstance second(m_dir.path(), InstanceName);
        std::optional<bool> taken;
        second.handOver({u"good"_s}, this,
                        [&](const Result<Done> &result) { taken = static_cast<bool>(result); });
        QTRY_VERIFY(taken.has_value());
        QVERIFY(*taken);
        QCOMPARE(received.size(), 1);
        QCOMPARE(received.first().first().toStringList(), QStringList {u"good"_s});
    }

    void takesOverFromACopyThatWasKilled()
    {
        QProcess copy;
        copy.start(QCoreApplication::applicationFilePath(), {u"--claim"_s, m_dir.path()});
        QTRY_VERIFY(copy.canReadLine());
        QCOMPARE(copy.readLine().trimmed(), QByteArray("first"));
        SingleInstance next(m_dir.path(), InstanceName);
        QVERIFY(!claimed(next));
        copy.kill();
        QTRY_COMPARE(copy.state(), QProcess::NotRunning);
        QVERIFY(claimed(next));
    }

    void theSocketBelongsToTheUserAlone()
    {
#ifdef Q_OS_UNIX
        SingleInstance first(m_dir.path(), InstanceName);
        QVERIFY(claimed(first));
        const auto others =
            QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        const auto found = QFile::permissions(m_dir.filePath(u"tst.socket"_s));
        QVERIFY(found & QFile::WriteOwner);
        QCOMPARE(found & others, QFile::Permissions());
#else
        QSKIP("pipes have no file permissions");
#endif
    }

    void theNameFollowsTheDataFolder()
    {
        QTemporaryDir other;
        const QString name = SingleInstance::nameFor(m_dir.path());
        QCOMPARE(SingleInstance::nameFor(m_dir.path() + u"/."_s), name);
        QVERIFY(SingleInstance::nameFor(other.path()) != name);
    }

    void theNameStaysWhenTheDataFolderIsMade()
    {
#ifdef Q_OS_UNIX
        const QString link = m_dir.filePath(u"link"_s);
        QVERIFY(QFile::link(m_dir.path(), link));
        const QString before = SingleInstance::nameFor(link + u"/a/b"_s);
        QVERIFY(QDir(m_dir.path()).mkpath(u"a/b"_s));
        QCOMPARE(SingleInstance::nameFor(link + u"/a/b"_s), before);
        QCOMPARE(SingleInstance::nameFor(m_dir.filePath(u"a/b"_s)), before);
#else
        QSKIP("links differ here");
#endif
    }

    void aFolderThatIsNotThereIsAnError()
    {
        SingleInstance first(m_dir.filePath(u"missing"_s), InstanceName);
        const Result<bool> result = first.claim();
        QVERIFY(!result);
        QCOMPARE(result.error().code, Error::Code::Storage);
    }

private:
    static bool claimed(SingleInstance &instance)
    {
        const Result<bool> result = instance.claim();
        return result && result.value();
    }

    QTemporaryDir m_dir;
};

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc == 3 && qstrcmp(argv[1], "--claim") == 0) {
        SingleInstance copy(QString::fromLocal8Bit(argv[2]), InstanceName);
        const Result<bool> first = copy.claim();
        std::puts(first && first.value() ? "first" : "not first");
        std::fflush(stdout);
        return QCoreApplication::exec();
    }
    TstSingleInstance test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_singleinstance.moc"
