// SPDX-License-Identifier: MIT
#include "ui/language.h"

#include "app/base/result.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>

namespace kirotray {

QString languageFor(const QString &choice, const QStringList &systemLanguages)
{
    for (const QString &wanted : QStringList {choice} + systemLanguages) {
        if (wanted.startsWith("zh"_L1, Qt::CaseInsensitive))
            return u"zh_CN"_s;
        if (wanted.startsWith("en"_L1, Qt::CaseInsensitive))
            return u"en"_s;
    }
    return u"en"_s;
}

Language::Language(QObject *parent)
    : QObject(parent)
{
}

void Language::use(const QString &choice)
{
    const QString wanted = languageFor(choice, QLocale::system().uiLanguages());
    if (wanted == m_current)
        return;
    m_current = wanted;
    // Region formats stay the user's where the languages agree.
    const QLocale system = QLocale::system();
    const QLocale locale(wanted);
    QLocale::setDefault(system.language() == locale.language() ? system : locale);
    for (QTranslator *translator : {&m_qt, &m_ours})
        QCoreApplication::removeTranslator(translator);
    if (m_qt.load(u"qtbase_"_s + wanted, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qt);
    if (m_ours.load(u":/i18n/kirotray_"_s + wanted))
        QCoreApplication::installTranslator(&m_ours);
}

} // namespace kirotray
