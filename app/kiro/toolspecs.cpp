// SPDX-License-Identifier: MIT
#include "app/kiro/toolspecs.h"

#include "app/base/limits.h"
#include "app/kiro/toolnames.h"

#include <algorithm>
#include <unordered_set>

namespace kirotray {

namespace {

constexpr std::string_view PlaceholderDescription = "Tool used in conversation history";

std::string quotedTool(std::string_view name)
{
    return "tool '" + std::string(name) + '\'';
}

std::string foldedCase(std::string_view name)
{
    std::string folded(name);
    std::transform(folded.begin(), folded.end(), folded.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return folded;
}

/// The start of a text, at most `units` UTF-16 units long, which is how the service counts; never
/// cut within a character.
std::string_view startOfText(std::string_view text, int units)
{
    int counted = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        counted += bytes == 4 ? 2 : 1;
        if (counted > units)
            return text.substr(0, at);
        at += bytes;
    }
    return text;
}

class ToolPlanner
{
public:
    ToolPlanner(const ChatRequest &request, const Conversation &conversation, SchemaLevel level,
                std::vector<NormaliserNote> &notes)
        : m_request(request)
        , m_conversation(conversation)
        , m_level(level)
        , m_notes(notes)
    {
    }

    ToolPlan plan()
    {
        collectUsedNames();
        collectDeclared();
        matchHistory();
        const std::vector<std::string> upstream = upstreamToolNames(m_names);
        for (std::size_t at = 0; at < m_names.size(); ++at)
            addSpec(at, upstream[at]);
        for (const auto &[used, position] : m_positionOfUsed)
            m_plan.upstreamNames.emplace(used, upstream[position]);
        m_plan.instruction = instruction(upstream);
        return std::move(m_plan);
    }

private:
    using Mode = ToolChoice::Mode;

    void collectUsedNames()
    {
        std::unordered_set<std::string_view> seen;
        for (const Turn &turn : m_conversation.turns)
            for (const TurnToolUse &use : turn.uses)
                if (seen.insert(use.name).second)
                    m_used.push_back(use.name);
    }

    void collectDeclared()
    {
        std::unordered_set<std::string> usedFolded;
        for (const std::string_view name : m_used)
            usedFolded.insert(foldedCase(name));
        std::unordered_set<std::string_view> seen;
        int left = 0;
        for (const Tool &tool : m_request.tools) {
            const bool isRepeated = !seen.insert(tool.name).second;
            if (isRepeated) {
                m_notes.push_back(
                    {9, quotedTool(tool.name) + " is declared twice; the first counts"});
                continue;
            }
            // Rule 8: what the history mentions stays declared even when no call is wanted.
            if (m_request.toolChoice.mode == Mode::None
                && !usedFolded.contains(foldedCase(tool.name))) {
                ++left;
                continue;
            }
            m_names.push_back(tool.name);
            m_tools.push_back(&tool);
        }
        if (left > 0)
            m_notes.push_back({0, std::to_string(left) + " tool(s) not sent: tool choice none"});
        m_hasDeclared = !m_names.empty();
    }

    /// Finds the declaration of each name in the history: the same name, else the same but for
    /// case, else a placeholder.
    void matchHistory()
    {
        std::unordered_map<std::string_view, std::size_t> exact;
        std::unordered_map<std::string, std::size_t> folded;
        for (std::size_t at = 0; at < m_names.size(); ++at) {
            exact.emplace(m_names[at], at);
            folded.emplace(foldedCase(m_names[at]), at);
        }
        for (const std::string_view name : m_used) {
            if (const auto found = exact.find(name); found != exact.end()) {
                m_positionOfUsed.emplace_back(name, found->second);
                continue;
            }
            const auto [found, isNew] = folded.emplace(foldedCase(name), m_names.size());
            m_positionOfUsed.emplace_back(name, found->second);
            if (!isNew)
                continue;
            m_names.push_back(name);
            m_tools.push_back(nullptr);
            m_notes.push_back({8, quotedTool(name) + " of the history declared as a placeholder"});
        }
    }

