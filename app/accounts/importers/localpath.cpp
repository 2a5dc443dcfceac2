// SPDX-License-Identifier: MIT
#include "app/accounts/importers/localpath.h"

#include <QDir>
#include <QRegularExpression>
#include <QUrl>

namespace kirotray {

using namespace Qt::Literals::StringLiterals;

namespace {

bool hasDriveLetter(const QString &path)
{
    return path.size() >= 2 && path.at(1) == u':' && path.at(0).unicode() < 0x80
        && path.at(0).isLetter();
}

QString withoutQuotes(const QString &text)
{
    QString path = text.trimmed();
    for (const QChar quote : {QChar(u'"'), QChar(u'\'')}) {
        if (path.size() >= 2 && path.startsWith(quote) && path.endsWith(quote))
            path = path.mid(1, path.size() - 2).trimmed();
    }
    return path;
}

/// `\\?\C:\x` and `\\?\UNC\server\x` are the long forms of `C:\x` and `\\server\x`.
QString withoutLongPrefix(const QString &path)
{
    if (path.startsWith(u"//?/UNC/", Qt::CaseInsensitive))
        return u"//"_s + path.mid(8);
    return path.startsWith(u"//?/") || path.startsWith(u"//./") ? path.mid(4) : path;
}

QString fromFileUrl(const QString &text)
{
    QString path = QUrl::fromPercentEncoding(text.mid(5).toUtf8());
    path.replace(u'\\', u'/');
    if (path.startsWith(u"///"))
        path = path.mid(2);
    const bool isDrive = path.startsWith(u'/') && hasDriveLetter(path.mid(1));
    return isDrive ? path.mid(1) : path;
}

} // namespace

QString localPathOf(const QString &text, const QString &home, bool isWindows)
{
    QString path = withoutQuotes(text);
    if (path.startsWith(u"file:", Qt::CaseInsensitive))
        return fromFileUrl(path);
    // A back slash is a letter of Unix names, but no such name starts like this.
    if (isWindows || hasDriveLetter(path) || path.startsWith(u"\\\\") || path.startsWith(u"~\\"))
        path.replace(u'\\', u'/');
    path = withoutLongPrefix(path);
    if (path == u"~" || path.startsWith(u"~/"))
        return home + path.mid(1);
    static const QRegularExpression shellDrive(u"^/([A-Za-z])/"_s);
    const QRegularExpressionMatch drive = shellDrive.match(path);
    if (isWindows && drive.hasMatch())
        return drive.captured(1).toUpper() + u":/"_s + path.mid(3);
    return path;
}

QString localPathOf(const QString &text)
{
#ifdef Q_OS_WIN
    constexpr bool isWindows = true;
#else
    constexpr bool isWindows = false;
#endif
    return localPathOf(text, QDir::homePath(), isWindows);
}

} // namespace kirotray
