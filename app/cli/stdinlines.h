// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QObject>

namespace kirotray {

/// Lines of standard input as they come, each at most limits::MaxLoginInput, without the line
/// break; nothing after its end. Main thread.
class StdinLines : public QObject
{
    Q_OBJECT
public:
    explicit StdinLines(QObject *parent = nullptr);

signals:
    void line(const QByteArray &text);

private:
    void take(const QByteArray &piece);
    QByteArray m_rest; ///< of an unfinished line
};

/// Everything on standard input, at most limits::MaxImportFile. Waits for its end: for commands
/// that do nothing else meanwhile.
QByteArray wholeStdin();

} // namespace kirotray
