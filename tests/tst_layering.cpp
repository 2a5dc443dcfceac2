// SPDX-License-Identifier: MIT
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::Literals::StringLiterals;

/// The include table of the architecture: a folder includes itself and folders of a smaller level.
class TstLayering : public QObject
{
    Q_OBJECT

private slots:
    void includesPointDownwards();
    void ruleCatchesAnUpwardInclude_data();
    void ruleCatchesAnUpwardInclude();
    void appUsesNoGuiAndNoTranslation();
    void noGplOnlyModuleIsLinked();
    void nothingWaits();
    void sourcesStayShort();

private:
    static QString violation(const QString &file, const QString &included);
    static QStringList sources(const QString &folder);
    static QString read(const QString &file);
};

namespace {

const QString Root = QStringLiteral(KIROTRAY_SOURCE_DIR);

const QMap<QString, int> &levels()
{
    static const QMap<QString, int> table {
        {u"app/base"_s, 0},      {u"app/net"_s, 1},      {u"app/http"_s, 1},
        {u"app/chat"_s, 1},      {u"app/flows"_s, 1},    {u"app/dialects"_s, 2},
        {u"app/kiro"_s, 3},      {u"app/accounts"_s, 4}, {u"app/context"_s, 4},
        {u"app/simulator"_s, 4}, {u"app/gateway"_s, 5},  {u"app/login"_s, 5},
        {u"app/clients"_s, 5},   {u"app/platform"_s, 5}, {u"app/core"_s, 6},
        {u"app/cli"_s, 7},       {u"ui"_s, 7},
    };
    return table;
}

QString folderOf(const QString &file)
{
    if (file.startsWith(u"ui/"))
        return u"ui"_s;
    const QStringList parts = file.split(u'/');
    if (parts.size() == 2) // app/core.h
        return u"app/core"_s;
    return parts.mid(0, 2).join(u'/');
}

QRegularExpression expression(const char *pattern)
{
    return QRegularExpression(QString::fromLatin1(pattern), QRegularExpression::MultilineOption);
}

} // namespace

QString TstLayering::violation(const QString &file, const QString &included)
{
    const QString from = folderOf(file);
    const QString to = folderOf(included);
    if (!levels().contains(from) || !levels().contains(to))
        return u"unknown folder"_s;
    if (from == to || levels()[to] < levels()[from])
        return {};
    return u"%1 (level %2) includes %3 (level %4)"_s.arg(from)
        .arg(levels()[from])
        .arg(to)
        .arg(levels()[to]);
}

QStringList TstLayering::sources(const QString &folder)
{
    QStringList files;
    QDirIterator walk(Root + u'/' + folder, {u"*.h"_s, u"*.cpp"_s, u"*.mm"_s}, QDir::Files,
                      QDirIterator::Subdirectories);
    while (walk.hasNext())
        files.append(QDir(Root).relativeFilePath(walk.next()));
    return files;
}

QString TstLayering::read(const QString &file)
{
    QFile handle(Root + u'/' + file);
    return handle.open(QIODevice::ReadOnly) ? QString::fromUtf8(handle.readAll()) : QString();
}

void TstLayering::includesPointDownwards()
{
    static const QRegularExpression include =
        expression(R"re(^\s*#\s*include\s+"((?:app|ui)/[^"]+)")re");
    const QStringList files = sources(u"app"_s) + sources(u"ui"_s);
    QVERIFY(files.size() > 40);
    QStringList found;
    for (const QString &file : files) {
        auto matches = include.globalMatch(read(file));
        while (matches.hasNext()) {
            const QString broken = violation(file, matches.next().captured(1));
            if (!broken.isEmpty())
                found.append(file + u": "_s + broken);
        }
    }
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

void TstLayering::ruleCatchesAnUpwardInclude_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("included");
    QTest::addColumn<bool>("isAllowed");
    QTest::addRow("down") << u"app/gateway/a.cpp"_s << u"app/http/b.h"_s << true;
    QTest::addRow("own folder") << u"app/kiro/a.cpp"_s << u"app/kiro/b.h"_s << true;
    QTest::addRow("up") << u"app/base/a.cpp"_s << u"app/net/b.h"_s << false;
    QTest::addRow("sideways") << u"app/http/a.cpp"_s << u"app/net/b.h"_s << false;
    QTest::addRow("core from below") << u"app/gateway/a.cpp"_s << u"app/core.h"_s << false;
    QTest::addRow("ui from app") << u"app/core.cpp"_s << u"ui/trayicon.h"_s << false;
    QTest::addRow("unlisted folder") << u"app/misc/a.cpp"_s << u"app/base/b.h"_s << false;
}

void TstLayering::ruleCatchesAnUpwardInclude()
{
    QFETCH(QString, file);
    QFETCH(QString, included);
    QTEST(violation(file, included).isEmpty(), "isAllowed");
}

void TstLayering::appUsesNoGuiAndNoTranslation()
{
    static const QRegularExpression forbidden = expression(
        R"(#\s*include\s+<(?:Qt(?:Gui|Widgets)|QApplication|QGuiApplication|QWidget|QIcon|QImage|QPixmap|QColor|QPainter|QFont)\b|\btr\(|\btranslate\()");
    for (const QString &file : sources(u"app"_s)) {
        const auto match = forbidden.match(read(file));
        QVERIFY2(!match.hasMatch(), qPrintable(file + u": "_s + match.captured(0)));
    }
}

void TstLayering::noGplOnlyModuleIsLinked()
{
    static const QRegularExpression module = expression(
        R"(\b(?:Qt6::|Qt6?)(Charts|HttpServer|NetworkAuth|Graphs|DataVisualization|VirtualKeyboard|Mqtt)\b|QCustomPlot)");
    QDirIterator walk(Root, {u"CMakeLists.txt"_s}, QDir::Files, QDirIterator::Subdirectories);
    int seen = 0;
    while (walk.hasNext()) {
        const QString file = QDir(Root).relativeFilePath(walk.next());
        ++seen;
        QVERIFY2(!module.match(read(file)).hasMatch(), qPrintable(file));
    }
    QVERIFY(seen > 5);
    for (const QString &file : sources(u"app"_s) + sources(u"ui"_s))
        QVERIFY2(!module.match(read(file)).hasMatch(), qPrintable(file));
}

void TstLayering::nothingWaits()
{
    static const QRegularExpression waiting = expression(
        R"(\bQEventLoop\b|processEvents\(|waitFor(?:ReadyRead|Connected|BytesWritten|Finished|Disconnected)\(|BlockingQueuedConnection|QThread::m?sleep)");
    // The simulator's start and statistics are documented to block; nothing but tests and the demo
    // calls them.
    for (const QString &file : sources(u"app"_s) + sources(u"ui"_s)) {
        if (file == u"app/simulator/simulator.cpp")
            continue;
        const auto match = waiting.match(read(file));
        QVERIFY2(!match.hasMatch(), qPrintable(file + u": "_s + match.captured(0)));
    }
}

void TstLayering::sourcesStayShort()
{
    for (const QString &file : sources(u"app"_s) + sources(u"ui"_s)) {
        const qsizetype lines = read(file).count(u'\n');
        QVERIFY2(lines <= 600, qPrintable(u"%1 has %2 lines"_s.arg(file).arg(lines)));
    }
}

QTEST_APPLESS_MAIN(TstLayering)
#include "tst_layering.moc"
