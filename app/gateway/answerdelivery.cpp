// SPDX-License-Identifier: MIT
#include "app/gateway/answerdelivery.h"

#include <utility>

namespace kirotray {

AnswerDelivery::AnswerDelivery(HttpExchange &exchange, const Dialect &dialect, ReplyStamp stamp,
                               FlowCapturePtr capture)
    : m_exchange(exchange)
    , m_dialect(dialect)
    , m_stamp(std::move(stamp))
    , m_capture(std::move(capture))
{
}

void AnswerDelivery::prepare(const ChatRequest &request, AnswerContext context, Mode mode)
{
    m_request = &request;
    m_context = std::move(context);
    m_context.requestId = requestIdOf(m_stamp);
    m_mode = mode;
    // A held answer is bounded by the assembler, which counts what it takes.
    m_collects = mode != Mode::Streamed || request.state.store;
}

bool AnswerDelivery::add(const ChatEvent &event)
{
    if (m_collects && !m_assembler.add(event) && m_mode != Mode::Streamed)
        return false;
    if (m_mode == Mode::Streamed) {
        if (!m_encoder)
            beginStream();
        m_encoder->encode(event, m_out);
    } else if (m_mode == Mode::Buffered) {
        hold(event);
        if (const auto *finished = std::get_if<Finished>(&event))
            encodeHeld(*finished);
    }
    return true;
}

/// Neighbouring deltas become one: the assembler's bound counts their text, not each of them.
void AnswerDelivery::hold(const ChatEvent &event)
{
    ChatEvent *last = m_held.empty() ? nullptr : &m_held.back();
    const auto *text = std::get_if<TextDelta>(&event);
    const auto *thought = std::get_if<ThinkingDelta>(&event);
    const auto *input = std::get_if<ToolCallDelta>(&event);
    if (text != nullptr && last != nullptr && std::holds_alternative<TextDelta>(*last))
        std::get<TextDelta>(*last).text += text->text;
    else if (thought != nullptr && last != nullptr && std::holds_alternative<ThinkingDelta>(*last))
        std::get<ThinkingDelta>(*last).text += thought->text;
    else if (input != nullptr && last != nullptr && std::holds_alternative<ToolCallDelta>(*last))
        std::get<ToolCallDelta>(*last).json += input->json;
    else
        m_held.push_back(event);
}

void AnswerDelivery::encodeHeld(const Finished &finished)
{
    const bool hasBegun = m_encoder != nullptr; // by a ping
    m_context.promptUsage = finished.usage;
    m_encoder = m_dialect.streamEncoder(*m_request, m_context);
    if (!hasBegun)
        m_exchange.beginStream(200,
                               streamHeaders(m_stamp, m_dialect.streamContentType(*m_request)));
    m_encoder->begin(m_out);
    m_hasBegunAnswer = true;
    for (const ChatEvent &event : std::exchange(m_held, {}))
        m_encoder->encode(event, m_out);
}

void AnswerDelivery::beginStream()
{
    m_encoder = m_dialect.streamEncoder(*m_request, m_context);
    m_exchange.beginStream(200, streamHeaders(m_stamp, m_dialect.streamContentType(*m_request)));
    if (m_mode == Mode::Streamed)
        m_encoder->begin(m_out);
}

void AnswerDelivery::respond(const HttpResponse &response)
{
    if (m_capture)
        m_capture->answered(response.body);
    m_exchange.respond(response);
}

void AnswerDelivery::flush()
{
    if (m_out.empty())
        return;
    if (m_capture)
        m_capture->answered(m_out);
    m_exchange.write(m_out);
    m_out.clear();
    m_wrote = true;
}

void AnswerDelivery::ping()
{
    if (m_request == nullptr || m_mode == Mode::Whole)
        return;
    if (m_encoder || m_mode == Mode::Buffered) {
        if (!m_encoder)
            beginStream();
        m_encoder->ping(m_out);
    } else {
        beginStream();
    }
    flush();
}

void AnswerDelivery::finish()
{
    if (m_mode == Mode::Whole) {
        m_document = m_dialect.encodeAnswer(*m_request, *m_assembler.answer(), m_context);
        respond(jsonResponse(200, m_document, m_stamp));
        return;
    }
    flush();
    m_document = m_encoder->document();
    m_exchange.end();
}

int AnswerDelivery::refuse(const ChatError &error)
{
    if (!m_encoder) {
        const HttpResponse response = errorResponse(m_dialect, error, m_stamp);
        respond(response);
        return response.status;
    }
    if (m_mode == Mode::Buffered && !m_hasBegunAnswer)
        m_encoder->begin(m_out);
    m_encoder->encode(Failed {error}, m_out);
    flush();
    m_exchange.end();
    return 200;
}

bool AnswerDelivery::takeWrote()
{
    return std::exchange(m_wrote, false);
}

} // namespace kirotray
