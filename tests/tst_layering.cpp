// SPDX-License-Identifier: MIT
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace {

const QString Root = QStringLiteral(KIROTRAY_SOURCE_DIR);

const QMap<QString, int> &levels()
{
    static const QMap<QString, int> table {
        {u"app/base"_s, 0},      {u"app/net"_s, 1},      {u"app/http"_s, 1},
        {u"app/chat"_s, 1},      {u"app/flows"_s, 1},    {u"app/dialects"_s, 2},
        {u"app/kiro"_s, 3},      {u"app/accounts"_s, 4}, {u"app/context"_s, 4},
        {u"app/simulator"_s, 4}, {u"app/gateway"_s, 5},  {u"app/login"_s, 5},
        {u"app/clients"_s, 5},   {u"app/platform"_s, 5}, {u"app/admin"_s, 6},
        {u"app/core"_s, 7},      {u"app/cli"_s, 8},      {u"ui"_s, 8},
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

/// Why `file` must not include `included`; empty when it may.
QString violation(const QString &file, const QString &included)
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

/// Files of ours below `folder`, relative to the root; not what npm put there.
QStringList filesBelow(const QString &folder, const QStringList &names)
{
    const QDir dir(Root + u'/' + folder);
    QStringList files;
    for (const QString &name : dir.entryList(names, QDir::Files))
        files.append(folder + u'/' + name);
    for (const QString &name : dir.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        if (name != u"node_modules")
            files.append(filesBelow(folder + u'/' + name, names));
    return files;
}

QStringList sources(const QString &folder)
{
    return filesBelow(folder, {u"*.h"_s, u"*.cpp"_s, u"*.mm"_s});
}

QStringList buildFiles(const QString &folder)
{
    return filesBelow(folder, {u"CMakeLists.txt"_s, u"*.cmake"_s});
}

QString read(const QString &file)
{
    QFile handle(Root + u'/' + file);
    return handle.open(QIODevice::ReadOnly) ? QString::fromUtf8(handle.readAll()) : QString();
}

bool isAllowedQtHeader(const QString &name)
{
    static const QStringList folders = QStringLiteral(KIROTRAY_QT_HEADERS).split(u'|');
    return std::any_of(folders.begin(), folders.end(), [&name](const QString &folder) {
        return QFileInfo(folder + u'/' + name).isFile();
    });
}

// A rule takes a file's text and gives the first piece that breaks it, or nothing.

/// What app/ must not include: a Qt header that QtCore, QtNetwork and QtSql do not have.
QString foreignHeader(const QString &text)
{
    static const QRegularExpression include =
        expression(R"re(^\s*#\s*include\s*[<"](?:(Qt[A-Z]\w*)/)?(Q\w+|q\w+\.h)[>"])re");
    auto matches = include.globalMatch(text);
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        const QString module = match.captured(1);
        static const QStringList modules {u"QtCore"_s, u"QtNetwork"_s, u"QtSql"_s};
        if (!module.isEmpty() && !modules.contains(module))
            return match.captured(0);
        if (!isAllowedQtHeader(match.captured(2)))
            return match.captured(0);
    }
    return {};
}

/// What the build of app/ must not name: a Qt module other than Core, Network and Sql.
QString foreignModule(const QString &text)
{
    static const QRegularExpression linked = expression(
        R"(\bQt\d?::(?!(?:Core|Network|Sql)\b)\w+|\bfind_package\(\s*Qt\d?\b[^)]*\b(?:Gui|Widgets|Svg|Qml|Quick)\b)");
    return linked.match(text).captured(0);
}

/// app/ makes no text for the user: ui/ does, from codes.
QString translation(const QString &text)
{
    static const QRegularExpression call = expression(
        R"(\btr\(|\btranslate\(|\bqtTrId\(|\bQT_TR(?:ID|ANSLATE)?_N?_?NOOP\w*|\bQ_DECLARE_TR_FUNCTIONS\b)");
    return call.match(text).captured(0);
}

/// Modules that have no LGPL option.
QString gplOnlyModule(const QString &text)
{
    static const QString names =
        u"(?:Charts|HttpServer|NetworkAuth|Graphs|DataVisualization|VirtualKeyboard|Mqtt)"_s;
    static const QRegularExpression module(
        uR"(\bQt\d?(?:::)?%1\b|\bfind_package\(\s*Qt\d?\b[^)]*\b%1\b|QCustomPlot)"_s.arg(names));
    return module.match(text).captured(0);
}

/// Nested event loops and everything that holds a thread up.
QString waiting(const QString &text)
{
    static const QRegularExpression call = expression(
        R"(\bQEventLoop\b|\bprocessEvents\(|\bwaitFor[A-Z]\w*\(|\bBlockingQueuedConnection\b|\bQThread::[mu]?sleep\b|\bthis_thread::sleep_)");
    return call.match(text).captured(0);
}

/// The columns of the rows of a rule.
void textColumns()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isAllowed");
}

} // namespace

/// The rules of the architecture that text shows: a folder includes itself and folders of a
/// smaller level, and what the layers below the windows must not use.
class TstLayering : public QObject
{
    Q_OBJECT

private slots:
    void includesPointDownwards();
    void ruleCatchesAnUpwardInclude_data();
    void ruleCatchesAnUpwardInclude();
    void appUsesNoGui();
    void ruleCatchesAGuiHeader_data();
    void ruleCatchesAGuiHeader() { check(foreignHeader); }
    void ruleCatchesAGuiModule_data();
    void ruleCatchesAGuiModule() { check(foreignModule); }
    void appTranslatesNothing();
    void ruleCatchesATranslation_data();
    void ruleCatchesATranslation() { check(translation); }
    void noGplOnlyModuleIsLinked();
    void ruleCatchesAGplOnlyModule_data();
    void ruleCatchesAGplOnlyModule() { check(gplOnlyModule); }
    void nothingWaits();
    void ruleCatchesAWait_data();
    void ruleCatchesAWait() { check(waiting); }
    void sourcesStayShort();

private:
    using Rule = QString (*)(const QString &text);

    static void holds(Rule rule, const QStringList &files);
    static void check(Rule rule);
};

/// Over the files of the project.
void TstLayering::holds(Rule rule, const QStringList &files)
{
    QVERIFY(!files.isEmpty());
    QStringList found;
    for (const QString &file : files) {
        const QString text = read(file);
        QVERIFY2(!text.isEmpty(), qPrintable(file));
        const QString broken = rule(text);
        if (!broken.isEmpty())
            found.append(file + u": "_s + broken);
    }
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

/// Over a row.
void TstLayering::check(Rule rule)
{
    QFETCH(QString, text);
    QTEST(rule(text).isEmpty(), "isAllowed");
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

void TstLayering::appUsesNoGui()
{
    holds(foreignHeader, sources(u"app"_s));
    holds(foreignModule, buildFiles(u"app"_s));
}

void TstLayering::ruleCatchesAGuiHeader_data()
{
    textColumns();
    QTest::addRow("Core") << u"#include <QString>"_s << true;
    QTest::addRow("Core, small letters") << u"#include <qglobal.h>"_s << true;
    QTest::addRow("Core with its module") << u"#include <QtCore/QString>"_s << true;
    QTest::addRow("Network") << u"#include <QTcpSocket>"_s << true;
    QTest::addRow("no Qt") << u"#include <queue>\n#include <qt6keychain/keychain.h>"_s << true;
    QTest::addRow("comment") << u"// not #include <QWidget>"_s << true;
    QTest::addRow("Gui") << u"#include <QImage>"_s << false;
    QTest::addRow("Gui, small letters") << u"#include <qimage.h>"_s << false;
    QTest::addRow("Gui with its module") << u"#include <QtGui/QString>"_s << false;
    QTest::addRow("all of Gui") << u"#include <QtGui>"_s << false;
    QTest::addRow("Widgets") << u"#include <QString>\n#include <QLabel>"_s << false;
    QTest::addRow("with blanks") << u"  #  include  <QApplication>"_s << false;
    QTest::addRow("in quotes") << u"#include \"QApplication\""_s << false;
    QTest::addRow("Svg") << u"#include <QSvgRenderer>"_s << false;
    QTest::addRow("Test") << u"#include <QTest>"_s << false;
}

void TstLayering::ruleCatchesAGuiModule_data()
{
    textColumns();
    QTest::addRow("Core and Network") << u"PUBLIC Qt6::Core Qt6::Network"_s << true;
    QTest::addRow("found") << u"find_package(Qt6 6.4 COMPONENTS Core Network)"_s << true;
    QTest::addRow("other library") << u"PRIVATE qt6keychain Gui::Gui"_s << true;
    QTest::addRow("Gui") << u"PRIVATE Qt6::Gui"_s << false;
    QTest::addRow("Widgets") << u"PUBLIC Qt6::Core Qt6::Widgets"_s << false;
    QTest::addRow("Svg") << u"PRIVATE Qt6::Svg"_s << false;
    QTest::addRow("without version") << u"PRIVATE Qt::Widgets"_s << false;
    QTest::addRow("longer name") << u"PRIVATE Qt6::CoreTools"_s << false;
    QTest::addRow("Gui found") << u"find_package(Qt6 6.4 COMPONENTS Core\n    Gui)"_s << false;
}

void TstLayering::appTranslatesNothing()
{
    holds(translation, sources(u"app"_s));
}

void TstLayering::ruleCatchesATranslation_data()
{
    textColumns();
    QTest::addRow("literal") << u"return u\"text\"_s;"_s << true;
    QTest::addRow("substr") << u"text.substr(0, 1)"_s << true;
    QTest::addRow("own word") << u"translateAnswer(frame)"_s << true;
    QTest::addRow("tr") << u"return tr(\"Quit\");"_s << false;
    QTest::addRow("tr of a class") << u"QObject::tr(\"Quit\")"_s << false;
    QTest::addRow("translate") << u"QCoreApplication::translate(\"a\", \"b\")"_s << false;
    QTest::addRow("by id") << u"qtTrId(\"quit\")"_s << false;
    QTest::addRow("marked") << u"const char *text = QT_TR_NOOP(\"Quit\");"_s << false;
    QTest::addRow("marked with context") << u"QT_TRANSLATE_NOOP(\"a\", \"b\")"_s << false;
    QTest::addRow("marked with a number") << u"QT_TR_N_NOOP(\"%n\")"_s << false;
    QTest::addRow("class with tr") << u"Q_DECLARE_TR_FUNCTIONS(Core)"_s << false;
}

void TstLayering::noGplOnlyModuleIsLinked()
{
    QStringList files = {u"CMakeLists.txt"_s};
    for (const char16_t *folder :
         {u"app", u"ui", u"tests", u"resources", u"installer", u"translations"})
        files.append(buildFiles(QString::fromUtf16(folder)));
    QVERIFY(files.size() > 5);
    holds(gplOnlyModule, files + sources(u"app"_s) + sources(u"ui"_s));
}

void TstLayering::ruleCatchesAGplOnlyModule_data()
{
    textColumns();
    QTest::addRow("LGPL modules") << u"Qt6::Widgets Qt6::Svg Qt6::Network"_s << true;
    QTest::addRow("own words") << u"class HttpServer; Charts::draw();"_s << true;
    QTest::addRow("other package") << u"find_package(Graphs)"_s << true;
    QTest::addRow("linked") << u"PRIVATE Qt6::Charts"_s << false;
    QTest::addRow("linked without version") << u"PRIVATE Qt::NetworkAuth"_s << false;
    QTest::addRow("package") << u"find_package(Qt6HttpServer)"_s << false;
    QTest::addRow("component") << u"find_package(Qt6 6.4 REQUIRED COMPONENTS Core\n    Mqtt)"_s
                               << false;
    QTest::addRow("header") << u"#include <QtGraphs/QLineSeries>"_s << false;
    QTest::addRow("not of Qt") << u"add_library(QCustomPlot)"_s << false;
}

void TstLayering::nothingWaits()
{
    // The simulator's start and statistics are documented to block; nothing but tests and the demo
    // calls them.
    QStringList files = sources(u"app"_s) + sources(u"ui"_s);
    QCOMPARE(files.removeAll(u"app/simulator/simulator.cpp"_s), 1);
    holds(waiting, files);
}

void TstLayering::ruleCatchesAWait_data()
{
    textColumns();
    QTest::addRow("signal") << u"connect(a, &A::finished, b, &B::take);"_s << true;
    QTest::addRow("queued") << u"invokeMethod(q, work, Qt::QueuedConnection);"_s << true;
    QTest::addRow("own words") << u"int waitForm = 0; sleepUntil(due); QEventLoopLocker l;"_s
                               << true;
    QTest::addRow("event loop") << u"QEventLoop loop;"_s << false;
    QTest::addRow("processEvents") << u"QCoreApplication::processEvents();"_s << false;
    QTest::addRow("socket") << u"socket->waitForReadyRead(100)"_s << false;
    QTest::addRow("server") << u"server.waitForNewConnection(100)"_s << false;
    QTest::addRow("process") << u"process.waitForStarted();"_s << false;
    QTest::addRow("future") << u"future.waitForFinished();"_s << false;
    QTest::addRow("blocking call") << u"Qt::BlockingQueuedConnection"_s << false;
    QTest::addRow("sleep") << u"QThread::sleep(1);"_s << false;
    QTest::addRow("short sleep") << u"QThread::usleep(1);"_s << false;
    QTest::addRow("sleep of the standard") << u"std::this_thread::sleep_for(1ms);"_s << false;
}

void TstLayering::sourcesStayShort()
{
    const QStringList files = sources(u"app"_s) + sources(u"ui"_s);
    const QStringList tests = filesBelow(u"tests"_s, {u"*.cpp"_s});
    QVERIFY(tests.contains(u"tests/tst_layering.cpp"_s));
    for (const QString &file : files + tests) {
        const qsizetype lines = read(file).count(u'\n');
        QVERIFY2(lines <= 600, qPrintable(u"%1 has %2 lines"_s.arg(file).arg(lines)));
    }
}

QTEST_APPLESS_MAIN(TstLayering)
#include "tst_layering.moc"
