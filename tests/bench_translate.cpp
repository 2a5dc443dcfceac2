// SPDX-License-Identifier: MIT
// What the translation costs, without any socket: a request in, an upstream request out; frames in,
// server-sent events out. Prints one line a figure: name, value, unit. Arguments: nothing, or "peak
// <MB>" for the memory of one translation in a fresh process.
#include "app/gateway/preparedcall.h"
#include "app/kiro/answertranslator.h"
#include "app/kiro/modelchoice.h"
#include "app/simulator/eventstreamencoder.h"

#include <QFile>
#include <QString>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace {

using namespace kirotray;
using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

/// An agent's conversation: prose and code with escapes, tool calls and results, forty tools.
std::string agentRequest(std::size_t bytes)
{
    std::string out;
    JsonWriter json(out);
    json.beginObject()
        .member("model", "claude-sonnet-4-5")
        .memberInteger("max_tokens", 4096)
        .memberBoolean("stream", true)
        .member("system", "You are a careful assistant.");
    json.key("tools").beginArray();
    for (int i = 0; i < 40; ++i)
        json.raw(QStringLiteral(
                     R"({"name":"tool_%1","description":"Does thing %1 to a file, carefully.",)"
                     R"("input_schema":{"type":"object","properties":{"path":{"type":"string"},)"
                     R"("line":{"type":"integer"}},"required":["path"]}})")
                     .arg(i)
                     .toStdString());
    json.endArray().key("messages").beginArray();
    std::string code;
    while (code.size() < 4000)
        code += "    if (value != \"none\") {\n\treturn lookup(table, value); // see §4\n    }\n";
    for (int turn = 0; out.size() < bytes; ++turn) {
        const std::string id = "tooluse_" + std::to_string(turn);
        json.beginObject().member("role", "user").member("content", code).endObject();
        json.beginObject().member("role", "assistant").key("content").beginArray();
        json.beginObject()
            .member("type", "text")
            .member("text", "Let me look at that.")
            .endObject();
        json.beginObject()
            .member("type", "tool_use")
            .member("id", id)
            .member("name", "tool_7")
            .memberRaw("input", R"({"path":"src/main.cpp","line":42})")
            .endObject();
        json.endArray().endObject();
        json.beginObject().member("role", "user").key("content").beginArray();
        json.beginObject()
            .member("type", "tool_result")
            .member("tool_use_id", id)
            .member("content", code)
            .endObject();
        json.endArray().endObject();
        json.beginObject().member("role", "assistant").member("content", "Done.").endObject();
    }
    json.beginObject().member("role", "user").member("content", "Go on.").endObject();
    json.endArray().endObject();
    return out;
}

qint64 residentBytes(const char *field)
{
    QFile file(QStringLiteral("/proc/self/status"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : file.readAll().split('\n'))
        if (line.startsWith(field))
            return line.simplified().split(' ').value(1).toLongLong() * 1024;
    return 0;
}

/// Ends the program when the request is refused.
PreparedCall translated(std::string body, const KiroTables &tables)
{
    auto decoded = decodeCall(std::move(body), dialect(DialectId::AnthropicMessages), {});
    if (const auto *error = std::get_if<ChatError>(&decoded))
        qFatal("refused: %s", error->message.c_str());
    PreparedCall call;
    call.request = std::move(std::get<ChatRequest>(decoded));
    const ModelChoice choice =
        chooseModel(tables, {}, QString::fromStdString(call.request.model), u"-thinking"_s);
    call.options.modelId = choice.id;
    call.options.model = choice.model;
    call.options.conversationId = conversationIdFor(call.request);
    if (const std::optional<ChatError> error = buildCallHere(call, tables))
        qFatal("refused: %s", error->message.c_str());
    return call;
}

void benchRequests(const KiroTables &tables)
{
    for (const std::size_t megabytes : {std::size_t(1), std::size_t(5)}) {
        const std::string body = agentRequest(megabytes * 1024 * 1024);
        std::vector<double> times;
        for (int i = 0; i < 31; ++i) {
            const auto start = Clock::now();
            translated(body, tables);
            times.push_back(milliseconds(Clock::now() - start));
        }
        std::sort(times.begin(), times.end());
        const double perMegabyte = times[times.size() / 2] / (double(body.size()) / 1048576.0);
        std::printf("request_%zumb_ms_per_mb\t%.2f\tms/MB (%.0f MB/s)\n", megabytes, perMegabyte,
                    1000 / perMegabyte);
    }
}

int peakOf(const KiroTables &tables, std::size_t megabytes)
{
    std::string body = agentRequest(megabytes * 1024 * 1024);
    translated(agentRequest(1000), tables); // what is loaded once is no part of the peak
    const std::size_t size = body.size();
    const qint64 before = residentBytes("VmRSS") - qint64(size);
    const PreparedCall call = translated(std::move(body), tables);
    const QByteArray sent = requestBody(*call.built, QString());
    const double peak = double(residentBytes("VmHWM") - before) / double(size);
    std::printf("request_peak_times_body\t%.2f\tx (%lld bytes sent)\n", peak,
                static_cast<long long>(sent.size()));
    return 0;
}

void benchEvents()
{
    constexpr int Count = 200'000;
    const std::string frame =
        encodeEvent("assistantResponseEvent", R"({"content":"Hello, world "})");
    const ChatRequest request;
    for (const DialectId id : {DialectId::AnthropicMessages, DialectId::OpenAiChat}) {
        EventStreamDecoder decoder;
        AnswerTranslator translator({});
        const auto encoder = dialect(id).streamEncoder(request, {"id", 0, 0});
        std::string out;
        std::vector<ChatEvent> events;
        encoder->begin(out);
        const auto start = Clock::now();
        for (int i = 0; i < Count; ++i) {
            decoder.feed(frame, [&](const EventStreamFrame &one) { translator.add(one, events); });
            for (const ChatEvent &event : events)
                encoder->encode(event, out);
            events.clear();
            out.clear();
        }
        const double nanoseconds = milliseconds(Clock::now() - start) * 1e6 / Count;
        std::printf("event_%s_ns\t%.0f\tns/event\n", dialect(id).name(), nanoseconds);
    }
}

} // namespace

int main(int argc, char **argv)
{
    const KiroTablesLoad load = loadKiroTables(QString());
    if (argc == 3)
        return peakOf(*load.tables, std::strtoul(argv[2], nullptr, 10));
    benchRequests(*load.tables);
    benchEvents();
    return 0;
}
