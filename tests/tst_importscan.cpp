// SPDX-License-Identifier: MIT
#include "app/accounts/importscan.h"
#include "tests/clidatabase.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

using System = ScanPlaces::System;

/// Where sign-ins of other programs are looked for, on all systems (kiro-protocol §7.1, §7.2).
class TstImportScan : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void findsTheFilesOfEverySystem_data();
    void findsTheFilesOfEverySystem();
    void looksNowhereElse_data();
    void looksNowhereElse();
    void findsDatabases();
    void namesWhatIsThereButDamaged();
    void aFileWithTwoNamesIsFoundOnce();
    void followsTheEnvironment_data();
    void followsTheEnvironment();
    void understandsTheEncodingsOfWindowsPaths_data();
    void understandsTheEncodingsOfWindowsPaths();
    void thisUsersPlacesAreAbsolute();

private:
    bool write(const QString &name, const QByteArray &bytes) const
    {
        const QString path = m_folder->filePath(name);
        QFile file(path);
        return QDir().mkpath(QFileInfo(path).path()) && file.open(QIODevice::WriteOnly)
            && file.write(bytes) == bytes.size();
    }
    ScanPlaces places(System system, const QString &home = u"home"_s) const
    {
        return {system, m_folder->filePath(home), {}};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

const QByteArray ScannedToken = R"({"refreshToken":"aorEXAMPLE","authMethod":"social"})";

} // namespace

void TstImportScan::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TstImportScan::findsTheFilesOfEverySystem_data()
{
    QTest::addColumn<int>("system");
    QTest::addColumn<QString>("file");
    const auto row = [](System system, const char *file) {
        static constexpr std::array Names {"Linux", "macOS", "Windows"};
        QTest::addRow("%s: %s", Names.at(static_cast<std::size_t>(system)), file)
            << static_cast<int>(system) << QString::fromLatin1(file);
    };
    for (const System system : {System::Linux, System::MacOS, System::Windows}) {
        row(system, ".aws/sso/cache/kiro-auth-token.json");
        row(system, ".aws/sso/cache/kiro-auth-token-cli.json");
        row(system, ".kiro-account-manager/accounts.json");
        row(system, ".local/share/kiro-cli/data.sqlite3");
    }
    row(System::Linux, ".local/share/amazon-q/data.sqlite3");
    row(System::MacOS, "Library/Application Support/kiro-cli/data.sqlite3");
    row(System::MacOS, "Library/Application Support/amazon-q/data.sqlite3");
    row(System::Windows, "AppData/Local/kiro-cli/data.sqlite3");
    row(System::Windows, "AppData/Roaming/kiro-cli/data.sqlite3");
    row(System::Windows, "AppData/Local/amazon-q/data.sqlite3");
}

void TstImportScan::findsTheFilesOfEverySystem()
{
    QFETCH(int, system);
    QFETCH(QString, file);
    QVERIFY(scanForAccounts(places(static_cast<System>(system))).empty());
    QVERIFY(write(u"home/"_s + file, ScannedToken));
    const auto found = scanForAccounts(places(static_cast<System>(system)));
    QCOMPARE(found.size(), std::size_t(1));
    QCOMPARE(found.front().file, m_folder->filePath(u"home/"_s + file));
    QVERIFY(!found.front().error);
    QCOMPARE(found.front().accounts, 1);
    QVERIFY(!found.front().format.isEmpty());
}

void TstImportScan::looksNowhereElse_data()
{
    QTest::addColumn<int>("system");
    QTest::addColumn<QString>("file");
    QTest::addRow("Linux") << static_cast<int>(System::Linux)
                           << u"Library/Application Support/kiro-cli/data.sqlite3"_s;
    QTest::addRow("macOS") << static_cast<int>(System::MacOS)
                           << u"AppData/Local/kiro-cli/data.sqlite3"_s;
    QTest::addRow("another name") << static_cast<int>(System::Windows)
                                  << u".aws/sso/cache/other.json"_s;
}

void TstImportScan::looksNowhereElse()
{
    QFETCH(int, system);
    QFETCH(QString, file);
    QVERIFY(write(u"home/"_s + file, ScannedToken));
    QVERIFY(scanForAccounts(places(static_cast<System>(system))).empty());
}

void TstImportScan::findsDatabases()
{
    const QString folder = m_folder->filePath(u"home/.local/share/kiro-cli"_s);
    QVERIFY(QDir().mkpath(folder));
    {
        CliDatabase database(folder + u"/data.sqlite3"_s);
        QVERIFY(database.makeTables());
        QVERIFY(database.putText("kirocli:social:token",
                                 R"({"refresh_token":"aorEXAMPLE","provider":"google"})"));
    }
    const auto found = scanForAccounts(places(System::Linux));
    QCOMPARE(found.size(), std::size_t(1));
    QCOMPARE(found.front().format, u"Kiro CLI database"_s);
}

