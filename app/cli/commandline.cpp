// SPDX-License-Identifier: MIT
#include "app/cli/commandline.h"

#include "app/base/limits.h"
#include "app/platform/datafolder.h"

#include <QCommandLineParser>
#include <QFile>

#include <algorithm>

namespace kirotray {

namespace {

/// Options of single commands: name, value's name (empty for a switch), what it does.
struct CommandOption
{
    const char *name;
    const char *value;
    const char *what;
};
constexpr std::array CommandOptions {
    CommandOption {"start-url", "URL", "login idc: the organisation's start URL"},
    CommandOption {"region", "R", "login idc: region of the Identity Center (default us-east-1)"},
    CommandOption {"no-device-code", "", "login: authorization code in a browser here"},
    CommandOption {"browser", "ID", "login: this browser; see /api/browsers"},
    CommandOption {"private", "", "login: in a private window"},
    CommandOption {"no-browser", "", "login: only print the link"},
    CommandOption {"accept-risk", "", "login sso-session: the warning was read"},
    CommandOption {"public-url", "URL", "login remote: how the other machine reaches this one"},
    CommandOption {"auto", "", "accounts scan: take what is found"},
    CommandOption {"dry-run", "", "accounts import: only say what would be done"},
    CommandOption {"plain", "", "accounts export: unsealed; asks for confirmation"},
    CommandOption {"yes", "", "accounts export: the confirmation"},
    CommandOption {"format", "F",
                   "accounts export: kirotray, kiro-rs, kiro-account-manager, kiro-go, kiro2api; "
                   "flows export: jsonl, har"},
    CommandOption {"model", "M", "flows replay: another model"},
};

Error wrongUsage(const QString &what)
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
        {{u"p"_s, u"port"_s}, {}, u"P"_s},
        {u"api-key"_s, {}, u"K"_s},
        {u"no-key"_s, {}},
        {u"demo"_s, {}},
        {{u"o"_s, u"output"_s}, {}, u"FILE"_s},
    });
    for (const CommandOption &option : CommandOptions)
        parser.addOption({QString::fromLatin1(option.name), {}, QString::fromLatin1(option.value)});
}

/// The command with the most words that the line begins with.
Result<Done> readCommand(const QStringList &words, CommandLine &line)
{
    qsizetype length = 0;
    for (const Command &command : commands()) {
        const QStringList name = QString::fromLatin1(command.words).split(u' ');
        if (name.size() > length && words.mid(0, name.size()) == name) {
            line.command = &command;
            length = name.size();
        }
    }
    if (line.command == nullptr)
        return wrongUsage(words.isEmpty() ? u"a command is missing"_s
                                          : u"unknown command '%1'"_s.arg(words.join(u' ')));
    line.arguments = words.mid(length);
    const QString name = QString::fromLatin1(line.command->words);
    if (line.arguments.size() < line.command->minArguments)
        return wrongUsage(u"%1: an argument is missing"_s.arg(name));
    const int most = line.command->maxArguments;
    if (most >= 0 && line.arguments.size() > most)
        return wrongUsage(u"%1: unexpected '%2'"_s.arg(name, line.arguments.at(most)));
    return Done {};
}

/// The option, else the environment, else nothing.
std::optional<QString> given(const QCommandLineParser &parser, const QString &option,
                             const char *variable)
{
    if (parser.isSet(option))
        return parser.value(option);
    return qEnvironmentVariableIsSet(variable) ? std::optional(qEnvironmentVariable(variable))
                                               : std::nullopt;
}

Result<Done> readPort(const QCommandLineParser &parser, CoreOptions &core)
{
    const std::optional<QString> text = given(parser, u"port"_s, "KIROTRAY_PORT");
    if (!text)
        return Done {};
    bool isNumber = false;
    const int port = text->toInt(&isNumber);
    if (!isNumber || port < 0 || port > 65535)
        return wrongUsage(u"--port: expected a number from 0 (any free port) to 65535"_s);
    core.port = static_cast<quint16>(port);
    return Done {};
}

/// A key on the command line can be read by every user of this machine; the environment is better.
Result<Done> readKey(const QCommandLineParser &parser, CoreOptions &core)
{
    core.noKey = parser.isSet(u"no-key"_s);
    core.apiKey = Secret(parser.isSet(u"api-key"_s) ? parser.value(u"api-key"_s).toUtf8()
                                                    : environmentValue("KIROTRAY_API_KEY"));
    core.adminToken = Secret(environmentValue("KIROTRAY_ADMIN_TOKEN"));
    if (parser.isSet(u"api-key"_s) && (core.noKey || core.apiKey.isEmpty()))
        return wrongUsage(core.noKey ? u"--api-key and --no-key exclude each other"_s
                                     : u"--api-key: expected a key"_s);
    return Done {};
}

Result<Done> readLog(CommandLine &line)
{
    line.logLevel = qEnvironmentVariable("KIROTRAY_LOG_LEVEL").toLower();
    const QStringList levels {u""_s, u"debug"_s, u"info"_s, u"warning"_s, u"error"_s};
    if (!levels.contains(line.logLevel))
        return wrongUsage(u"KIROTRAY_LOG_LEVEL: expected debug, info, warning or error"_s);
    const QString format = qEnvironmentVariable("KIROTRAY_LOG_FORMAT");
    if (!QStringList {u""_s, u"text"_s, u"json"_s}.contains(format))
        return wrongUsage(u"KIROTRAY_LOG_FORMAT: expected text or json"_s);
    line.logsJson = format == u"json";
    return Done {};
}

