// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/tokenestimate.h"
#include "app/dialects/dialect.h"
#include "app/dialects/freetextinput.h"
#include "app/dialects/responsescalls.h"
#include "app/dialects/responsesmemory.h"
#include "app/dialects/responsesobject.h"

#include <string>
#include <variant>
#include <vector>

namespace kirotray {

/// Writes one response's events; each carries the next `sequence_number`. At most one item is open
/// at a time. Gathers the items for the object that ends the stream; an answer of more than
/// limits::MaxAnswer bytes fails.
class ResponsesStreamEncoder final : public StreamEncoder
{
public:
    ResponsesStreamEncoder(const ChatRequest &request, const AnswerContext &context);
    void begin(std::string &out) override;
    void encode(const ChatEvent &event, std::string &out) override;
    void ping(std::string &out) override
    {
        if (!m_isOver)
            out += ": ping\n\n";
    }
    std::string document() const override { return m_document; }

private:
    struct OpenText
    {
        std::string itemId;
        std::string text;
        std::vector<TextCitation> citations;
    };
    struct OpenThinking
    {
        std::string itemId;
        ThinkingPart part;
    };
    struct OpenCall
    {
        ResponsesCall call;
        FreeTextInput freeText;
    };
    struct OpenSearch
    {
        std::string itemId;
        WebSearchCall call;
    };
    using OpenItem = std::variant<std::monostate, OpenText, OpenThinking, OpenCall, OpenSearch>;

    void add(const TextDelta &event);
    void add(const ThinkingDelta &event);
    void add(const ThinkingSignature &event);
    void add(const RedactedThinking &event);
    void add(const ToolCallStart &event);
    void add(const ToolCallDelta &event);
    void add(const ToolCallEnd &event);
    void add(const WebSearchCall &event);
    void add(const WebSearchResult &event);
    void add(const TextCitation &event);
    void add(const Finished &event);
    void add(const Failed &event);

    void openText();
    void openThinking();
    /// `status`: of a message, which is what an answer that stops early breaks off in.
    void close(ResponsesStatus status = ResponsesStatus::Completed);
    void closeText(const OpenText &open, ResponsesStatus status);
    void closeThinking(const OpenThinking &open);
    void sendCallInput(const OpenCall &open, std::string_view delta);
    void closeCall(OpenCall &open);
    void closeSearch(const OpenSearch &open, const WebSearchResult &result);
    void finish(std::string_view type, const ResponsesOutcome &outcome);

    std::string nextItemId(std::string_view prefix) const;
    void sendItem(std::string_view type, std::string_view item);
    void itemDone(std::string item);
    /// Writes an event up to its own members; end() closes it.
    JsonWriter start(std::string_view type);
    JsonWriter startForItem(std::string_view type, std::string_view itemId);
    void end(JsonWriter &writer);
    void sendForItem(std::string_view type, std::string_view itemId);
    std::string responseObject(const ResponsesOutcome &outcome) const;
    void sendResponse(std::string_view type, std::string_view object);

    ResponsesObject m_object;
    std::shared_ptr<const ResponsesMemory> m_memory;
    std::string m_answerId; ///< in the ids of all items
    bool m_showsThinking = true;
    std::string *m_out = nullptr; ///< only within a call
    qint64 m_sequence = 0;
    OpenItem m_open;
    std::vector<std::string> m_items; ///< done
    std::string m_document;
    TokenCounter m_thinkingTokens;
    qsizetype m_deltaBytes = 0; ///< up to limits::MaxAnswer
    bool m_hasCutCall = false;
    bool m_isOver = false;
};

} // namespace kirotray
