// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>

class QSocketNotifier;

namespace kirotray {

/// SIGINT, SIGTERM and SIGHUP (Ctrl+C and console close on Windows) as a Qt signal. One instance;
/// main thread.
class TerminationSignals : public QObject
{
    Q_OBJECT
public:
    explicit TerminationSignals(QObject *parent = nullptr);
    ~TerminationSignals() override;

signals:
    void received();

private:
    QSocketNotifier *m_notifier = nullptr; ///< child
};

} // namespace kirotray
