// SPDX-License-Identifier: MIT
#include "app/cli/console.h"

#include "app/cli/commandline.h"

#include <cstdio>

#ifdef Q_OS_WIN
#include <io.h>
#include <windows.h>
#else
#include <csignal>
#include <termios.h>
#include <unistd.h>
#endif

namespace kirotray {

namespace {

#ifdef Q_OS_WIN
bool stdinIsTerminal()
{
    return _isatty(_fileno(stdin)) != 0;
}

/// Turns the terminal's echo off while it lives.
class EchoOff
{
public:
    EchoOff()
        : m_input(GetStdHandle(STD_INPUT_HANDLE))
    {
        GetConsoleMode(m_input, &m_before);
        SetConsoleMode(m_input, m_before & ~static_cast<DWORD>(ENABLE_ECHO_INPUT));
    }
    ~EchoOff() { SetConsoleMode(m_input, m_before); }
    Q_DISABLE_COPY_MOVE(EchoOff)

private:
    HANDLE m_input;
    DWORD m_before = 0;
};
#else
bool stdinIsTerminal()
{
    return isatty(STDIN_FILENO) != 0;
}

/// Turns the terminal's echo off while it lives. Signals that would end or suspend the program wait
/// until the echo is back.
class EchoOff
{
public:
    EchoOff()
    {
        sigset_t waiting;
        sigemptyset(&waiting);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGTSTP})
            sigaddset(&waiting, number);
        pthread_sigmask(SIG_BLOCK, &waiting, &m_signalsBefore);
        tcgetattr(STDIN_FILENO, &m_before);
        termios silent = m_before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~EchoOff()
    {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
        pthread_sigmask(SIG_SETMASK, &m_signalsBefore, nullptr);
    }
    Q_DISABLE_COPY_MOVE(EchoOff)

private:
    termios m_before {};
    sigset_t m_signalsBefore {};
};
#endif

QByteArray readLine()
{
    QByteArray answer;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
        answer.append(static_cast<char>(c));
    return answer;
}

QByteArray askSilently(const char *prompt)
{
    std::fputs(prompt, stderr);
    QByteArray answer;
    {
        const EchoOff silent;
        answer = readLine();
    }
    std::fputc('\n', stderr);
    return answer;
}

} // namespace

void printLine(const QString &line)
{
    std::fputs(line.toUtf8().constData(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void printError(const QString &message)
{
    std::fprintf(stderr, "kirotrayctl: %s\n", message.toUtf8().constData());
}

Result<Secret> askSecret(const QString &prompt)
{
    const QByteArray text =
        stdinIsTerminal() ? askSilently(prompt.toUtf8().constData()) : readLine();
    if (text.trimmed().isEmpty())
        return Error {Error::Code::BadInput, u"nothing was entered"_s};
    return Secret(text.trimmed());
}

Result<Secret> vaultPassphrase(bool isNew)
{
    const QByteArray given = environmentValue("KIROTRAY_VAULT_PASSPHRASE");
    if (!given.isEmpty())
        return Secret(given);
    if (!stdinIsTerminal())
        return Error {
            Error::Code::BadInput,
            u"the file vault needs a passphrase: set KIROTRAY_VAULT_PASSPHRASE, or run on a "
            "terminal"_s};
    const Secret first(askSilently("Vault passphrase: "));
    if (first.isEmpty())
        return Error {Error::Code::BadInput, u"the passphrase is empty"_s};
    if (isNew && !(first == Secret(askSilently("Once more: "))))
        return Error {Error::Code::BadInput, u"the two passphrases differ"_s};
    return first;
}

} // namespace kirotray
