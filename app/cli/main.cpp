// SPDX-License-Identifier: MIT
#include "app/base/log.h"
#include "app/base/logoptions.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"

#include <QCoreApplication>
#include <QTimer>

using namespace kirotray;

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
    const Command *command = line.value().command;
    if (command == nullptr) {
        printLine(line.value().has(u"version"_s) ? u"kirotrayctl " KIROTRAY_VERSION ""_s
                                                 : helpText());
        return static_cast<int>(ExitCode::Ok);
    }
    // Serving writes a log of its own.
    (void)installLog({}, true);
    setLogLevel(u"error"_s);
    QObject owner;
    QTimer::singleShot(0, &owner, [&line, &owner, command] {
        command->run(line.value(), &owner,
                     [](ExitCode code) { QCoreApplication::exit(static_cast<int>(code)); });
    });
    return QCoreApplication::exec();
}
