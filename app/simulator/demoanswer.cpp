// SPDX-License-Identifier: MIT
#include "app/simulator/demoanswer.h"

#include "app/simulator/schemaexample.h"
#include "app/simulator/servicemodels.h"
#include "app/simulator/toolrules.h"
#include "app/simulator/verdict.h"

#include <algorithm>
#include <array>
#include <functional>

namespace kirotray {

namespace {

constexpr auto WordInterval = std::chrono::milliseconds(15);
constexpr std::size_t MaxEcho = 80; // characters
constexpr auto DemoSignature = "c2ltdWxhdGVkLXNpZ25hdHVyZQ==";
constexpr auto DemoRedacted = "c2ltdWxhdGVkLXJlZGFjdGVkLXJlYXNvbmluZw==";

/// All that the demo says, in one language. %1 is what it talks about.
struct DemoPhrases
{
    std::array<std::string_view, 3> greetings;
    std::string_view echo;
    std::string_view closing;
    std::string_view thinking;
    std::string_view callTool;
    std::string_view toolAnswered;
    std::string_view toolFailed;
    std::string_view resultClosing;
};

constexpr DemoPhrases EnglishPhrases {
    {"Hello! This is the demo account, answering from your own machine. ",
     "Good to hear from you! I am the demo account of KiroTray. ",
     "Hi there! You have reached the built-in demo, no network needed. "},
    "You wrote: “%1”.\n\n",
    "A real model would now think about that. I can only show that everything between your program "
    "and the upstream works:\n\n- text arrives word by word,\n- tools can be called,\n- usage is "
    "counted.\n\nAdd a Kiro account to get real answers.",
    "The user wrote “%1”. I am only a demo, so I will say so and keep it short.",
    "Let me ask the tool %1 about that.",
    "The tool %1 answered:\n\n",
    "The tool %1 reported a failure:\n\n",
    "\n\nThat is all the demo can tell about it; a real model would now go on from here."};

constexpr DemoPhrases ChinesePhrases {
    {"你好！我是演示账号，在你自己的电脑上回答。", "很高兴见到你！我是 KiroTray 的演示账号。",
     "嗨！这里是内置演示，不需要网络。"},
    "你写的是：“%1”。\n\n",
    "真正的模型现在会认真思考这个问题。我只能展示从你的程序到上游的一切都正常：\n\n- "
    "文字逐词到达；\n- 可以调用工具；\n- 用量会被统计。\n\n添加一个 Kiro 账号就能得到真正的回答。",
    "用户写了“%1”。我只是演示，所以说明这一点并保持简短。",
    "我用工具 %1 查一下。",
    "工具 %1 的结果：\n\n",
    "工具 %1 报告了错误：\n\n",
    "\n\n演示到此为止；真正的模型会从这里继续。"};

std::string filledIn(std::string_view phrase, std::string_view what)
{
    std::string text(phrase);
    if (const std::size_t at = text.find("%1"); at != std::string::npos)
        text.replace(at, 2, what);
    return text;
}

bool isChinese(std::string_view text)
{
    // CJK ideographs U+4E00…U+9FFF are E4 B8 80 … E9 BF BF in UTF-8.
    return std::any_of(text.begin(), text.end(), [](char byte) {
        const auto lead = static_cast<unsigned char>(byte);
        return lead >= 0xE4U && lead <= 0xE9U;
    });
}

/// At most `most` characters, cut between two of them.
std::string shortened(std::string_view text, std::size_t most)
{
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
        if (begins && ++characters > most)
            return std::string(text.substr(0, i)) + "…";
    }
    return std::string(text);
}

bool mentionsTools(const std::string &lowerQuestion)
{
    static constexpr std::array<std::string_view, 4> Words {"tool", "weather", "工具", "天气"};
    return std::any_of(Words.begin(), Words.end(), [&](std::string_view word) {
        return lowerQuestion.find(word) != std::string::npos;
    });
}

/// The tool named in the question, else one for the weather when that is asked for, else one that
/// only reads by its name, else the first. Null when the question is not about tools.
const ChatAsk::Tool *suitableTool(const ChatAsk &ask)
{
    const std::string question = lowerCaseAscii(ask.question);
    const auto firstWhere = [&](const std::function<bool(const std::string &)> &fits) {
        const auto found = std::find_if(ask.tools.begin(), ask.tools.end(), [&](const auto &tool) {
            return fits(lowerCaseAscii(tool.name));
        });
        return found == ask.tools.end() ? nullptr : &*found;
    };
    const ChatAsk::Tool *named = firstWhere([&](const std::string &name) {
        return name.size() > 3 && question.find(name) != std::string::npos;
    });
    if (named != nullptr || !mentionsTools(question))
        return named;
    const auto nameHas = [](std::string_view part) {
        return [part](const std::string &name) { return name.find(part) != std::string::npos; };
    };
    const bool isWeather =
        question.find("weather") != std::string::npos || question.find("天气") != std::string::npos;
    if (const ChatAsk::Tool *tool = isWeather ? firstWhere(nameHas("weather")) : nullptr)
        return tool;
    for (const char *part : {"get", "list", "read", "search", "find", "glob"}) {
        if (const ChatAsk::Tool *tool = firstWhere(nameHas(part)))
            return tool;
    }
    return ask.tools.empty() ? nullptr : &ask.tools.front();
}

step::Pace wordByWord()
{
    step::Pace pace;
    pace.words = true;
    pace.interval = WordInterval;
    return pace;
}

/// Builds the steps and counts what they say.
class DemoComposer
{
public:
    DemoComposer(const ChatAsk &ask, const ServiceModel &model)
        : m_ask(ask)
        , m_model(model)
        , m_phrases(isChinese(ask.question) ? ChinesePhrases : EnglishPhrases)
        , m_echo(shortEcho(ask.question))
    {
    }