    void addSpec(std::size_t at, const std::string &upstreamName)
    {
        const std::string clientName(m_names[at]);
        if (upstreamName != clientName) {
            m_notes.push_back({10, quotedTool(clientName) + " renamed to '" + upstreamName + '\''});
            m_plan.clientNames.emplace(upstreamName, clientName);
        }
        ToolSpec &spec = m_plan.specs.emplace_back();
        spec.name = upstreamName;
        const Tool *tool = m_tools[at];
        spec.description = tool == nullptr ? std::string(PlaceholderDescription)
                                           : description(*tool, upstreamName);
        spec.schemaJson = tool == nullptr ? sanitiseSchema("{}", m_level).json : schema(*tool);
    }

    std::string description(const Tool &tool, const std::string &upstreamName)
    {
        std::deque<std::string> owned;
        const std::string_view text = cleanText(tool.description, owned);
        if (isBlankText(text)) {
            m_notes.push_back(
                {11, quotedTool(tool.name) + " has no description; its name is sent"});
            return upstreamName;
        }
        const std::string_view kept = startOfText(text, limits::MaxToolDescription);
        if (kept.size() < text.size())
            m_notes.push_back({11, "description of " + quotedTool(tool.name) + " cut"});
        return std::string(kept);
    }

    std::string schema(const Tool &tool)
    {
        static constexpr std::string_view empty = "{}";
        const bool isAbsent = tool.inputSchemaJson.empty();
        SanitisedSchema clean = sanitiseSchema(isAbsent ? empty : tool.inputSchemaJson, m_level);
        if (isAbsent || clean.changes.empty())
            return std::move(clean.json);
        std::string what = "schema of " + quotedTool(tool.name) + ": ";
        for (std::size_t at = 0; at < clean.changes.size(); ++at)
            what += (at == 0 ? "" : ", ") + clean.changes[at];
        m_notes.push_back({14, std::move(what)});
        return std::move(clean.json);
    }

    std::string instruction(const std::vector<std::string> &upstream)
    {
        if (m_plan.specs.empty())
            return {};
        std::string text;
        // Placeholders only: a client that declares no tools could not run one.
        if (m_request.toolChoice.mode == Mode::None || !m_hasDeclared)
            text = "Do not call any tool in this answer; reply with text only.";
        else if (m_request.toolChoice.mode == Mode::Any)
            text = "You must call at least one of the available tools in this answer.";
        else if (m_request.toolChoice.mode == Mode::Named)
            text = instructionToCall(upstream);
        if (m_hasDeclared && !m_request.toolChoice.parallel
            && m_request.toolChoice.mode != Mode::None)
            text +=
                (text.empty() ? "" : " ") + std::string("Call at most one tool in this answer.");
        if (!text.empty())
            m_notes.push_back({0, "tool choice written into the system text"});
        return text;
    }

    std::string instructionToCall(const std::vector<std::string> &upstream)
    {
        const std::string &wanted = m_request.toolChoice.name;
        for (std::size_t at = 0; at < m_names.size(); ++at)
            if (m_tools[at] != nullptr && m_names[at] == wanted)
                return "You must call the tool `" + upstream[at] + "` in this answer.";
        m_notes.push_back({0, "tool choice names the undeclared " + quotedTool(wanted)});
        return {};
    }

    const ChatRequest &m_request;
    const Conversation &m_conversation;
    SchemaLevel m_level;
    std::vector<NormaliserNote> &m_notes;
    ToolPlan m_plan;
    std::vector<std::string_view> m_used; ///< names in the history, each once
    std::vector<std::string_view> m_names; ///< to declare: the client's, then placeholders
    std::vector<const Tool *> m_tools; ///< of m_names; null for placeholders
    std::vector<std::pair<std::string_view, std::size_t>> m_positionOfUsed;
    bool m_hasDeclared = false;
};

} // namespace

ToolPlan planTools(const ChatRequest &request, const Conversation &conversation, SchemaLevel level,
                   std::vector<NormaliserNote> &notes)
{
    return ToolPlanner(request, conversation, level, notes).plan();
}

} // namespace kirotray
