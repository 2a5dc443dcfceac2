// SPDX-License-Identifier: MIT
// What the programs ask of the operating system: data folder, port owner, run file.
#include "app/platform/datafolder.h"
#include "app/platform/portowner.h"
#include "app/platform/runfile.h"

#include <QCoreApplication>
#include <QDir>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

class TstPlatform : public QObject
{
    Q_OBJECT

private slots:
    void aNewDataFolderIsItsOwnersOnly();
    void aFolderThatWasThereKeepsItsPermissions();
    void aDataFolderHasOneOwner();
    void aFolderThatCannotBeMadeIsRefused();
    void namesTheOwnersOfPorts();
    void theRunFileIsAHint_data();
    void theRunFileIsAHint();
};

void TstPlatform::aNewDataFolderIsItsOwnersOnly()
{
    const QTemporaryDir parent;
    const QString folder = parent.filePath(u"a/b"_s);
    QVERIFY(claimDataFolder(folder));
    const QFile::Permissions others = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup
        | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    QVERIFY(!(QFile::permissions(folder) & others));
}

void TstPlatform::aFolderThatWasThereKeepsItsPermissions()
{
    const QTemporaryDir folder;
    const QFile::Permissions open = QFile::permissions(folder.path()) | QFile::ReadGroup
        | QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther;
    QVERIFY(QFile::setPermissions(folder.path(), open));
    QVERIFY(claimDataFolder(folder.path()));
    QCOMPARE(QFile::permissions(folder.path()), open);
}

void TstPlatform::aDataFolderHasOneOwner()
{
    const QTemporaryDir folder;
    {
        const auto first = claimDataFolder(folder.path());
        QVERIFY(first);
        const auto second = claimDataFolder(folder.path());
        QVERIFY(!second);
        QCOMPARE(second.error().code, Error::Code::Storage);
        QVERIFY(
            second.error().what.contains(u"process %1"_s.arg(QCoreApplication::applicationPid())));
    }
    QVERIFY(claimDataFolder(folder.path()));
}

void TstPlatform::aFolderThatCannotBeMadeIsRefused()
{
    const auto claimed = claimDataFolder(u"/proc/kirotray"_s);
    QVERIFY(!claimed);
    QCOMPARE(claimed.error().path, u"/proc/kirotray"_s);
}

void TstPlatform::namesTheOwnersOfPorts()
{
#ifdef Q_OS_LINUX
    QTcpServer one;
    QTcpServer two;
    QVERIFY(one.listen(QHostAddress::LocalHost));
    QVERIFY(two.listen(QHostAddress::LocalHostIPv6));
    QTcpServer closed;
    QVERIFY(closed.listen(QHostAddress::LocalHost));
    const quint16 freePort = closed.serverPort();
    closed.close();
    const auto owners = portOwners({one.serverPort(), two.serverPort(), freePort});
    const QString us = u"tst_platform (process %1)"_s.arg(QCoreApplication::applicationPid());
    QCOMPARE(owners.value(one.serverPort()), us);
    QCOMPARE(owners.value(two.serverPort()), us);
    QVERIFY(!owners.contains(freePort));
#else
    QSKIP("only Linux tells");
#endif
}

void TstPlatform::theRunFileIsAHint_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QUrl>("url");
    QTest::addRow("whole") << QByteArray(R"({"url":"http://127.0.0.1:8747"})")
                           << QUrl(u"http://127.0.0.1:8747"_s);
    QTest::addRow("cut") << QByteArray(R"({"url":"http://127)") << QUrl();
    QTest::addRow("other JSON") << QByteArray("[1]") << QUrl();
    QTest::addRow("empty") << QByteArray() << QUrl();
}

void TstPlatform::theRunFileIsAHint()
{
    QFETCH(QByteArray, text);
    const QTemporaryDir folder;
    QVERIFY(readRunFile(folder.path()).isEmpty()); // absent
    QFile file(folder.filePath(u"run.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    QTEST(readRunFile(folder.path()), "url");
    writeRunFile(folder.path(), QUrl(u"http://127.0.0.1:1"_s));
    QCOMPARE(readRunFile(folder.path()), QUrl(u"http://127.0.0.1:1"_s));
    removeRunFile(folder.path());
    QVERIFY(readRunFile(folder.path()).isEmpty());
}

QTEST_GUILESS_MAIN(TstPlatform)
#include "tst_platform.moc"
