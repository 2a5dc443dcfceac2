// SPDX-License-Identifier: MIT
#include "tests/dialectcase.h"

#include <QDir>
#include <QTest>

#include <algorithm>
#include <array>
#include <utility>

namespace kirotray::dialectcase {

namespace {

constexpr std::array KnownFolders {
    DialectFolder {DialectId::AnthropicMessages, "anthropic-messages", 40},
    DialectFolder {DialectId::OpenAiChat, "openai-chat", 90},
    DialectFolder {DialectId::OpenAiResponses, "openai-responses", 40},
    DialectFolder {DialectId::Gemini, "gemini", 30},
};

QDir folderOf(const DialectFolder &each)
{
    return QDir(QStringLiteral(KIROTRAY_FIXTURES) + u'/' + QString::fromLatin1(each.name));
}

} // namespace

std::vector<DialectFolder> dialectFolders()
{
    std::vector<DialectFolder> folders;
    for (const DialectFolder &each : KnownFolders)
        if (folderOf(each).exists())
            folders.push_back(each);
    return folders;
}

void addRows(std::initializer_list<const char *> files)
{
    QTest::addColumn<DialectId>("id");
    QTest::addColumn<QString>("folder");
    for (const DialectFolder &each : dialectFolders()) {
        if (qstrcmp(dialect(each.id).name(), each.name) != 0)
            qFatal("the folder %s has another name than its dialect", each.name);
        const QDir root = folderOf(each);
        const QStringList cases = root.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        if (cases.size() < each.minimum)
            qFatal("only %d cases of %s were found", int(cases.size()), each.name);
        for (const QString &name : cases) {
            const bool hasFile = std::any_of(files.begin(), files.end(), [&](const char *file) {
                return root.exists(name + u'/' + QLatin1String(file));
            });
            if (hasFile)
                QTest::addRow("%s/%s", each.name, qPrintable(name))
                    << each.id << root.filePath(name);
        }
    }
}

AnswerContext context()
{
    return {"0123456789abcdefABCDEFGH", 1'760'000'000, 321};
}

QByteArray fileBytes(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray differenceFromFile(const std::string &actual, const QString &path)
{
    const QByteArray bytes = QByteArray::fromStdString(actual);
    if (qEnvironmentVariableIsSet("KIROTRAY_UPDATE_FIXTURES")) {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            return "cannot write " + path.toUtf8();
        return {};
    }
    if (!QFile::exists(path))
        return "missing: " + path.toUtf8() + "\nactual:\n" + bytes;
    const QByteArray expected = fileBytes(path);
    if (bytes == expected)
        return {};
    return path.toUtf8() + "\nactual:\n" + bytes + "\nexpected:\n" + expected;
}

std::string errorFile(const ErrorReply &reply)
{
    return "{\"status\":" + std::to_string(reply.status) + ",\"body\":" + reply.body + "}\n";
}

ChatError refusalOf(const Error &error)
{
    return {ChatError::Kind::InvalidRequest, error.what.toStdString(), error.path.toStdString(),
            std::nullopt};
}

CallTarget targetOf(const QString &folder)
{
    CallTarget target;
    const QString path = folder + u"/target.json"_s;
    if (!QFile::exists(path))
        return target;
    const Result<JsonDocument> document = JsonDocument::parse(fileBytes(path).toStdString());
    if (!document)
        qFatal("no JSON: %s", qPrintable(path));
    const JsonValue root = document.value().root();
    target.model = root["model"].string();
    if (!root["stream"].isMissing())
        target.stream = root["stream"].boolean();
    target.serverSentEvents = root["sse"].isMissing() || root["sse"].boolean();
    return target;
}

Result<ChatRequest> decoded(const Dialect &api, const QByteArray &body, const CallTarget &target)
{
    const Result<JsonDocument> document = JsonDocument::parse(body.toStdString());
    if (!document)
        return document.error();
    return api.decode(document.value(), target);
}

ChatRequest requestOf(const Dialect &api, const QString &folder)
{
    const QString path = folder + u"/request.json"_s;
    if (QFile::exists(path)) {
        Result<ChatRequest> request = decoded(api, fileBytes(path), targetOf(folder));
        if (request)
            return std::move(request).value();
    }
    ChatRequest request;
    request.model = "claude-sonnet-4-5";
    return request;
}

std::vector<ScriptStep> stepsOf(const QString &folder)
{
    return readEventScript(fileBytes(folder + u"/events.txt"_s));
}

EncodedStream streamOf(const Dialect &api, const ChatRequest &request,
                       const std::vector<ScriptStep> &steps)
{
    const std::unique_ptr<StreamEncoder> encoder = api.streamEncoder(request, context());
    EncodedStream stream;
    encoder->begin(stream.bytes);
    for (const ScriptStep &step : steps) {
        if (const auto *event = std::get_if<ChatEvent>(&step))
            encoder->encode(*event, stream.bytes);
        else
            encoder->ping(stream.bytes);
    }
    stream.document = encoder->document();
    return stream;
}

ChatAssembler assembledFrom(const std::vector<ScriptStep> &steps)
{
    ChatAssembler assembler;
    for (const ScriptStep &step : steps)
        if (const auto *event = std::get_if<ChatEvent>(&step))
            assembler.add(*event);
    return assembler;
}

std::vector<SentEvent> sentEvents(const std::string &stream)
{
    std::vector<SentEvent> events;
    QByteArray text = QByteArray::fromStdString(stream);
    if (!text.endsWith("\n\n"))
        qFatal("a stream does not end with an empty line");
    text.chop(2);
    for (qsizetype at = 0; at <= text.size();) {
        const qsizetype found = text.indexOf("\n\n", at);
        const qsizetype end = found < 0 ? text.size() : found;
        SentEvent event;
        for (const QByteArray &line : text.mid(at, end - at).split('\n')) {
            if (line.startsWith("event: "))
                event.name = line.mid(7);
            else if (line.startsWith("data: "))
                event.payload = line.mid(6);
            else if (!line.isEmpty() && !line.startsWith(':')) // an empty line: Gemini's ping
                qFatal("no field of an event: %s", line.constData());
        }
        at = end + 2;
        if (!event.payload.isEmpty())
            events.push_back(event);
    }
    return events;
}

} // namespace kirotray::dialectcase
