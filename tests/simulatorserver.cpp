// SPDX-License-Identifier: MIT
// The simulator as a program of its own, for the client tests and benchmarks. Prints one JSON line
// when it listens; then reads commands from stdin, one JSON object a line, and answers each with
// one line:
//   {"script": {…}}        replaces the script, see app/simulator/scenario.h
//   {"statistics": true}   what arrived so far
//   {"requests": true}     what the script's "record" kept, oldest first
#include "app/base/json.h"
#include "app/simulator/simulator.h"

#include <QCoreApplication>

#include <cstdio>
#include <iostream>

namespace {

using namespace kirotray;

void print(const std::string &line)
{
    std::puts(line.c_str());
    std::fflush(stdout);
}

std::string statisticsLine(const SimulatorStatistics &counts)
{
    std::string line;
    JsonWriter(line)
        .beginObject()
        .memberInteger("chatRequests", counts.chatRequests)
        .memberInteger("chatRefused", counts.chatRefused)
        .memberInteger("chatAborted", counts.chatAborted)
        .memberInteger("activeStreams", counts.activeStreams)
        .memberInteger("peakStreams", counts.peakStreams)
        .memberInteger("socialRefreshes", counts.socialRefreshes)
        .memberInteger("oidcRefreshes", counts.oidcRefreshes)
        .memberInteger("controlRequests", counts.controlRequests)
        .member("lastChatBody", counts.lastChatBody.toStdString())
        .member("lastChatHeaders", counts.lastChatHeaders.toStdString())
        .endObject();
    return line;
}

std::string requestsLine(const std::vector<SimulatorRequest> &requests)
{
    std::string line;
    JsonWriter writer(line);
    writer.beginObject().key("requests").beginArray();
    for (const SimulatorRequest &request : requests) {
        const bool isChat = request.call == SimulatorRequest::Call::Chat;
        writer.beginObject().member("call", isChat ? "chat" : "webSearch");
        writer.member("rule", request.rule.toStdString());
        writer.member("refusal", request.refusal.toStdString());
        writer.member("body", request.body.toStdString()).endObject();
    }
    writer.endArray().endObject();
    return line;
}

std::string failure(const Error &error)
{
    std::string line;
    JsonWriter(line).beginObject().member("error", describe(error).toStdString()).endObject();
    return line;
}

std::string answer(Simulator &simulator, const std::string &command)
{
    const Result<JsonDocument> document = JsonDocument::parse(command);
    if (!document)
        return failure(document.error());
    const JsonValue root = document.value().root();
    if (!root["requests"].isMissing())
        return requestsLine(simulator.requests());
    const JsonValue script = root["script"];
    if (script.isMissing())
        return statisticsLine(simulator.statistics());
    const Result<Done> set =
        simulator.setScript(QByteArray::fromStdString(std::string(script.raw())));
    return set ? "{}" : failure(set.error());
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    Simulator simulator;
    const Result<QUrl> url = simulator.start();
    if (!url) {
        print(failure(url.error()));
        return 1;
    }
    std::string line;
    JsonWriter(line)
        .beginObject()
        .member("url", url.value().toString().toStdString())
        .memberRaw("endpoints", simulator.endpointsJson().toStdString())
        .member("accessToken", Simulator::demoAccessToken().toStdString())
        .member("refreshToken", Simulator::demoRefreshToken().toStdString())
        .endObject();
    print(line);
    // The simulator has a thread of its own: this one may block.
    for (std::string command; std::getline(std::cin, command);)
        print(answer(simulator, command));
    return 0;
}