    std::vector<ScenarioStep> compose()
    {
        addThinking();
        std::string stopReason = "END_TURN";
        if (!m_ask.outcomes.empty()) {
            addSummary();
        } else if (const ChatAsk::Tool *tool = suitableTool(m_ask)) {
            say(filledIn(m_phrases.callTool, tool->name));
            addCall(*tool);
            stopReason = "TOOL_USE";
        } else {
            const std::size_t pick =
                std::hash<std::string_view> {}(m_ask.question) % m_phrases.greetings.size();
            say(std::string(m_phrases.greetings[pick]) + filledIn(m_phrases.echo, m_echo)
                + std::string(m_phrases.closing));
        }
        addFigures(stopReason);
        return std::move(m_steps);
    }

private:
    void say(std::string text)
    {
        m_characters += characterCount(text);
        // `auto` tells which model really answered.
        const std::string model = m_model.id == "auto" ? "claude-sonnet-4.5" : m_model.id;
        m_steps.push_back(step::Text {std::move(text), model, wordByWord()});
    }

    void addThinking()
    {
        std::string thought = filledIn(m_phrases.thinking, m_echo);
        switch (m_ask.thinking) {
        case ChatAsk::Thinking::None:
            break;
        case ChatAsk::Thinking::Events:
            m_characters += characterCount(thought);
            m_steps.push_back(step::Thinking {thought, DemoSignature, wordByWord()});
            break;
        case ChatAsk::Thinking::Tags:
            say("<thinking>\n" + thought + "</thinking>\n\n");
            break;
        case ChatAsk::Thinking::Redacted:
            m_steps.push_back(step::Redacted {DemoRedacted});
            break;
        }
    }

    void addCall(const ChatAsk::Tool &tool)
    {
        static constexpr int Fragments = 4;
        step::ToolCall call;
        call.name = tool.name;
        call.input = schemaExample(tool.schema, m_echo);
        call.fragments = Fragments;
        m_characters += characterCount(call.input);
        m_steps.push_back(std::move(call));
    }

    void addSummary()
    {
        static constexpr std::size_t MaxQuoted = 200; // characters of one result
        std::string text;
        for (const ChatAsk::ToolOutcome &outcome : m_ask.outcomes) {
            if (!text.empty())
                text += "\n\n";
            const std::string_view name = outcome.name.empty() ? "?" : outcome.name;
            text += filledIn(outcome.failed ? m_phrases.toolFailed : m_phrases.toolAnswered, name);
            text += "> " + shortEcho(shortened(outcome.text, MaxQuoted));
        }
        say(text + std::string(m_phrases.resultClosing));
    }

    /// Four characters or bytes a token: rough, but it grows with the conversation.
    void addFigures(const std::string &stopReason)
    {
        static constexpr qint64 CharactersPerToken = 4;
        static constexpr double CreditsPerToken = 0.00001;
        step::Metadata metadata;
        metadata.stopReason = stopReason;
        metadata.usage = step::Metadata::Usage();
        metadata.usage->inputTokens = std::max<qint64>(1, m_ask.bytes / CharactersPerToken);
        metadata.usage->outputTokens = std::max<qint64>(1, m_characters / CharactersPerToken);
        const auto input = static_cast<double>(metadata.usage->inputTokens);
        const auto output = static_cast<double>(metadata.usage->outputTokens);
        m_steps.push_back(metadata);
        m_steps.push_back(step::ContextUsage {100.0 * (input + output)
                                              / static_cast<double>(m_model.maxInputTokens)});
        m_steps.push_back(step::Metering {(input + 5 * output) * CreditsPerToken * m_model.rate});
    }

    const ChatAsk &m_ask;
    const ServiceModel &m_model;
    const DemoPhrases &m_phrases;
    std::string m_echo;
    std::vector<ScenarioStep> m_steps;
    qint64 m_characters = 0;
};

} // namespace

std::string shortEcho(std::string_view question)
{
    std::string_view chosen;
    while (!question.empty()) {
        const std::size_t end = std::min(question.find('\n'), question.size());
        const std::string_view line = question.substr(0, end);
        question.remove_prefix(std::min(end + 1, question.size()));
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos || line[begin] == '<')
            continue;
        chosen = line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
    }
    return shortened(chosen, MaxEcho);
}

std::vector<ScenarioStep> demoAnswer(const ChatAsk &ask, const ServiceModel &model)
{
    return DemoComposer(ask, model).compose();
}

} // namespace kirotray
