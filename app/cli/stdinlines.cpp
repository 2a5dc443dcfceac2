// SPDX-License-Identifier: MIT
#include "app/cli/stdinlines.h"

#include "app/base/limits.h"

#include <QCoreApplication>
#include <QPointer>

#include <array>
#include <cstdio>

#ifdef Q_OS_WIN
#include <thread>
#else
#include <QSocketNotifier>

#include <unistd.h>
#endif

namespace kirotray {

StdinLines::StdinLines(QObject *parent)
    : QObject(parent)
{
#ifdef Q_OS_WIN
    // A console cannot be watched there. The thread ends with the program.
    std::thread([this, guard = QPointer<StdinLines>(this)] {
        for (int c = std::getchar(); c != EOF; c = std::getchar())
            QMetaObject::invokeMethod(qApp, [guard, c] {
                if (guard)
                    guard->take(QByteArray(1, static_cast<char>(c)));
            });
    }).detach();
#else
    auto *notifier = new QSocketNotifier(STDIN_FILENO, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this, notifier] {
        std::array<char, 4096> piece;
        const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (count <= 0)
            notifier->setEnabled(false);
        else
            take(QByteArray(piece.data(), count));
    });
#endif
}

void StdinLines::take(const QByteArray &piece)
{
    m_rest += piece;
    for (qsizetype end = m_rest.indexOf('\n'); end >= 0; end = m_rest.indexOf('\n')) {
        const QByteArray text = m_rest.first(end).trimmed();
        m_rest.remove(0, end + 1);
        if (!text.isEmpty())
            emit line(text);
    }
    if (m_rest.size() > limits::MaxLoginInput)
        m_rest.clear();
}

QByteArray wholeStdin()
{
    QByteArray text;
    for (int c = std::getchar(); c != EOF && text.size() < limits::MaxImportFile;
         c = std::getchar())
        text.append(static_cast<char>(c));
    return text;
}

} // namespace kirotray
