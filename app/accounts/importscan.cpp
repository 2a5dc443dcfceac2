// SPDX-License-Identifier: MIT
#include "app/accounts/importscan.h"

#include "app/accounts/importer.h"
#include "app/accounts/importers/localpath.h"

#include <QDir>
#include <QFileInfo>
#include <QProcessEnvironment>
#include <QSet>

#include <algorithm>

namespace kirotray {

namespace {

using System = ScanPlaces::System;

/// A variable as a path; empty when it is not set.
QString placeIn(const ScanPlaces &places, const QString &variable)
{
    const QString text = places.environment.value(variable);
    return text.isEmpty() ? QString()
                          : localPathOf(text, places.home, places.system == System::Windows);
}

/// On Windows programs disagree about which variable names it.
QStringList homesOf(const ScanPlaces &places)
{
    const bool isWindows = places.system == System::Windows;
    QStringList homes {localPathOf(places.home, places.home, isWindows)};
    if (!isWindows)
        return homes;
    const QString drive = places.environment.value(u"HOMEDRIVE"_s);
    const QString path = places.environment.value(u"HOMEPATH"_s);
    homes << placeIn(places, u"USERPROFILE"_s) << placeIn(places, u"HOME"_s);
    if (!path.isEmpty())
        homes << localPathOf(drive + path, places.home, true);
    homes.removeAll(QString());
    homes.removeDuplicates();
    return homes;
}

/// The folders that hold `kiro-cli` and `amazon-q` (kiro-protocol §7.2), likely ones first.
QStringList cliFolders(const ScanPlaces &places, const QStringList &homes)
{
    QStringList folders;
    switch (places.system) {
    case System::Linux:
        folders << placeIn(places, u"XDG_DATA_HOME"_s);
        break;
    case System::MacOS:
        for (const QString &home : homes)
            folders << home + u"/Library/Application Support"_s;
        break;
    case System::Windows:
        folders << placeIn(places, u"LOCALAPPDATA"_s) << placeIn(places, u"APPDATA"_s);
        for (const QString &home : homes)
            folders << home + u"/AppData/Local"_s << home + u"/AppData/Roaming"_s;
        break;
    }
    for (const QString &home : homes)
        folders << home + u"/.local/share"_s;
    folders.removeAll(QString());
    return folders;
}

/// The IDE's file and its siblings, such as kiro-auth-token-cli.json.
QStringList tokenFilesIn(const QString &folder)
{
    QStringList files {folder + u"/kiro-auth-token.json"_s};
    for (const QString &name :
         QDir(folder).entryList({u"kiro-auth-token*.json"_s}, QDir::Files, QDir::Name))
        files << folder + u'/' + name;
    return files;
}

} // namespace

ScanPlaces ScanPlaces::ofThisUser()
{
    ScanPlaces places;
#if defined(Q_OS_WIN)
    places.system = System::Windows;
#elif defined(Q_OS_MACOS)
    places.system = System::MacOS;
#endif
    places.home = QDir::homePath();
    const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : environment.keys())
        places.environment.insert(name, environment.value(name));
    return places;
}

QStringList knownCredentialFiles(const ScanPlaces &places)
{
    const QStringList homes = homesOf(places);
    QStringList files;
    for (const QString &home : homes)
        files << tokenFilesIn(home + u"/.aws/sso/cache"_s);
    for (const QString &folder : cliFolders(places, homes))
        files << folder + u"/kiro-cli/data.sqlite3"_s << folder + u"/amazon-q/data.sqlite3"_s;
    for (const QString &home : homes)
        files << home + u"/.kiro-proxy/config.json"_s
              << home + u"/.kiro-account-manager/accounts.json"_s;
    for (const char *variable : {"KIRO_CREDS_FILE", "KIRO_CLI_DB_FILE", "KIRO_AUTH_TOKEN"})
        files << placeIn(places, QString::fromLatin1(variable));
    const auto isNoPlace = [](const QString &file) {
        return QDir::isRelativePath(file) || file.startsWith(u'[') || file.startsWith(u'{');
    };
    files.erase(std::remove_if(files.begin(), files.end(), isNoPlace), files.end());
    for (QString &file : files)
        file = QDir::cleanPath(file);
    files.removeDuplicates();
    return files;
}

std::vector<ScanFinding> scanForAccounts(const ScanPlaces &places)
{
    std::vector<ScanFinding> findings;
    QSet<QString> seen; // one file may have two names
    for (const QString &file : knownCredentialFiles(places)) {
        const QFileInfo place(file);
        if (!place.isFile() || seen.contains(place.canonicalFilePath()))
            continue;
        seen.insert(place.canonicalFilePath());
        ScanFinding finding;
        finding.file = file;
        if (const Result<ImportFinding> found = findAccounts(file)) {
            finding.format = found.value().format;
            finding.accounts = static_cast<int>(found.value().accounts.size());
        } else {
            finding.error = found.error();
        }
        findings.push_back(std::move(finding));
    }
    return findings;
}

} // namespace kirotray
