// SPDX-License-Identifier: MIT
#include "tests/requestrules.h"

#include <QRegularExpression>
#include <QString>

#include <set>

namespace kirotray {

namespace {

QString utf16(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

class RuleCheck
{
public:
    std::vector<std::string> broken;

    void checkState(const JsonValue &state)
    {
        require(state["chatTriggerType"].string() == "MANUAL", 2, "trigger");
        const JsonValue history = state["history"];
        if (!history.isMissing())
            require(history.isArray() && history.size() > 0, 13, "history");
        bool isUserNext = true;
        for (const JsonValue &entry : history) {
            const JsonValue user = entry["userInputMessage"];
            const JsonValue assistant = entry["assistantResponseMessage"];
            require(entry.size() == 1 && user.isObject() != assistant.isObject(), 13, "union");
            require(user.isObject() == isUserNext, m_first ? 1 : 3, entry.path());
            if (user.isObject())
                checkUser(user, false);
            else
                checkAssistant(assistant);
            isUserNext = !user.isObject();
            m_first = false;
        }
        require(isUserNext, 2, "the history ends with a user message");
        require(state["currentMessage"].size() == 1, 2, "currentMessage");
        checkUser(state["currentMessage"]["userInputMessage"], true);
        for (const std::string &name : m_usedNames)
            require(m_declared.contains(name), 8, name);
        checkNulls(state);
    }

private:
    void require(bool holds, int rule, const std::string &what)
    {
        if (!holds)
            broken.push_back(std::to_string(rule) + ": " + what);
    }

    void checkContent(const JsonValue &message, int rule)
    {
        require(message["content"].isString(), rule, message.path() + " has no content");
        if (rule == 4)
            require(!utf16(message["content"].string()).trimmed().isEmpty(), 4,
                    message.path() + " is blank");
        else
            require(!message["content"].string().empty(), 5, message.path() + " is empty");
    }

    void checkUser(const JsonValue &message, bool isCurrent)
    {
        checkContent(message, 4);
        require(!message["origin"].string().empty(), 20, "origin");
        const JsonValue context = message["userInputMessageContext"];
        require(context.isMissing() || context.size() > 0, 13, "empty context");
        checkResults(context["toolResults"]);
        require(isCurrent || context["tools"].isMissing(), 8, "tools in the history");
        checkTools(context["tools"]);
    }

    void checkResults(const JsonValue &results)
    {
        require(results.isMissing() || results.size() > 0, 13, "empty toolResults");
        for (const JsonValue &result : results) {
            const std::string id(result["toolUseId"].string());
            require(m_open.erase(id) == 1, 7, id + " has no call or two results");
            const std::string_view status = result["status"].string();
            require(status == "success" || status == "error", 6, "status");
            require(result["content"].size() == 1, 6, "content of a result");
            for (const JsonValue &block : result["content"])
                require(!utf16(block["text"].string()).trimmed().isEmpty(), 4, "blank result");
        }
        for (const std::string &id : m_open)
            require(false, 6, id + " is not answered");
        m_open.clear();
    }

    void checkAssistant(const JsonValue &message)
    {
        checkContent(message, 5);
        const JsonValue uses = message["toolUses"];
        require(uses.isMissing() || uses.size() > 0, 13, "empty toolUses");
        require(uses.size() > 0 || !utf16(message["content"].string()).trimmed().isEmpty(), 5,
                "blank without calls");
        for (const JsonValue &use : uses) {
            const std::string id(use["toolUseId"].string());
            require(!id.empty() && m_ids.insert(id).second, 7, id + " is not unique");
            m_open.insert(id);
            m_usedNames.insert(std::string(use["name"].string()));
            require(use["input"].isObject(), 13, "input of " + id);
        }
        checkReasoning(message["reasoningContent"]);
    }

    void checkReasoning(const JsonValue &reasoning)
    {
        if (reasoning.isMissing())
            return;
        const JsonValue text = reasoning["reasoningText"];
        const bool isText = text["text"].isString() && !text["signature"].string().empty();
        const bool isOpaque = !reasoning["redactedContent"].string().empty();
        require(reasoning.size() == 1 && isText != isOpaque, 18, "reasoning");
    }

    void checkTools(const JsonValue &tools)
    {
        require(tools.isMissing() || tools.size() > 0, 13, "empty tools");
        static const QRegularExpression nameForm(u"\\A[a-zA-Z][a-zA-Z0-9_-]{0,63}\\z"_s);
        for (const JsonValue &tool : tools) {
            const JsonValue spec = tool["toolSpecification"];
            const std::string name(spec["name"].string());
            require(nameForm.match(utf16(name)).hasMatch(), 10, name);
            require(m_declared.insert(name).second, 9, name);
            const QString description = utf16(spec["description"].string());
            require(!description.trimmed().isEmpty() && description.size() <= 10000, 11, name);
            const JsonValue schema = spec["inputSchema"]["json"];
            require(schema["type"].string() == "object", 12, name + " type");
            require(schema["properties"].isObject(), 12, name + " properties");
            for (const JsonValue &required : schema["required"])
                require(schema["properties"][required.string()].isObject(), 12, name + " required");
        }
    }

    /// Tool inputs are the client's own: there a null is a value.
    void checkNulls(const JsonValue &value)
    {
        require(!value.isNull(), 13, value.path() + " is null");
        if (value.key() == "input")
            return;
        for (const JsonValue &child : value)
            checkNulls(child);
    }

    bool m_first = true;
    std::set<std::string> m_open; ///< calls of the turn before
    std::set<std::string> m_ids;
    std::set<std::string> m_usedNames;
    std::set<std::string> m_declared;
};

} // namespace

std::vector<std::string> brokenRules(const JsonValue &state)
{
    RuleCheck check;
    check.checkState(state);
    return check.broken;
}

} // namespace kirotray
