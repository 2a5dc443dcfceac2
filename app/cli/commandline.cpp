// SPDX-License-Identifier: MIT
#include "app/cli/commandline.h"

#include "app/platform/datafolder.h"

#include <QCommandLineParser>

namespace kirotray {

namespace {

struct CommandName
{
    QStringList words;
    CommandLine::Command command;
    int minArguments;
    int maxArguments; ///< -1: any number
};

const std::vector<CommandName> &commandNames()
{
    using Command = CommandLine::Command;
    static const std::vector<CommandName> names {
        {{u"serve"_s}, Command::Serve, 0, 0},
        {{u"accounts"_s, u"import"_s}, Command::AccountsImport, 1, -1},
        {{u"accounts"_s, u"list"_s}, Command::AccountsList, 0, 0},
        {{u"accounts"_s, u"remove"_s}, Command::AccountsRemove, 1, 1},
        {{u"key"_s}, Command::ShowKey, 0, 0},
        {{u"status"_s}, Command::Status, 0, 0},
    };
    return names;
}

Error usage(const QString &what)
{
    return {Error::Code::BadInput, what};
}

void addOptions(QCommandLineParser &parser)
{
    parser.addOptions({
        {{u"h"_s, u"help"_s}, {}},
        {{u"v"_s, u"version"_s}, {}},
        {u"data-dir"_s, {}, u"D"_s},
        {u"vault"_s, {}, u"keychain|file"_s},
        {u"json"_s, {}},
        {u"host"_s, {}, u"H"_s},
        {u"port"_s, {}, u"P"_s},
        {u"api-key"_s, {}, u"K"_s},
        {u"no-key"_s, {}},
        {u"demo"_s, {}},
    });
}

Result<Done> readCommand(const QStringList &words, CommandLine &line)
{
    for (const CommandName &name : commandNames()) {
        if (words.mid(0, name.words.size()) != name.words)
            continue;
        line.command = name.command;
        line.arguments = words.mid(name.words.size());
        const qsizetype count = line.arguments.size();
        if (count < name.minArguments)
            return usage(u"%1: an argument is missing"_s.arg(name.words.join(u' ')));
        if (name.maxArguments >= 0 && count > name.maxArguments)
            return usage(u"%1: unexpected '%2'"_s.arg(name.words.join(u' '),
                                                      line.arguments.at(name.maxArguments)));
        return Done {};
    }
    return usage(words.isEmpty() ? u"a command is missing"_s
                                 : u"unknown command '%1'"_s.arg(words.join(u' ')));
}

Result<Done> readCoreOptions(const QCommandLineParser &parser, CommandLine &line)
{
    CoreOptions &core = line.core;
    core.dataDir = parser.isSet(u"data-dir"_s) ? parser.value(u"data-dir"_s) : defaultDataDir();
    core.host = parser.value(u"host"_s);
    core.demo = parser.isSet(u"demo"_s);
    core.noKey = parser.isSet(u"no-key"_s);
    if (core.dataDir.isEmpty())
        return usage(u"--data-dir: expected a folder"_s);
    // A key on the command line can be read by every user of this machine.
    core.apiKey = Secret(parser.isSet(u"api-key"_s) ? parser.value(u"api-key"_s).toUtf8()
                                                    : qgetenv("KIROTRAY_API_KEY"));
    if (parser.isSet(u"api-key"_s) && (core.noKey || core.apiKey.isEmpty()))
        return usage(core.noKey ? u"--api-key and --no-key exclude each other"_s
                                : u"--api-key: expected a key"_s);
    if (parser.isSet(u"port"_s)) {
        bool isNumber = false;
        const int port = parser.value(u"port"_s).toInt(&isNumber);
        if (!isNumber || port < 0 || port > 65535)
            return usage(u"--port: expected a number from 0 (any free port) to 65535"_s);
        core.port = static_cast<quint16>(port);
    }
    const QString vault = parser.value(u"vault"_s);
    if (vault == u"file")
        core.vault = VaultKind::File;
    else if (parser.isSet(u"vault"_s) && vault != u"keychain")
        return usage(u"--vault: expected keychain or file"_s);
    return Done {};
}

} // namespace

Result<CommandLine> parseCommandLine(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser);
    CommandLine line;
    if (!parser.parse(arguments))
        return usage(parser.errorText());
    line.json = parser.isSet(u"json"_s);
    if (parser.isSet(u"version"_s)) {
        line.command = CommandLine::Command::Version;
        return line;
    }
    if (parser.isSet(u"help"_s) || arguments.size() < 2)
        return line;
    if (const Result<Done> command = readCommand(parser.positionalArguments(), line); !command)
        return command.error();
    if (const Result<Done> options = readCoreOptions(parser, line); !options)
        return options.error();
    return line;
}

QString helpText()
{
    return uR"(kirotrayctl: use your own Kiro accounts from any Anthropic, OpenAI or Gemini client

Usage
  kirotrayctl serve [--host H] [--port P] [--data-dir D] [--vault keychain|file]
                    [--api-key K | --no-key] [--demo] [--json]
  kirotrayctl accounts import FILE... [--data-dir D] [--vault keychain|file] [--json]
  kirotrayctl accounts list [--data-dir D] [--json]
  kirotrayctl accounts remove ID [--data-dir D] [--vault keychain|file]
  kirotrayctl key [--data-dir D] [--vault keychain|file] [--json]
  kirotrayctl status [--data-dir D] [--json]
  kirotrayctl --version | --help

serve
  Starts the proxy and prints one line, "listening http://127.0.0.1:PORT", when it accepts.
  SIGINT or SIGTERM ends it; running answers get ten seconds.
  --host H        address to listen on (default 127.0.0.1 and ::1)
  --port P        this port or failure; 0 takes any free one (default 8747, or the next free one)
  --api-key K     the key clients must send, also from KIROTRAY_API_KEY (default: a random one, made at the
                  first start and kept in the vault)
  --no-key        ask for no key; on loopback only
  --demo          a demo account on a built-in simulator: no Kiro account, no network, nothing stored

key
  Prints the key that clients must send. Stop a running proxy of the same data folder first.

Everywhere
  --data-dir D    accounts, settings, logs (default: the system's place for application data)
  --vault V       where secrets are: the system's keychain, or a file sealed with a passphrase, which comes
                  from KIROTRAY_VAULT_PASSPHRASE or is asked for
  --json          one JSON object a line

Examples
  kirotrayctl serve --demo
  kirotrayctl accounts import ~/.aws/sso/cache/kiro-auth-token.json
  kirotrayctl serve --vault file --port 9000
  ANTHROPIC_BASE_URL=http://127.0.0.1:8747 ANTHROPIC_AUTH_TOKEN=<key> claude

Exit codes
  0 done   1 failed   2 wrong usage   3 port in use   4 data folder   5 vault   6 bad file   7 not found
)"_s;
}

} // namespace kirotray
