// SPDX-License-Identifier: MIT
#include "app/base/log.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/base/logoptions.h"
#include "app/base/secret.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMutex>

#include <atomic>
#include <cstdio>
#include <memory>

namespace kirotray {

Q_LOGGING_CATEGORY(logCore, "kirotray.core", QtInfoMsg)
Q_LOGGING_CATEGORY(logNet, "kirotray.net", QtInfoMsg)
Q_LOGGING_CATEGORY(logHttp, "kirotray.http", QtInfoMsg)
Q_LOGGING_CATEGORY(logKiro, "kirotray.kiro", QtInfoMsg)
Q_LOGGING_CATEGORY(logAccounts, "kirotray.accounts", QtInfoMsg)
Q_LOGGING_CATEGORY(logGateway, "kirotray.gateway", QtInfoMsg)
Q_LOGGING_CATEGORY(logSimulator, "kirotray.simulator", QtInfoMsg)
Q_LOGGING_CATEGORY(logUi, "kirotray.ui", QtInfoMsg)

namespace {

/// Where lines go. Guarded by one mutex, because Qt calls the handler on whatever thread logs.
class LogSink
{
public:
    bool open(const QString &name, bool toStderr)
    {
        const QMutexLocker lock(&m_mutex);
        m_toStderr = toStderr;
        m_file.reset();
        m_name = name;
        return name.isEmpty() || openFile();
    }

    void write(const QByteArray &line)
    {
        const QMutexLocker lock(&m_mutex);
        if (m_toStderr) {
            std::fwrite(line.constData(), 1, static_cast<std::size_t>(line.size()), stderr);
            std::fflush(stderr);
        }
        if (!m_file)
            return;
        if (m_size + line.size() > limits::MaxLogFile)
            rotate();
        if (m_file && m_file->write(line) == line.size())
            m_size += line.size();
    }

private:
    bool openFile()
    {
        QDir().mkpath(QFileInfo(m_name).absolutePath());
        auto file = std::make_unique<QFile>(m_name);
        if (!file->open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered))
            return false;
        file->setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        m_size = file->size();
        m_file = std::move(file);
        return true;
    }

    QString numbered(int number) const
    {
        return number == 0 ? m_name : m_name + u'.' + QString::number(number);
    }

    /// The file becomes .1, .1 becomes .2 and so on; the oldest goes.
    void rotate()
    {
        m_file.reset();
        QFile::remove(numbered(limits::MaxLogFiles - 1));
        for (int i = limits::MaxLogFiles - 1; i > 0; --i)
            QFile::rename(numbered(i - 1), numbered(i));
        // A file that would not move (held open by a viewer on Windows) is emptied: the bound
        // holds.
        if (QFile::exists(m_name))
            QFile::resize(m_name, 0);
        openFile();
    }

    QMutex m_mutex;
    QString m_name;
    std::unique_ptr<QFile> m_file;
    qint64 m_size = 0;
    bool m_toStderr = true;
};

LogSink &logSink()
{
    static LogSink sink;
    return sink;
}

const char *levelName(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return "debug";
    case QtInfoMsg:
        return "info";
    case QtWarningMsg:
        return "warning";
    case QtCriticalMsg:
        return "critical";
    case QtFatalMsg:
        return "fatal";
    }
    return "";
}

std::atomic_bool writesJsonLines = false;

QByteArray jsonLogLine(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    QByteArray utf8 = redacted(message).toUtf8();
    if (utf8.size() > limits::MaxLogLine)
        utf8 = QString::fromUtf8(utf8.first(limits::MaxLogLine)).toUtf8() + "...";
    std::string text;
    JsonWriter json(text);
    json.beginObject()
        .member("timestamp",
                QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString())
        .member("level", levelName(type))
        .member("service", context.category ? context.category : "default")
        .member("message", utf8.toStdString())
        .endObject();
    return QByteArray::fromStdString(text) + '\n';
}

/// One line whatever the message holds: a line break in it must not look like another message.
QByteArray logLine(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    QString text = redacted(message);
    text.replace(u'\n', "\\n"_L1).replace(u'\r', "\\r"_L1);
    QByteArray utf8 = text.toUtf8();
    if (utf8.size() > limits::MaxLogLine)
        utf8 = utf8.first(limits::MaxLogLine) + "...";
    const QByteArray now = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toUtf8();
    return now + ' ' + levelName(type) + ' ' + (context.category ? context.category : "default")
        + ' ' + utf8 + '\n';
}

void handleLogMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    // Qt itself may log while a line is written; that line would wait for the mutex for ever.
    thread_local bool isWriting = false;
    if (isWriting)
        return;
    isWriting = true;
    logSink().write(writesJsonLines ? jsonLogLine(type, context, message)
                                    : logLine(type, context, message));
    isWriting = false;
}

} // namespace

Result<Done> installLog(const QString &file, bool toStderr)
{
    const bool opened = logSink().open(file, toStderr || file.isEmpty());
    if (!opened)
        logSink().open({}, true);
    qInstallMessageHandler(handleLogMessage);
    if (!opened)
        return Error {Error::Code::Storage, u"the log file cannot be opened"_s, file};
    return Done {};
}

void setLogLevel(const QString &level)
{
    const bool isDebug = level == u"debug";
    const bool isInfo = isDebug || (level != u"warning" && level != u"error");
    const bool isWarning = level != u"error";
    const auto rule = [](QLatin1StringView name, bool isOn) {
        return u"kirotray.*.%1=%2\n"_s.arg(name, isOn ? u"true"_s : u"false"_s);
    };
    QLoggingCategory::setFilterRules(rule("debug"_L1, isDebug) + rule("info"_L1, isInfo)
                                     + rule("warning"_L1, isWarning));
}

void setLogFormat(bool asJson)
{
    writesJsonLines = asJson;
}

void uninstallLog()
{
    setLogFormat(false);
    QLoggingCategory::setFilterRules({});
    qInstallMessageHandler(nullptr);
    logSink().open({}, true);
}

} // namespace kirotray