void TstImportScan::namesWhatIsThereButDamaged()
{
    QVERIFY(write(u"home/.aws/sso/cache/kiro-auth-token.json"_s, ScannedToken.chopped(3)));
    QVERIFY(write(u"home/.kiro-account-manager/accounts.json"_s, '[' + ScannedToken + ']'));
    const auto found = scanForAccounts(places(System::Linux));
    QCOMPARE(found.size(), std::size_t(2));
    QVERIFY(found[0].error && found[0].format.isEmpty());
    QVERIFY(!describe(*found[0].error).contains(u"EXAMPLE"));
    QVERIFY(!found[1].error);
}

void TstImportScan::aFileWithTwoNamesIsFoundOnce()
{
    QVERIFY(write(u"home/.aws/sso/cache/kiro-auth-token.json"_s, ScannedToken));
    const QString token = m_folder->filePath(u"home/.aws/sso/cache/kiro-auth-token.json"_s);
    QVERIFY(
        QFile::link(token, m_folder->filePath(u"home/.aws/sso/cache/kiro-auth-token-cli.json"_s)));
    ScanPlaces scanned = places(System::Linux);
    scanned.environment.insert(u"KIRO_CREDS_FILE"_s, token);
    QCOMPARE(scanForAccounts(scanned).size(), std::size_t(1));
}

void TstImportScan::followsTheEnvironment_data()
{
    QTest::addColumn<int>("system");
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("value"); // below the folder
    QTest::addColumn<QString>("file");
    const auto row = [](System system, const char *variable, const char *value, const char *file) {
        QTest::addRow("%s", variable) << static_cast<int>(system) << QString::fromLatin1(variable)
                                      << QString::fromLatin1(value) << QString::fromLatin1(file);
    };
    row(System::Linux, "XDG_DATA_HOME", "data", "data/kiro-cli/data.sqlite3");
    row(System::Windows, "LOCALAPPDATA", "local", "local/kiro-cli/data.sqlite3");
    row(System::Windows, "APPDATA", "roaming", "roaming/kiro-cli/data.sqlite3");
    row(System::Windows, "USERPROFILE", "profile", "profile/.aws/sso/cache/kiro-auth-token.json");
    row(System::Windows, "HOMEPATH", "me", "me/.aws/sso/cache/kiro-auth-token.json");
    row(System::MacOS, "KIRO_CREDS_FILE", "own.json", "own.json");
    row(System::Linux, "KIRO_CLI_DB_FILE", "own.sqlite3", "own.sqlite3");
    row(System::Linux, "KIRO_AUTH_TOKEN", "tokens.json", "tokens.json");
}

void TstImportScan::followsTheEnvironment()
{
    QFETCH(int, system);
    QFETCH(QString, variable);
    QFETCH(QString, value);
    QFETCH(QString, file);
    QVERIFY(write(file, ScannedToken));
    ScanPlaces scanned = places(static_cast<System>(system));
    QVERIFY(scanForAccounts(scanned).empty());
    scanned.environment.insert(variable, m_folder->filePath(value));
    const auto found = scanForAccounts(scanned);
    QCOMPARE(found.size(), std::size_t(1));
    QCOMPARE(found.front().file, m_folder->filePath(file));
}

void TstImportScan::understandsTheEncodingsOfWindowsPaths_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::addColumn<QString>("name"); // as the variable has it
    QTest::addRow("back slashes") << u""_s << u""_s << u"\\Users\\me"_s;
    QTest::addRow("a slash at its end") << u""_s << u""_s << u"\\Users\\me\\"_s;
    QTest::addRow("the long form") << u"\\\\?\\"_s << u""_s << u"\\Users\\me"_s;
    QTest::addRow("quotes") << u"\""_s << u"\""_s << u"\\Users\\me"_s;
    QTest::addRow("a URL") << u"file://"_s << u""_s << u"/Users/%6De"_s;
    QTest::addRow("a URL with back slashes") << u"file://"_s << u""_s << u"\\Users\\me"_s;
}

void TstImportScan::understandsTheEncodingsOfWindowsPaths()
{
    QFETCH(QString, before);
    QFETCH(QString, after);
    QFETCH(QString, name);
    QVERIFY(write(u"Users/me/.aws/sso/cache/kiro-auth-token.json"_s, ScannedToken));
    ScanPlaces scanned = places(System::Windows);
    QVERIFY(scanForAccounts(scanned).empty());
    scanned.environment.insert(u"USERPROFILE"_s, before + m_folder->path() + name + after);
    QCOMPARE(scanForAccounts(scanned).size(), std::size_t(1));
}

void TstImportScan::thisUsersPlacesAreAbsolute()
{
    const QStringList files = knownCredentialFiles(ScanPlaces::ofThisUser());
    QVERIFY(files.size() > 4);
    for (const QString &file : files)
        QVERIFY2(QDir::isAbsolutePath(file), qPrintable(file));
}

QTEST_GUILESS_MAIN(TstImportScan)
#include "tst_importscan.moc"
