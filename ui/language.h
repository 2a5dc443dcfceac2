// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QStringList>
#include <QTranslator>

namespace kirotray {

/// Which of our languages a user sees, "zh_CN" or "en": the choice of the settings, or for an empty
/// or unknown one the first of the system's languages that we have, or English.
QString languageFor(const QString &choice, const QStringList &systemLanguages);

/// The language of the interface, its numbers and Qt's own texts. Windows get a LanguageChange
/// event when it changes. One per program; needs a QApplication.
class Language : public QObject
{
    Q_OBJECT
public:
    explicit Language(QObject *parent = nullptr);
    /// `choice` is the value of keys::Language.
    void use(const QString &choice);
    QString current() const { return m_current; }

private:
    QString m_current;
    QTranslator m_ours;
    QTranslator m_qt;
};

} // namespace kirotray
