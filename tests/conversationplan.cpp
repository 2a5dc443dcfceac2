// SPDX-License-Identifier: MIT
#include "tests/conversationplan.h"

#include "app/base/json.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kirotray {

namespace {

constexpr int MaxPlannedPictures = 8; ///< below the service's ten: more are refused
constexpr int MaxPlannedDocuments = 3;

std::string literal(std::string_view text)
{
    std::string json;
    appendJsonString(json, text);
    return json;
}

const std::vector<std::string> &plannedTexts()
{
    static const std::vector<std::string> texts {
        R"("")",
        R"(" \n\t")",
        R"("Hello")",
        R"("Read the file, then write it.")",
        "\"\xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x8E\x89\"",
        R"("half \ud800 of a pair")",
        R"("\udc00\ud800")",
        R"("nul \u0000 inside")",
        R"("\u0001\u001f\u007f\u2028\ufeff\uffff")",
        R"("\"quoted\" \\ and \/ {\"a\":1}")",
        R"("<thinking>no thought</thinking> ```x```")",
        literal(std::string(700, 'x')),
        literal("many\n\nlines\r\n" + std::string(40, '\n')),
    };
    return texts;
}

const std::vector<std::string> &plannedNames()
{
    static const std::vector<std::string> names {
        R"("Bash")",
        R"("bash")",
        R"("a.b")",
        R"("a_b")",
        R"("a:b")",
        R"("a b")",
        R"("1x")",
        R"("_x")",
        R"("-")",
        R"("web_search")",
        R"("mcp__server__do_something")",
        "\"\xE6\x90\x9C\xE7\xB4\xA2\"",
        "\"\xF0\x9F\x8E\x89\"",
        R"("\ud800")",
        literal(std::string(64, 'n')),
        literal(std::string(65, 'n')),
        literal(std::string(66, 'n')),
        literal(std::string(200, 'n') + ".x"),
    };
    return names;
}

const std::vector<std::string> &plannedSchemas()
{
    static const std::vector<std::string> schemas {
        "",
        "{}",
        R"({"type":"object"})",
        R"({"type":"object","properties":{"path":{"type":"string"}},"required":["path"],"additionalProperties":false})",
        R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"n":{"type":["integer","null"],"default":null}}})",
        R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}}}}})",
        R"({"$ref":"#/definitions/R","definitions":{"R":{"type":"object","properties":{"x":{"type":"number","exclusiveMinimum":0}}}}})",
        R"({"type":"object","properties":{"a":{"$ref":"#/nowhere"},"b":{"$ref":"https://example.com/s"}}})",
        R"({"anyOf":[{"type":"object","required":["z"]},{"type":"null"}]})",
        R"({"type":"object","oneOf":[{"properties":{"k":{"const":"a"}}},{"properties":{"k":{"enum":["b",null]}}}]})",
        R"({"type":"array","items":{"type":"string"}})",
        R"({"type":"object","properties":{"a b":{"type":"string"},"\ud800":{"type":"string","description":"\u0000"}},"required":["a b","missing"]})",
        R"({"type":"object","properties":{"m":{"type":"object","propertyNames":{"pattern":"^x"},"patternProperties":{"^x":{}},"additionalProperties":{"type":"integer"}}},"allOf":[{"required":["m"]}],"not":{"required":["q"]}})",
        R"({"type":"object","properties":{},"required":[]})",
    };
    return schemas;
}

const std::vector<std::string> &plannedInputs()
{
    static const std::vector<std::string> inputs {
        "{}",
        R"({"path":"a.txt"})",
        R"({ "n" : 12345678901234567890.10, "e":1e3 })",
        R"({"s":"\ud800 \u0000","deep":[[{"a":[null,true]}]]})",
        "{\"t\":\"\xE4\xBD\xA0\"}",
    };
    return inputs;
}

class ConversationDice
{
public:
    explicit ConversationDice(quint32 seed)
        : m_random(seed)
    {
    }

