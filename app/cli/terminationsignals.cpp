// SPDX-License-Identifier: MIT
#include "app/cli/terminationsignals.h"

#include <QSocketNotifier>

#ifdef Q_OS_WIN
#include <windows.h>
#else
#include <array>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace kirotray {

#ifdef Q_OS_WIN

namespace {
TerminationSignals *theInstance = nullptr;

BOOL WINAPI onConsoleEvent(DWORD)
{
    // Called on a thread of its own.
    QMetaObject::invokeMethod(theInstance, &TerminationSignals::received, Qt::QueuedConnection);
    return TRUE;
}
} // namespace

TerminationSignals::TerminationSignals(QObject *parent)
    : QObject(parent)
{
    theInstance = this;
    SetConsoleCtrlHandler(onConsoleEvent, TRUE);
}

TerminationSignals::~TerminationSignals()
{
    SetConsoleCtrlHandler(onConsoleEvent, FALSE);
    theInstance = nullptr;
}

#else

namespace {
/// A signal handler may do little more than write(2): it writes here, the event loop reads there.
std::array<int, 2> signalPipe {-1, -1};

void onSignal(int)
{
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = write(signalPipe[0], &byte, 1);
}
} // namespace

TerminationSignals::TerminationSignals(QObject *parent)
    : QObject(parent)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, signalPipe.data()) != 0)
        return;
    m_notifier = new QSocketNotifier(signalPipe[1], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        [[maybe_unused]] const ssize_t got = read(signalPipe[1], &byte, 1);
        emit received();
    });
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        // What the parent had ignored stays so: nohup, and a shell's background job.
        struct sigaction before = {};
        sigaction(number, nullptr, &before);
        if (before.sa_handler != SIG_IGN)
            sigaction(number, &action, nullptr);
    }
}

TerminationSignals::~TerminationSignals()
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction current = {};
        sigaction(number, nullptr, &current);
        if (current.sa_handler == onSignal)
            std::signal(number, SIG_DFL);
    }
    for (int &end : signalPipe)
        close(std::exchange(end, -1));
}

#endif

} // namespace kirotray
