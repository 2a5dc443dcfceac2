// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/gateway/flowcapture.h"
#include "app/gateway/replies.h"
#include "app/http/httpexchange.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kirotray {

/// Writes one answer to the client: event by event, in one piece, or as a stream that is held back
/// until its token count is known. Gateway thread.
class AnswerDelivery
{
public:
    enum class Mode {
        Whole, ///< the client did not ask for a stream
        Streamed,
        Buffered, ///< a stream whose first event already carries the real usage; pings meanwhile
    };
    /// `exchange` outlives the delivery. `capture` gets what is written; null: nobody does.
    AnswerDelivery(HttpExchange &exchange, const Dialect &dialect, ReplyStamp stamp,
                   FlowCapturePtr capture);

    /// Once the request is understood; before it only refuse() is possible. `request` must keep
    /// model, memory and stream until the end; the rest may be released.
    void prepare(const ChatRequest &request, AnswerContext context, Mode mode);

    /// Another account answers than prepare() knew; while the stream has not begun.
    void setStamp(ReplyStamp stamp) { m_stamp = std::move(stamp); }

    /// False when the answer is too large to be held; then refuse() is due.
    bool add(const ChatEvent &event);
    void flush(); ///< what has gathered, in one write
    void ping(); ///< begins the stream when nothing was sent yet
    /// After Finished was added: ends the answer.
    void finish();
    /// Tells the error in whatever form is still possible; gives the HTTP status that was sent.
    int refuse(const ChatError &error);

    bool hasBegun() const { return m_encoder != nullptr; } ///< the status line is out
    bool takeWrote(); ///< something was written since the last call
    /// The answer as one JSON document, where it may be asked for later; after finish().
    std::string takeDocument() { return std::move(m_document); }
    /// The whole answer, where it was collected (Mode::Whole, or ServerState::store).
    const std::optional<ChatAnswer> &answer() const { return m_assembler.answer(); }

private:
    void beginStream();
    void respond(const HttpResponse &response);
    void hold(const ChatEvent &event);
    void encodeHeld(const Finished &finished);

    HttpExchange &m_exchange;
    const Dialect &m_dialect;
    ReplyStamp m_stamp;
    FlowCapturePtr m_capture;
    const ChatRequest *m_request = nullptr;
    AnswerContext m_context;
    Mode m_mode = Mode::Whole;
    bool m_collects = false;
    std::unique_ptr<StreamEncoder> m_encoder;
    ChatAssembler m_assembler;
    std::vector<ChatEvent> m_held; ///< Mode::Buffered
    std::string m_out; ///< encoded and not yet handed to the exchange
    std::string m_document;
    bool m_hasBegunAnswer = false; ///< Mode::Buffered: more than pings was written
    bool m_wrote = false;
};

} // namespace kirotray
