// SPDX-License-Identifier: MIT
#include "app/platform/browsers.h"

#include <QFileInfo>
#include <QProcess>
#include <QSettings>
#include <QStandardPaths>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

struct BrowserRow
{
    const char *id;
    const char *name;
    std::array<const char *, 3> programs; ///< names to look for; the first that is there counts
    const char *privateOption;
};

constexpr std::array BrowserRows {
    BrowserRow {"firefox", "Firefox", {"firefox", "firefox-esr", nullptr}, "-private-window"},
    BrowserRow {"chrome",
                "Google Chrome",
                {"google-chrome", "google-chrome-stable", "chrome"},
                "--incognito"},
    BrowserRow {"chromium", "Chromium", {"chromium", "chromium-browser", nullptr}, "--incognito"},
    BrowserRow {"edge",
                "Microsoft Edge",
                {"microsoft-edge", "microsoft-edge-stable", "msedge"},
                "--inprivate"},
    BrowserRow {"brave", "Brave", {"brave-browser", "brave", nullptr}, "--incognito"},
    BrowserRow {"opera", "Opera", {"opera", nullptr, nullptr}, "--private"},
    BrowserRow {"vivaldi", "Vivaldi", {"vivaldi", "vivaldi-stable", nullptr}, "--incognito"},
#ifdef Q_OS_MACOS
    BrowserRow {"safari", "Safari", {"Safari", nullptr, nullptr}, ""},
#endif
};

QString findBrowserProgram(const QString &program)
{
#ifdef Q_OS_WIN
    for (const QString &root : {u"HKEY_CURRENT_USER"_s, u"HKEY_LOCAL_MACHINE"_s}) {
        const QSettings paths(root
                                  + u"\\Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\"_s
                                  + program + u".exe"_s,
                              QSettings::NativeFormat);
        const QString file = paths.value(u"."_s).toString().remove(u'"');
        if (QFileInfo(file).isFile())
            return file;
    }
#endif
#ifdef Q_OS_MACOS
    for (const BrowserRow &row : BrowserRows)
        if (program == QLatin1StringView(row.programs.front())) {
            const QString bundle = u"/Applications/%1.app"_s.arg(QLatin1StringView(row.name));
            if (QFileInfo(bundle).isDir())
                return bundle;
        }
#endif
    return QStandardPaths::findExecutable(program);
}

} // namespace

std::vector<Browser> browsersBy(const std::function<QString(const QString &program)> &find)
{
    std::vector<Browser> found;
    for (const BrowserRow &row : BrowserRows) {
        for (const char *name : row.programs) {
            const QString program = name ? find(QString::fromLatin1(name)) : QString();
            if (program.isEmpty())
                continue;
            Browser browser;
            browser.id = QString::fromLatin1(row.id);
            browser.name = QString::fromLatin1(row.name);
            browser.program = program;
            browser.privateOption = QString::fromLatin1(row.privateOption);
#ifdef Q_OS_MACOS
            browser.program = u"/usr/bin/open"_s;
            browser.arguments = {u"-na"_s, program, u"--args"_s};
#endif
            found.push_back(std::move(browser));
            break;
        }
    }
    return found;
}

std::vector<Browser> installedBrowsers()
{
    return browsersBy(findBrowserProgram);
}

Result<Done> openInBrowser(const QUrl &url, const QString &browserId, bool inPrivateWindow)
{
    QString program;
    QStringList arguments;
    if (browserId.isEmpty()) {
#if defined(Q_OS_WIN)
        program = u"rundll32"_s;
        arguments = {u"url.dll,FileProtocolHandler"_s};
#elif defined(Q_OS_MACOS)
        program = u"/usr/bin/open"_s;
#else
        program = QStandardPaths::findExecutable(u"xdg-open"_s);
#endif
    } else {
        const std::vector<Browser> browsers = installedBrowsers();
        const auto chosen = std::find_if(browsers.begin(), browsers.end(),
                                         [&](const Browser &one) { return one.id == browserId; });
        if (chosen == browsers.end())
            return Error {Error::Code::BadInput, u"there is no browser '%1' here"_s.arg(browserId)};
        program = chosen->program;
        arguments = chosen->arguments;
        if (inPrivateWindow && !chosen->privateOption.isEmpty())
            arguments.append(chosen->privateOption);
    }
    arguments.append(url.toString(QUrl::FullyEncoded));
    if (program.isEmpty() || !QProcess::startDetached(program, arguments))
        return Error {Error::Code::Storage, u"no browser could be started"_s};
    return Done {};
}

} // namespace kirotray
