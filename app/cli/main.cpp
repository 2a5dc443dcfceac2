// SPDX-License-Identifier: MIT
#include "app/base/log.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"

#include <QCoreApplication>
#include <QTimer>

namespace {

using namespace kirotray;

void run(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    switch (line.command) {
    case CommandLine::Command::Serve:
        return runServe(line, owner, done);
    case CommandLine::Command::AccountsImport:
        return runAccountsImport(line, owner, done);
    case CommandLine::Command::AccountsList:
        return runAccountsList(line, owner, done);
    case CommandLine::Command::AccountsRemove:
        return runAccountsRemove(line, owner, done);
    case CommandLine::Command::ShowKey:
        return runShowKey(line, owner, done);
    case CommandLine::Command::Status:
        return runStatus(line, owner, done);
    case CommandLine::Command::Help:
        printLine(helpText());
        return done(ExitCode::Ok);
    case CommandLine::Command::Version:
        printLine(u"kirotrayctl " KIROTRAY_VERSION ""_s);
        return done(ExitCode::Ok);
    }
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(u"kirotrayctl"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(KIROTRAY_VERSION));
    const Result<CommandLine> line = parseCommandLine(QCoreApplication::arguments());
    if (!line) {
        printError(line.error().what + u"; see kirotrayctl --help"_s);
        return static_cast<int>(ExitCode::Usage);
    }
    QObject owner;
    QTimer::singleShot(0, &owner, [&line, &owner] {
        run(line.value(), &owner,
            [](ExitCode code) { QCoreApplication::exit(static_cast<int>(code)); });
    });
    return QCoreApplication::exec();
}
