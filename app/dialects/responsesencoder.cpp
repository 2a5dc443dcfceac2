// SPDX-License-Identifier: MIT
#include "app/dialects/responsesencoder.h"

#include "app/base/limits.h"
#include "app/dialects/dialectparts.h"

#include <utility>

namespace kirotray {

namespace {

/// Of what grows without an end of its own: all of it comes again in the last event.
qsizetype responsesDeltaBytes(const ChatEvent &event)
{
    std::size_t bytes = 0;
    if (const auto *text = std::get_if<TextDelta>(&event))
        bytes = text->text.size();
    else if (const auto *thinking = std::get_if<ThinkingDelta>(&event))
        bytes = thinking->text.size();
    else if (const auto *input = std::get_if<ToolCallDelta>(&event))
        bytes = input->json.size();
    return static_cast<qsizetype>(bytes);
}

} // namespace

ResponsesStreamEncoder::ResponsesStreamEncoder(const ChatRequest &request,
                                               const AnswerContext &context)
    : m_memory(memoryOf<ResponsesMemory>(request))
    , m_answerId(context.id)
    , m_showsThinking(request.reasoning.isShown)
{
    m_object = {"resp_" + context.id, request.model, context.created, &m_memory->echo};
}

void ResponsesStreamEncoder::begin(std::string &out)
{
    m_out = &out;
    const std::string object = responseObject({});
    sendResponse("response.created", object);
    sendResponse("response.in_progress", object);
    m_out = nullptr;
}

void ResponsesStreamEncoder::encode(const ChatEvent &event, std::string &out)
{
    if (m_isOver)
        return;
    m_out = &out;
    m_deltaBytes += responsesDeltaBytes(event);
    if (m_deltaBytes > limits::MaxAnswer)
        add(Failed {{ChatError::Kind::Upstream, "the answer is too large", {}, std::nullopt}});
    else
        std::visit([this](const auto &each) { add(each); }, event);
    m_out = nullptr;
}

void ResponsesStreamEncoder::add(const ToolCallStart &event)
{
    close();
    const ResponsesToolForm *form = m_memory->form(event.name);
    OpenCall open;
    open.call.callId = event.id;
    open.call.form = form != nullptr
        ? *form
        : ResponsesToolForm {ResponsesToolForm::Kind::Function, event.name, {}};
    open.call.itemId = nextItemId(responsesCallPrefix(open.call.form.kind));
    // OpenAI's own tools are told whole: their items are not text that could grow.
    if (!isOpenAisOwn(open.call.form.kind))
        sendItem("response.output_item.added",
                 responsesCallItem(open.call, ResponsesStatus::InProgress));
    m_open = std::move(open);
}

void ResponsesStreamEncoder::add(const ToolCallDelta &event)
{
    auto *open = std::get_if<OpenCall>(&m_open);
    if (open == nullptr || event.json.empty())
        return;
    open->call.inputJson += event.json;
    if (open->call.form.kind == ResponsesToolForm::Kind::Custom) {
        std::string delta;
        open->freeText.add(event.json, delta);
        sendCallInput(*open, delta);
    } else if (open->call.form.kind == ResponsesToolForm::Kind::Function) {
        sendCallInput(*open, event.json);
    }
}

void ResponsesStreamEncoder::sendCallInput(const OpenCall &open, std::string_view delta)
{
    if (delta.empty())
        return;
    const bool isCustom = open.call.form.kind == ResponsesToolForm::Kind::Custom;
    JsonWriter writer = startForItem(isCustom ? "response.custom_tool_call_input.delta"
                                              : "response.function_call_arguments.delta",
                                     open.call.itemId);
    writer.member("delta", delta);
    end(writer);
}

void ResponsesStreamEncoder::add(const ToolCallEnd &event)
{
    auto *open = std::get_if<OpenCall>(&m_open);
    if (open == nullptr)
        return;
    if (event.complete) {
        closeCall(*open);
    } else {
        // Never told as done: a client must not run half an input.
        m_hasCutCall = true;
    }
    m_open = std::monostate();
}

void ResponsesStreamEncoder::closeCall(OpenCall &open)
{
    ResponsesCall &call = open.call;
    if (call.inputJson.empty()) {
        call.inputJson = "{}";
        if (call.form.kind == ResponsesToolForm::Kind::Function)
            sendCallInput(open, call.inputJson);
    }
    if (call.form.kind == ResponsesToolForm::Kind::Function) {
        JsonWriter writer = startForItem("response.function_call_arguments.done", call.itemId);
        writer.member("arguments", call.inputJson);
        end(writer);
    } else if (call.form.kind == ResponsesToolForm::Kind::Custom) {
        std::string rest;
        open.freeText.finish(rest);
        sendCallInput(open, rest);
        call.freeText = open.freeText.text();
        JsonWriter writer = startForItem("response.custom_tool_call_input.done", call.itemId);
        writer.member("input", call.freeText);
        end(writer);
    } else {
        sendItem("response.output_item.added",
                 responsesCallItem(call, ResponsesStatus::InProgress));
    }
    itemDone(responsesCallItem(call, ResponsesStatus::Completed));
}

void ResponsesStreamEncoder::add(const WebSearchCall &event)
{
    close();
    const OpenSearch &open = m_open.emplace<OpenSearch>(OpenSearch {nextItemId("ws_"), event});
    sendItem("response.output_item.added", responsesSearchItem(open.itemId, event, nullptr, false));
    sendForItem("response.web_search_call.in_progress", open.itemId);
    sendForItem("response.web_search_call.searching", open.itemId);
}

void ResponsesStreamEncoder::add(const WebSearchResult &event)
{
    const auto *open = std::get_if<OpenSearch>(&m_open);
    if (open == nullptr || open->call.id != event.id)
        return;
    closeSearch(*open, event);
    m_open = std::monostate();
}

void ResponsesStreamEncoder::closeSearch(const OpenSearch &open, const WebSearchResult &result)
{
    if (result.errorCode.empty())
        sendForItem("response.web_search_call.completed", open.itemId);
    itemDone(responsesSearchItem(open.itemId, open.call, &result, m_memory->wantsSearchSources));
}

void ResponsesStreamEncoder::add(const Finished &event)
{
    ResponsesOutcome outcome {
        ResponsesStatus::Completed, {}, nullptr, &event.usage, m_thinkingTokens.tokens()};
    const bool isLong =
        event.reason == StopReason::MaxTokens || event.reason == StopReason::ContextWindowExceeded;
    if (isLong || m_hasCutCall)
        outcome.incompleteReason = "max_output_tokens";
    else if (event.reason == StopReason::Refusal)
        outcome.incompleteReason = "content_filter";
    if (!outcome.incompleteReason.empty())
        outcome.status = ResponsesStatus::Incomplete;
    close(outcome.status);
    finish(outcome.status == ResponsesStatus::Completed ? "response.completed"
                                                        : "response.incomplete",
           outcome);
}

void ResponsesStreamEncoder::add(const Failed &event)
{
    // An item that is open was not told to its end and is not closed.
    ResponsesOutcome outcome;
    outcome.status = ResponsesStatus::Failed;
    outcome.error = &event.error;
    finish("response.failed", outcome);
}

void ResponsesStreamEncoder::finish(std::string_view type, const ResponsesOutcome &outcome)
{
    m_document = responseObject(outcome);
    sendResponse(type, m_document);
    m_isOver = true;
}

void ResponsesStreamEncoder::close(ResponsesStatus status)
{
    if (const auto *text = std::get_if<OpenText>(&m_open))
        closeText(*text, status);
    else if (const auto *thinking = std::get_if<OpenThinking>(&m_open))
        closeThinking(*thinking);
    else if (const auto *search = std::get_if<OpenSearch>(&m_open))
        closeSearch(*search, {search->call.id, {}, "unavailable"});
    else if (std::holds_alternative<OpenCall>(m_open))
        m_hasCutCall = true;
    m_open = std::monostate();
}

std::string ResponsesStreamEncoder::nextItemId(std::string_view prefix) const
{
    return std::string(prefix) + m_answerId + '_' + std::to_string(m_items.size());
}

void ResponsesStreamEncoder::sendItem(std::string_view type, std::string_view item)
{
    JsonWriter writer = start(type);
    writer.memberInteger("output_index", static_cast<qint64>(m_items.size()))
        .memberRaw("item", item);
    end(writer);
}

void ResponsesStreamEncoder::itemDone(std::string item)
{
    sendItem("response.output_item.done", item);
    m_items.push_back(std::move(item));
}

JsonWriter ResponsesStreamEncoder::start(std::string_view type)
{
    m_out->append("event: ").append(type).append("\ndata: ");
    JsonWriter writer(*m_out);
    writer.beginObject().member("type", type).memberInteger("sequence_number", m_sequence++);
    return writer;
}

JsonWriter ResponsesStreamEncoder::startForItem(std::string_view type, std::string_view itemId)
{
    JsonWriter writer = start(type);
    writer.member("item_id", itemId)
        .memberInteger("output_index", static_cast<qint64>(m_items.size()));
    return writer;
}

void ResponsesStreamEncoder::end(JsonWriter &writer)
{
    writer.endObject();
    m_out->append("\n\n");
}

void ResponsesStreamEncoder::sendForItem(std::string_view type, std::string_view itemId)
{
    JsonWriter writer = startForItem(type, itemId);
    end(writer);
}

std::string ResponsesStreamEncoder::responseObject(const ResponsesOutcome &outcome) const
{
    std::string json;
    JsonWriter writer(json);
    writeResponsesObject(writer, m_object, outcome, m_items);
    return json;
}

void ResponsesStreamEncoder::sendResponse(std::string_view type, std::string_view object)
{
    JsonWriter writer = start(type);
    writer.memberRaw("response", object);
    end(writer);
}

} // namespace kirotray
