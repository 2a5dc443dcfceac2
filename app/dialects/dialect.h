// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatanswer.h"
#include "app/chat/chatrequest.h"
#include "app/chat/modelinfo.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace kirotray {

/// What a dialect needs to stamp an answer. Given, not read from a clock, so that fixtures are
/// exact.
struct AnswerContext
{
    std::string id; ///< 24 random alphanumerics; each dialect puts its own prefix before it
    qint64 created = 0; ///< Unix seconds
    qint64 promptTokensEstimate =
        0; ///< Anthropic's message_start needs a number before the real one
    std::optional<Usage> promptUsage = {}; ///< the real one, where the whole answer was waited for
    std::string requestId = {}; ///< of the reply's request-id header; empty: not known
};

/// What the URL says of a call; only Gemini's does.
struct CallTarget
{
    std::string model; ///< empty: the body names it
    std::optional<bool> stream; ///< absent: the body says
    bool serverSentEvents = true; ///< false: a stream is one JSON array, written piece by piece
};

/// A refusal in the client's own envelope.
struct ErrorReply
{
    int status = 500;
    std::string body; ///< application/json
    bool operator==(const ErrorReply &) const = default;
};

/// Turns one answer's events into server-sent events of one client API. Appends to `out`; the
/// caller writes what has gathered once per event-loop turn.
class StreamEncoder
{
public:
    virtual ~StreamEncoder() = default;
    /// Once, before the first event.
    virtual void begin(std::string &out) = 0;
    /// Events after Finished or Failed are ignored.
    virtual void encode(const ChatEvent &event, std::string &out) = 0;
    /// Keeps the connection alive while nothing else is sent.
    virtual void ping(std::string &out) = 0;
    /// After Finished or Failed: the answer as one JSON document, for ServerState::store; empty
    /// where the API keeps none.
    virtual std::string document() const { return {}; }
};

/// One client API: JSON in, bytes out. Pure and stateless; any thread.
class Dialect
{
public:
    virtual ~Dialect() = default;
    /// Name for logs and flows, such as "anthropic-messages".
    virtual const char *name() const = 0;
    /// Error::BadInput carries the JSON path in Error::path.
    virtual Result<ChatRequest> decode(const JsonDocument &body,
                                       const CallTarget &target) const = 0;
    /// The body of a token count endpoint: a request without what only an answer needs.
    virtual Result<ChatRequest> decodeTokenCount(const JsonDocument &body,
                                                 const CallTarget &target) const
    {
        return decode(body, target);
    }
    /// The request's member that holds the conversation, for errors.
    virtual const char *messagesMember() const { return "messages"; }
    virtual const char *streamContentType(const ChatRequest &) const
    {
        return "text/event-stream; charset=utf-8";
    }
    virtual std::unique_ptr<StreamEncoder> streamEncoder(const ChatRequest &request,
                                                         const AnswerContext &context) const = 0;
    virtual std::string encodeAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                     const AnswerContext &context) const = 0;
    /// An unknown model is ChatError::Kind::NotFound with `model` as param; without it, a path.
    virtual ErrorReply encodeError(const ChatError &error) const = 0;
    /// The same for a reply with this request-id header, which some envelopes repeat.
    virtual ErrorReply encodeErrorOf(const ChatError &error, const std::string &requestId) const;
    virtual std::string encodeModels(std::span<const ModelInfo> models) const = 0;
    virtual std::string encodeModel(const ModelInfo &model) const = 0;
    /// The reply of a token count endpoint; empty where the API has none.
    virtual std::string encodeTokenCount(qint64 tokens) const = 0;
};

/// The client APIs. Adding one is one line in dialect.cpp.
enum class DialectId { AnthropicMessages, OpenAiChat, OpenAiResponses, Gemini };
const Dialect &dialect(DialectId id);

} // namespace kirotray
