// SPDX-License-Identifier: MIT
#include "app/kiro/toolpairing.h"

#include "app/base/json.h"
#include "app/base/jsoncopy.h"

#include <unordered_map>
#include <unordered_set>

namespace kirotray {

namespace {

constexpr std::string_view MissingResultText = "No result was recorded for this tool call.";
constexpr std::string_view EmptyResultText = "(no output)";
constexpr std::string_view OrphanIntroduction =
    "Result of a tool call that is no longer in the conversation:\n";

class ToolPairing
{
public:
    ToolPairing(Conversation &conversation, std::vector<NormaliserNote> &notes)
        : m_conversation(conversation)
        , m_notes(notes)
    {
    }

    void run()
    {
        std::vector<Turn> &turns = m_conversation.turns;
        for (std::size_t at = 0; at < turns.size(); ++at) {
            if (turns[at].role == Role::Assistant)
                continue;
            static const std::vector<TurnToolUse> none;
            pair(at == 0 ? none : turns[at - 1].uses, turns[at]);
            if (at > 0)
                settleIdsAndInputs(turns[at - 1].uses, turns[at].results);
        }
        writeCounts();
    }

private:
    /// The results of one id, taken from the front: clients that number their calls anew in each
    /// message may use an id twice.
    struct Queue
    {
        std::vector<std::size_t> positions;
        std::size_t next = 0;
    };

    /// Gives `turn` one result for each of `uses`, in their order.
    void pair(const std::vector<TurnToolUse> &uses, Turn &turn)
    {
        if (uses.empty() && turn.results.empty())
            return;
        std::unordered_map<std::string_view, Queue> byId;
        for (std::size_t at = 0; at < turn.results.size(); ++at)
            byId[turn.results[at].toolUseId].positions.push_back(at);
        std::vector<bool> isTaken(turn.results.size(), false);
        std::vector<TurnToolResult> paired;
        std::unordered_set<std::string_view> answered;
        for (const TurnToolUse &use : uses) {
            Queue &queue = byId[use.id];
            if (queue.next == queue.positions.size()) {
                paired.push_back({use.id, MissingResultText, true});
                ++m_missing;
                continue;
            }
            const std::size_t position = queue.positions[queue.next++];
            isTaken[position] = true;
            answered.insert(use.id);
            paired.push_back(turn.results[position]);
        }
        placeLeftovers(turn, isTaken, answered);
        turn.results = std::move(paired);
    }

    /// A second result of an answered call is dropped; one of an unknown call is kept as text.
    void placeLeftovers(Turn &turn, const std::vector<bool> &isTaken,
                        const std::unordered_set<std::string_view> &answered)
    {
        std::vector<std::string_view> orphans;
        for (std::size_t at = 0; at < turn.results.size(); ++at) {
            const TurnToolResult &result = turn.results[at];
            if (isTaken[at])
                continue;
            if (answered.contains(result.toolUseId)) {
                ++m_duplicates;
                continue;
            }
            ++m_orphans;
            orphans.push_back(m_conversation.owned.emplace_back(std::string(OrphanIntroduction)
                                                                + std::string(result.text)));
        }
        turn.texts.insert(turn.texts.begin(), orphans.begin(), orphans.end());
    }

    void settleIdsAndInputs(std::vector<TurnToolUse> &uses, std::vector<TurnToolResult> &results)
    {
        for (std::size_t at = 0; at < uses.size(); ++at) {
            TurnToolUse &use = uses[at];
            use.id = uniqueId(use.id);
            use.inputJson = soundInput(use);
            results[at].toolUseId = use.id;
            if (isBlankText(results[at].text)) {
                results[at].text = EmptyResultText;
                ++m_emptyResults;
            }
        }
    }

    std::string_view uniqueId(std::string_view id)
    {
        if (!id.empty() && m_ids.insert(id).second)
            return id;
        ++m_renamedIds;
        int &number = m_lastNumber[id];
        for (;;) {
            const std::string_view base = id.empty() ? "call" : id;
            std::string candidate = std::string(base) + '_' + std::to_string(++number);
            if (m_ids.contains(candidate))
                continue;
            const std::string &kept = m_conversation.owned.emplace_back(std::move(candidate));
            m_ids.insert(kept);
            return kept;
        }
    }

    /// A JSON object stays as the client wrote it, byte for byte, unless the upstream could not
    /// read its escapes.
    std::string_view soundInput(const TurnToolUse &use)
    {
        if (use.inputJson.empty())
            return "{}";
        Result<JsonDocument> document = JsonDocument::parse(use.inputJson);
        if (document && document.value().root().isString()) {
            // Some clients encode the arguments twice.
            Result<JsonDocument> inner = JsonDocument::parse(document.value().root().string());
            if (inner && inner.value().root().isObject()) {
                document = std::move(inner);
                noteInput(use, "was encoded twice");
                return keptCopy(document.value().root());
            }
        }
        const bool isObject = document && document.value().root().isObject();
        if (isObject && hasPlainEscapes(use.inputJson))
            return use.inputJson;
        if (isObject) {
            ++m_escapes;
            return keptCopy(document.value().root());
        }
        if (document && document.value().root().isNull()) {
            noteInput(use, "was null");
            return "{}";
        }
        noteInput(use, "was no JSON object and is wrapped");
        return wrapped(use, document);
    }

    std::string_view keptCopy(const JsonValue &value)
    {
        std::string &copy = m_conversation.owned.emplace_back();
        JsonWriter writer(copy);
        copyJson(writer, value, false);
        return copy;
    }

    std::string_view wrapped(const TurnToolUse &use, const Result<JsonDocument> &document)
    {
        const std::string_view text = cleanText(use.inputJson, m_conversation.owned);
        std::string &copy = m_conversation.owned.emplace_back();
        JsonWriter writer(copy);
        writer.beginObject().key("input");
        if (document)
            copyJson(writer, document.value().root(), false);
        else
            writer.string(text);
        writer.endObject();
        return copy;
    }

    void noteInput(const TurnToolUse &use, const char *what)
    {
        m_notes.push_back({13, "input of a call of tool '" + std::string(use.name) + "' " + what});
    }

    void writeCounts()
    {
        const auto note = [this](int rule, int count, const char *what) {
            if (count > 0)
                m_notes.push_back({rule, std::to_string(count) + ' ' + what});
        };
        note(6, m_missing, "missing tool result(s) added as errors");
        note(7, m_orphans, "tool result(s) without their call turned into text");
        note(7, m_duplicates, "repeated tool result(s) dropped");
        note(7, m_renamedIds, "missing or repeated tool call id(s) replaced");
        note(4, m_emptyResults, "empty tool result(s) filled");
        note(19, m_escapes, "tool input(s) with surrogate or U+0000 escapes written anew");
    }

    Conversation &m_conversation;
    std::vector<NormaliserNote> &m_notes;
    std::unordered_set<std::string_view> m_ids;
    std::unordered_map<std::string_view, int> m_lastNumber;
    int m_missing = 0;
    int m_orphans = 0;
    int m_duplicates = 0;
    int m_renamedIds = 0;
    int m_emptyResults = 0;
    int m_escapes = 0;
};

} // namespace

void pairTools(Conversation &conversation, std::vector<NormaliserNote> &notes)
{
    ToolPairing(conversation, notes).run();
}

} // namespace kirotray