    ConversationPlan plan()
    {
        ConversationPlan plan;
        for (int left = below(3); left > 0; --left)
            plan.system.push_back(one(plannedTexts()));
        plan.systemCachePoint = oneIn(4);
        for (int left = below(5); left > 0; --left)
            plan.tools.push_back(tool());
        m_tools = &plan.tools;
        for (int rounds = 1 + below(5); rounds > 0; --rounds)
            addRound(plan.turns);
        damage(plan.turns);
        addCertainText(plan.turns);
        plan.searchesTheWeb = oneIn(6);
        plan.toolChoice = below(5);
        plan.reasoning = below(5);
        if (oneIn(5))
            plan.formatSchema = R"({"type":"object","properties":{"t":{"type":"string"}}})";
        if (coin())
            plan.maxTokens = 1 + below(200'000);
        if (coin())
            plan.session = one({R"("ses_1")", R"("\ud83d")", literal(std::string(300, 's'))});
        return plan;
    }

private:
    int below(int end) { return m_random.bounded(end); }
    bool coin() { return below(2) == 0; }
    bool oneIn(int count) { return below(count) == 0; }

    const std::string &one(const std::vector<std::string> &choices)
    {
        return choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
    }

    PlannedTool tool()
    {
        PlannedTool tool;
        tool.kind = oneIn(5) ? PlannedTool::Kind::Custom : PlannedTool::Kind::Function;
        tool.name = one(plannedNames());
        tool.description = oneIn(4) ? std::string()
            : oneIn(12)             ? literal(std::string(11'000, 'd'))
                                    : one(plannedTexts());
        tool.schema = one(plannedSchemas());
        tool.isCachePoint = oneIn(8);
        return tool;
    }

    PlannedPart part(PlannedPart::Kind kind)
    {
        PlannedPart part;
        part.kind = kind;
        part.text = one(plannedTexts());
        part.isCachePoint = oneIn(10);
        return part;
    }

    /// A user's turn, an assistant's with calls, and the turn with their results.
    void addRound(std::vector<PlannedTurn> &turns)
    {
        if (oneIn(8))
            turns.push_back({PlannedRole::System, {part(PlannedPart::Kind::Text)}});
        turns.push_back(userTurn());
        for (int steps = below(3); steps > 0; --steps) {
            turns.push_back(assistantTurn());
            turns.push_back(resultTurn(turns.back()));
        }
        if (coin())
            turns.push_back({PlannedRole::Assistant, {part(PlannedPart::Kind::Text)}});
    }

    PlannedTurn userTurn()
    {
        PlannedTurn turn;
        for (int left = below(3); left >= 0; --left)
            turn.parts.push_back(part(PlannedPart::Kind::Text));
        if (oneIn(5) && m_pictures++ < MaxPlannedPictures)
            turn.parts.push_back(picture());
        if (oneIn(12) && m_documents++ < MaxPlannedDocuments)
            turn.parts.push_back(document());
        return turn;
    }

    PlannedTurn assistantTurn()
    {
        PlannedTurn turn {PlannedRole::Assistant, {}};
        if (oneIn(3)) {
            turn.parts.push_back(part(PlannedPart::Kind::Thinking));
            turn.parts.back().extra = oneIn(3) ? R"("")" : R"("c2lnbmF0dXJl")";
        }
        if (oneIn(8)) {
            turn.parts.push_back(part(PlannedPart::Kind::Redacted));
            turn.parts.back().text = R"("cmVkYWN0ZWQ=")";
        }
        if (coin())
            turn.parts.push_back(part(PlannedPart::Kind::Text));
        for (int left = below(4); left > 0; --left)
            turn.parts.push_back(call());
        return turn;
    }

    PlannedPart call()
    {
        PlannedPart call = part(PlannedPart::Kind::Call);
        call.id = id();
        // Most of the time a tool that is offered.
        const bool isOffered = !m_tools->empty() && !oneIn(4);
        call.name = isOffered
            ? (*m_tools)[static_cast<std::size_t>(below(static_cast<int>(m_tools->size())))].name
            : one(plannedNames());
        call.extra = one(plannedInputs());
        return call;
    }

    std::string id()
    {
        if (coin())
            return literal("call_" + std::to_string(++m_lastId));
        return one({R"("1")", R"("toolu_01")", R"("a|b c")", R"("\ud800")",
                    literal(std::string(120, 'i'))});
    }

    PlannedTurn resultTurn(const PlannedTurn &calls)
    {
        PlannedTurn turn;
        for (const PlannedPart &call : calls.parts) {
            if (call.kind != PlannedPart::Kind::Call || oneIn(10))
                continue;
            PlannedPart result = part(PlannedPart::Kind::Result);
            result.id = oneIn(15) ? id() : call.id;
            result.name = call.name;
            result.isError = oneIn(5);
            if (oneIn(8) && m_pictures++ < MaxPlannedPictures)
                result.images.push_back(tinyPicture());
            turn.parts.push_back(std::move(result));
        }
        if (oneIn(3))
            turn.parts.push_back(part(PlannedPart::Kind::Text));
        return turn;
    }

    PlannedPart picture()
    {
        PlannedPart picture = part(PlannedPart::Kind::Image);
        picture.text = tinyPicture();
        return picture;
    }

    PlannedPart document()
    {
        PlannedPart document = part(PlannedPart::Kind::Document);
        document.text = "JVBERi0xLjQKJSVFT0YK"; // "%PDF-1.4\n%%EOF\n"
        document.name = one({R"("a.pdf")", R"("Report (final).pdf")", "\"\xE4\xBD\xA0.pdf\"",
                             literal(std::string(300, 'p') + ".pdf")});
        return document;
    }

    /// What lost turns, retries and edited histories do.
    void damage(std::vector<PlannedTurn> &turns)
    {
        for (int left = below(4); left > 0 && !turns.empty(); --left) {
            const auto at = static_cast<std::ptrdiff_t>(below(static_cast<int>(turns.size())));
            const auto other = static_cast<std::ptrdiff_t>(below(static_cast<int>(turns.size())));
            switch (below(4)) {
            case 0:
                turns.erase(turns.begin() + at);
                break;
            case 1:
                duplicate(turns, at);
                break;
            case 2:
                std::swap(turns[static_cast<std::size_t>(at)],
                          turns[static_cast<std::size_t>(other)]);
                break;
            default:
                if (auto &parts = turns[static_cast<std::size_t>(at)].parts; !parts.empty())
                    parts.erase(parts.begin() + below(static_cast<int>(parts.size())));
                break;
            }
        }
    }

    /// Without its files: their number is limited.
    static void duplicate(std::vector<PlannedTurn> &turns, std::ptrdiff_t at)
    {
        PlannedTurn copy = turns[static_cast<std::size_t>(at)];
        std::erase_if(copy.parts, [](const PlannedPart &part) {
            return part.kind == PlannedPart::Kind::Image
                || part.kind == PlannedPart::Kind::Document;
        });
        for (PlannedPart &part : copy.parts)
            part.images.clear();
        turns.insert(turns.begin() + at, std::move(copy));
    }

    void addCertainText(std::vector<PlannedTurn> &turns)
    {
        PlannedTurn turn;
        turn.parts.push_back(part(PlannedPart::Kind::Text));
        turn.parts.back().text = R"("Do it.")";
        const auto at =
            oneIn(3) ? below(static_cast<int>(turns.size()) + 1) : static_cast<int>(turns.size());
        turns.insert(turns.begin() + at, std::move(turn));
    }

    QRandomGenerator m_random;
    const std::vector<PlannedTool> *m_tools = nullptr;
    int m_lastId = 0;
    int m_pictures = 0;
    int m_documents = 0;
};

} // namespace

ConversationPlan plannedConversation(quint32 seed)
{
    return ConversationDice(seed).plan();
}

const std::string &tinyPicture()
{
    static const std::string base64 = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAEElEQVR42mNw"
                                      "aDgARww4OQBZNhIBO19W7AAAAABJRU5"
                                      "ErkJggg==";
    return base64;
}

} // namespace kirotray
