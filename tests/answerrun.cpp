// SPDX-License-Identifier: MIT
#include "tests/answerrun.h"

#include "tests/framebuilder.h"

#include <QStringList>

#include <array>

namespace kirotray {

namespace {

struct Describe
{
    std::string operator()(const TextDelta &e) const { return "text(" + e.text + ")"; }
    std::string operator()(const ThinkingDelta &e) const { return "thinking(" + e.text + ")"; }
    std::string operator()(const ThinkingSignature &e) const
    {
        return "signature(" + e.signature + ")";
    }
    std::string operator()(const RedactedThinking &e) const { return "redacted(" + e.data + ")"; }
    std::string operator()(const ToolCallStart &e) const
    {
        return "start(" + e.id + " " + e.name + ")";
    }
    std::string operator()(const ToolCallDelta &e) const { return "delta(" + e.json + ")"; }
    std::string operator()(const ToolCallEnd &e) const { return e.complete ? "end" : "cut"; }
    std::string operator()(const WebSearchCall &e) const { return "search(" + e.query + ")"; }
    std::string operator()(const WebSearchResult &e) const
    {
        return e.errorCode.empty() ? "found(" + std::to_string(e.hits.size()) + ")"
                                   : "not found(" + e.errorCode + ")";
    }
    std::string operator()(const TextCitation &e) const { return "citation(" + e.url + ")"; }
    std::string operator()(const Finished &e) const
    {
        static const std::array names {"end_turn", "tool_use",   "max_tokens",    "stop_sequence",
                                       "refusal",  "pause_turn", "context_window"};
        return std::string("finished ") + names.at(static_cast<std::size_t>(e.reason));
    }
    std::string operator()(const Failed &) const { return "failed"; }
};

} // namespace

std::string textFrame(std::string_view content)
{
    return eventFrame("assistantResponseEvent", R"({"content":")" + std::string(content) + R"("})");
}

std::string toolFrame(std::string_view members)
{
    return eventFrame("toolUseEvent", "{" + std::string(members) + "}");
}

std::string stopFrame(std::string_view reason)
{
    return eventFrame("metadataEvent", R"({"stopReason":")" + std::string(reason) + R"("})");
}

std::string contextFrame(double percentage)
{
    return eventFrame("contextUsageEvent",
                      R"({"contextUsagePercentage":)" + QByteArray::number(percentage).toStdString()
                          + "}");
}

QString describeAll(const Events &events)
{
    QStringList lines;
    for (const ChatEvent &event : events)
        lines.append(QString::fromStdString(std::visit(Describe {}, event)));
    return lines.join(u" | ");
}

std::string describeUsage(const Usage &usage)
{
    std::string text = std::to_string(usage.inputTokens) + "/" + std::to_string(usage.outputTokens)
        + " cache " + std::to_string(usage.cacheReadTokens) + "/"
        + std::to_string(usage.cacheWriteTokens) + (usage.isEstimate ? " estimated" : " reported");
    if (usage.credits)
        text += " credits " + QByteArray::number(*usage.credits).toStdString();
    return text;
}

AnswerTranslator::Options plainOptions()
{
    AnswerTranslator::Options options;
    options.contextWindow = 1000;
    options.promptTokensEstimate = 77;
    options.toolNames = {{"short_name", "a/very long name"}};
    return options;
}

AnswerRun runAnswer(const Frames &frames, std::size_t piece,
                    const AnswerTranslator::Options &options)
{
    AnswerRun run {{}, AnswerTranslator(options), {}};
    std::string bytes;
    for (const std::string &frame : frames)
        bytes += frame;
    EventStreamDecoder decoder;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        decoder.feed(
            std::string_view(bytes).substr(at, piece),
            [&run](const EventStreamFrame &frame) { run.translator.add(frame, run.events); });
    run.framing = decoder.finish();
    run.translator.finish(run.events);
    return run;
}

} // namespace kirotray