Result<Done> readOptions(const QCommandLineParser &parser, CommandLine &line)
{
    CoreOptions &core = line.core;
    core.dataDir = given(parser, u"data-dir"_s, "KIROTRAY_DATA_DIR").value_or(defaultDataDir());
    if (core.dataDir.isEmpty())
        return wrongUsage(u"--data-dir: expected a folder"_s);
    core.host = given(parser, u"host"_s, "KIROTRAY_HOST").value_or(QString());
    core.demo = parser.isSet(u"demo"_s);
    const QString vault = given(parser, u"vault"_s, "KIROTRAY_VAULT").value_or(u"keychain"_s);
    if (vault != u"keychain" && vault != u"file")
        return wrongUsage(u"--vault: expected keychain or file"_s);
    core.vault = vault == u"file" ? VaultKind::File : VaultKind::Keychain;
    if (parser.isSet(u"output"_s))
        line.options.insert(u"output"_s, parser.value(u"output"_s));
    for (const CommandOption &option : CommandOptions) {
        const QString name = QString::fromLatin1(option.name);
        if (parser.isSet(name))
            line.options.insert(name, parser.value(name));
    }
    if (const Result<Done> port = readPort(parser, core); !port)
        return port;
    if (const Result<Done> key = readKey(parser, core); !key)
        return key;
    return readLog(line);
}

QString commandLines()
{
    QString text;
    for (const Command &command : commands()) {
        const QString usage =
            u"%1 %2"_s.arg(QLatin1StringView(command.words), QLatin1StringView(command.arguments));
        text += u"  %1 %2\n"_s.arg(usage, -30).arg(QLatin1StringView(command.what));
    }
    return text;
}

QString optionLines()
{
    QString text;
    for (const CommandOption &option : CommandOptions) {
        const QString usage =
            u"--%1 %2"_s.arg(QLatin1StringView(option.name), QLatin1StringView(option.value));
        text += u"  %1 %2\n"_s.arg(usage, -24).arg(QLatin1StringView(option.what));
    }
    return text;
}

} // namespace

QByteArray environmentValue(const char *name)
{
    const QByteArray value = qgetenv(name);
    if (!value.isEmpty())
        return value;
    const QByteArray fileVariable = QByteArray(name) + "_FILE";
    QFile file(qEnvironmentVariable(fileVariable.constData()));
    return !file.fileName().isEmpty() && file.open(QIODevice::ReadOnly)
        ? file.read(limits::MaxImportFile).trimmed()
        : QByteArray();
}

Result<CommandLine> parseCommandLine(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser);
    CommandLine line;
    if (!parser.parse(arguments))
        return wrongUsage(parser.errorText());
    line.json = parser.isSet(u"json"_s);
    if (parser.isSet(u"version"_s))
        line.options.insert(u"version"_s, {});
    if (parser.isSet(u"version"_s) || parser.isSet(u"help"_s) || arguments.size() < 2)
        return line;
    if (const Result<Done> command = readCommand(parser.positionalArguments(), line); !command)
        return command.error();
    if (const Result<Done> options = readOptions(parser, line); !options)
        return options.error();
    return line;
}

QString helpText()
{
    return uR"(kirotrayctl: use your own Kiro accounts from any Anthropic, OpenAI or Gemini client

Usage
  kirotrayctl COMMAND [--data-dir D] [--vault keychain|file] [--json] [options]

Commands
)"_s + commandLines()
        + uR"(
Options of single commands
  -o, --output FILE        accounts export, flows export: where to
)"_s + optionLines()
        + uR"(
serve
  --host H        address to listen on (default 127.0.0.1 and ::1)
  --port P        this port or failure; 0 takes any free one (default 8747, or the next free one)
  --api-key K     the key clients must send (default: a random one, made at the first start)
  --no-key        ask for no key; on loopback only
  --demo          a demo account on a built-in simulator: no Kiro account, no network, nothing stored
  SIGINT or SIGTERM ends it; running answers get ten seconds.

Everywhere
  --data-dir D    accounts, settings, logs (default: the system's place for application data)
  --vault V       where secrets are: the system's keychain, or a file sealed with a passphrase
  --json          JSON instead of lines for people
  Where a proxy runs for the data folder, commands ask it; else they open the folder themselves.

Environment
  KIROTRAY_DATA_DIR, KIROTRAY_VAULT, KIROTRAY_HOST, KIROTRAY_PORT   as the options
  KIROTRAY_API_KEY, KIROTRAY_VAULT_PASSPHRASE, KIROTRAY_ADMIN_TOKEN  secrets; with _FILE: read from a file
  KIROTRAY_EXPORT_PASSPHRASE   of sealed exports; else asked for
  KIROTRAY_LOG_LEVEL, KIROTRAY_LOG_FORMAT   debug, info, warning, error; text, json
  KIRO_AUTH_TOKEN   accounts for serve, as kiro2api takes them: JSON, or a file with it

Examples
  kirotrayctl serve --demo
  kirotrayctl login google
  kirotrayctl accounts import ~/.aws/sso/cache/kiro-auth-token.json
  kirotrayctl serve --vault file --port 9000
  ANTHROPIC_BASE_URL=http://127.0.0.1:8747 ANTHROPIC_AUTH_TOKEN=<key> claude

Exit codes
  0 done   1 failed   2 wrong usage   3 port in use   4 data folder   5 vault   6 bad file   7 not found
)"_s;
}

} // namespace kirotray
