// SPDX-License-Identifier: MIT
#include "app/base/settings.h"

#include <QSettings>

namespace kirotray {

namespace {

/// An INI file holds text only; a list is a line with unquoted commas, which nothing here writes.
std::optional<QString> storedText(const QSettings &file, QLatin1StringView name)
{
    const QVariant value = file.value(QString(name));
    if (value.metaType().id() == QMetaType::QString)
        return value.toString();
    return std::nullopt;
}

} // namespace

Settings::Settings(const QString &file, QObject *parent)
    : QObject(parent)
    , m_file(std::make_unique<QSettings>(file, QSettings::IniFormat))
{
}

Settings::~Settings() = default;

bool Settings::get(const Key<bool> &key) const
{
    const QString text = storedText(*m_file, key.name).value_or(QString());
    if (text == "true"_L1)
        return true;
    return text == "false"_L1 ? false : key.fallback;
}

int Settings::get(const Key<int> &key) const
{
    bool isNumber = false;
    const int value = storedText(*m_file, key.name).value_or(QString()).toInt(&isNumber);
    return isNumber && value >= key.min && value <= key.max ? value : key.fallback;
}

QString Settings::get(const Key<QLatin1StringView> &key) const
{
    return storedText(*m_file, key.name).value_or(QString(key.fallback));
}

Result<Done> Settings::set(const Key<bool> &key, bool value)
{
    if (value == get(key))
        return Done {};
    return setText(key.name, value ? u"true"_s : u"false"_s);
}

Result<Done> Settings::set(const Key<int> &key, int value)
{
    if (value < key.min || value > key.max)
        return Error {Error::Code::BadInput, u"must be from %1 to %2"_s.arg(key.min).arg(key.max),
                      QString(key.name)};
    if (value == get(key))
        return Done {};
    return setText(key.name, QString::number(value));
}

Result<Done> Settings::set(const Key<QLatin1StringView> &key, const QString &value)
{
    if (value == get(key))
        return Done {};
    return setText(key.name, value);
}

Result<Done> Settings::setText(QLatin1StringView name, const QString &text)
{
    // QSettings never forgets an error, and its first one (a damaged line, which does no harm)
    // hides the next. A new one over the same file, which Qt does not read again, starts clean.
    if (m_file->status() != QSettings::NoError)
        m_file = std::make_unique<QSettings>(m_file->fileName(), QSettings::IniFormat);
    const QVariant before = m_file->value(QString(name));
    m_file->setValue(QString(name), text);
    m_file->sync();
    if (m_file->status() == QSettings::AccessError) {
        if (before.isValid())
            m_file->setValue(QString(name), before);
        else
            m_file->remove(QString(name));
        return Error {Error::Code::Storage, u"the settings file cannot be written"_s,
                      m_file->fileName()};
    }
    emit changed(name);
    return Done {};
}

} // namespace kirotray

#include "moc_settings.cpp"
