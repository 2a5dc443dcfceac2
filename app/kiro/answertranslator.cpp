// SPDX-License-Identifier: MIT
#include "app/kiro/answertranslator.h"

#include "app/base/json.h"
#include "app/kiro/answerusage.h"
#include "app/kiro/thinkingtags.h"
#include "app/kiro/toolcallassembly.h"

#include <algorithm>
#include <array>
#include <simdjson.h>

namespace kirotray {

namespace {

struct StopReasonName
{
    std::string_view name;
    StopReason reason;
};
/// metadataEvent.stopReason (§2.6).
constexpr std::array StopReasonNames {
    StopReasonName {"END_TURN", StopReason::EndTurn},
    StopReasonName {"TOOL_USE", StopReason::ToolUse},
    StopReasonName {"MAX_TOKENS", StopReason::MaxTokens},
    StopReasonName {"CONTENT_FILTERED", StopReason::Refusal},
    StopReasonName {"PAUSE_TURN", StopReason::PauseTurn},
    StopReasonName {"MODEL_CONTEXT_WINDOW_EXCEEDED", StopReason::ContextWindowExceeded},
};

QString utf8Text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QByteArray bytesOf(std::string_view bytes)
{
    return {bytes.data(), static_cast<qsizetype>(bytes.size())};
}

} // namespace

class AnswerTranslator::Private
{
public:
    explicit Private(Options &&given)
        : options(std::move(given))
        , calls(std::move(options.toolNames), options.parallelToolCalls)
    {
        if (options.parsesThinkingTags)
            tags.emplace();
    }

    using EventReader = void (Private::*)(const JsonValue &event, std::vector<ChatEvent> &out);
    struct EventType
    {
        std::string_view name;
        EventReader read; ///< null: known, and of no use
    };
    static const std::array<EventType, 19> eventTypes;

    void addEvent(const EventStreamFrame &frame, std::vector<ChatEvent> &out);
    void addException(const EventStreamFrame &frame);
    void addError(const EventStreamFrame &frame);

    void readText(const JsonValue &event, std::vector<ChatEvent> &out);
    void readReasoning(const JsonValue &event, std::vector<ChatEvent> &out);
    void readToolUse(const JsonValue &event, std::vector<ChatEvent> &out);
    void readMetadata(const JsonValue &event, std::vector<ChatEvent> &out);
    void readContextUsage(const JsonValue &event, std::vector<ChatEvent> &out);
    void readMetering(const JsonValue &event, std::vector<ChatEvent> &out);
    void readInvalidState(const JsonValue &event, std::vector<ChatEvent> &out);

    void passText(std::string text, std::vector<ChatEvent> &out);
    void passTagged(std::vector<ChatEvent> &out);
    void closeTags(std::vector<ChatEvent> &out);
    void passThought(std::string text, std::vector<ChatEvent> &out);
    bool isOver() const { return refusal || payloadError; }
    bool isOutputCut() const;
    StopReason stopReason() const;

    Options options;
    ToolCallAssembly calls;
    AnswerUsage usage;
    std::optional<ThinkingTags> tags;
    std::vector<ChatEvent> tagged; ///< what the tags let out, before it goes on
    std::optional<UpstreamRefusal> refusal;
    std::optional<EventStreamError> payloadError;
    std::optional<StopReason> reportedStop;
    std::string servedModel;
    int unknownEvents = 0;
    bool outputLimitReached = false; ///< exception ContentLengthExceededException
    bool inThinking = false; ///< a signature may follow
    bool hasContent = false;
    bool hasClosingEvents = false;
    bool hasText = false; ///< more than white space
    bool hasThought = false;
};

const std::array<AnswerTranslator::Private::EventType, 19> AnswerTranslator::Private::eventTypes {{
    {"assistantResponseEvent", &Private::readText},
    {"toolUseEvent", &Private::readToolUse},
    {"reasoningContentEvent", &Private::readReasoning},
    {"metadataEvent", &Private::readMetadata},
    {"contextUsageEvent", &Private::readContextUsage},
    {"meteringEvent", &Private::readMetering},
    {"codeEvent", &Private::readText},
    {"invalidStateEvent", &Private::readInvalidState},
    {"messageMetadataEvent", nullptr}, // ids only
    {"initial-response", nullptr}, // ids only; JSON 1.0 binding
    {"followupPromptEvent", nullptr},
    {"codeReferenceEvent", nullptr},
    {"supplementaryWebLinksEvent", nullptr},
    {"citationEvent", nullptr},
    {"documentCitationEvent", nullptr},
    {"intentsEvent", nullptr},
    {"interactionComponentsEvent", nullptr},
    {"toolResultEvent", nullptr}, // of tools the upstream runs; not seen in practice
    {"dryRunSucceedEvent", nullptr},
}};

void AnswerTranslator::Private::addEvent(const EventStreamFrame &frame, std::vector<ChatEvent> &out)
{
    const std::string_view name = frame.header(":event-type");
    const auto type = std::find_if(eventTypes.begin(), eventTypes.end(),
                                   [name](const EventType &known) { return known.name == name; });
    if (type == eventTypes.end())
        ++unknownEvents;
    if (type == eventTypes.end() || !type->read)
        return;
    const std::string_view payload = frame.payload.empty() ? "{}" : frame.payload;
    const Result<JsonDocument> document = JsonDocument::parse(payload);
    if (document && document.value().root().isObject()) {
        (this->*type->read)(document.value().root(), out);
        return;
    }
    payloadError = simdjson::validate_utf8(payload.data(), payload.size())
        ? EventStreamError::PayloadJson
        : EventStreamError::PayloadUtf8;
}

void AnswerTranslator::Private::addException(const EventStreamFrame &frame)
{
    const std::string_view type = frame.header(":exception-type");
    if (type == "ContentLengthExceededException") {
        outputLimitReached = true;
        return;
    }
    refusal = parseRefusal(0, bytesOf(frame.payload), bytesOf(type), {});
    if (!type.empty()) // §2.8: the modelled exception is called `error` on the wire
        refusal->errorClass = type == "error" ? u"InternalServerException"_s : utf8Text(type);
}

void AnswerTranslator::Private::addError(const EventStreamFrame &frame)
{
    refusal = parseRefusal(0, bytesOf(frame.header(":error-message")),
                           bytesOf(frame.header(":error-code")), {});
}

void AnswerTranslator::Private::readText(const JsonValue &event, std::vector<ChatEvent> &out)
{
    const std::string_view content = event["content"].string();
    if (const std::string_view model = event["modelId"].string(); !model.empty())
        servedModel = model;
    inThinking = false;
    if (content.empty())
        return;
    usage.addOutput(content);
    if (!tags) {
        passText(std::string(content), out);
        return;
    }
    tags->add(content, tagged);
    passTagged(out);
}

void AnswerTranslator::Private::passText(std::string text, std::vector<ChatEvent> &out)
{
    hasText = hasText || text.find_first_not_of(" \t\r\n") != std::string_view::npos;
    calls.pass(TextDelta {std::move(text)}, out);
}

void AnswerTranslator::Private::passThought(std::string text, std::vector<ChatEvent> &out)
{
    hasThought = true;
    calls.pass(ThinkingDelta {std::move(text)}, out);
}

void AnswerTranslator::Private::passTagged(std::vector<ChatEvent> &out)
{
    for (ChatEvent &event : tagged) {
        if (auto *thought = std::get_if<ThinkingDelta>(&event))
            passThought(std::move(thought->text), out);
        else if (auto *text = std::get_if<TextDelta>(&event))
            passText(std::move(text->text), out);
    }
    tagged.clear();
}

/// The text is interrupted or over: a tag cannot go on behind that (§2.4).
void AnswerTranslator::Private::closeTags(std::vector<ChatEvent> &out)
{
    if (!tags)
        return;
    tags->close(tagged);
    passTagged(out);
}

void AnswerTranslator::Private::readReasoning(const JsonValue &event, std::vector<ChatEvent> &out)
{
    const std::string_view text = event["text"].string();
    const std::string_view signature = event["signature"].string();
    const std::string_view data = event["redactedContent"].string();
    if (text.empty() && signature.empty() && data.empty())
        return;
    closeTags(out); // if both come, the events are trusted (§2.4)
    if (!text.empty()) {
        inThinking = true;
        usage.addOutput(text);
        passThought(std::string(text), out);
    }
    if (!signature.empty()) {
        if (!inThinking) // hidden reasoning: the signature closes a block without text
            passThought({}, out);
        inThinking = false;
        calls.pass(ThinkingSignature {std::string(signature)}, out);
    }
    if (!data.empty()) {
        inThinking = false;
        hasThought = true;
        calls.pass(RedactedThinking {std::string(data)}, out);
    }
}

void AnswerTranslator::Private::readToolUse(const JsonValue &event, std::vector<ChatEvent> &out)
{
    inThinking = false;
    closeTags(out);
    ToolFragment fragment;
    fragment.id = event["toolUseId"].string();
    fragment.name = event["name"].string();
    fragment.stop = event["stop"].boolean();
    const JsonValue input = event["input"];
    if (input.isString())
        fragment.input = input.string();
    else if (!input.isAbsent() && !(input.isObject() && input.size() == 0))
        fragment.input = input.raw(); // spliced: key order and big numbers stay
    usage.addOutput(fragment.input);
    calls.add(fragment, out);
}

void AnswerTranslator::Private::readMetadata(const JsonValue &event, std::vector<ChatEvent> &)
{
    hasClosingEvents = true;
    usage.addTokenUsage(event["tokenUsage"]);
    const std::string_view name = event["stopReason"].string();
    for (const StopReasonName &known : StopReasonNames)
        if (known.name == name)
            reportedStop = known.reason;
}

void AnswerTranslator::Private::readContextUsage(const JsonValue &event, std::vector<ChatEvent> &)
{
    hasClosingEvents = true;
    usage.addContextUsage(event);
}

void AnswerTranslator::Private::readMetering(const JsonValue &event, std::vector<ChatEvent> &)
{
    hasClosingEvents = true;
    usage.addMetering(event);
}

void AnswerTranslator::Private::readInvalidState(const JsonValue &event, std::vector<ChatEvent> &)
{
    refusal = parseRefusal(0, bytesOf(event.raw()), "invalidStateEvent", {});
}

/// The upstream stopped the model before it was done: what is open then is not whole.
bool AnswerTranslator::Private::isOutputCut() const
{
    if (reportedStop)
        return *reportedStop != StopReason::EndTurn && *reportedStop != StopReason::ToolUse;
    return outputLimitReached || usage.isContextFull();
}

/// The table of §2.6, first match. A call that was cut speaks against END_TURN and TOOL_USE: the
/// client must not take the turn for whole (§2.5).
StopReason AnswerTranslator::Private::stopReason() const
{
    const bool claimsWhole =
        reportedStop == StopReason::EndTurn || reportedStop == StopReason::ToolUse;
    if (reportedStop && !claimsWhole)
        return *reportedStop;
    if (reportedStop && !calls.hasCut())
        return calls.completeCalls() > 0 ? StopReason::ToolUse : *reportedStop;
    if (outputLimitReached || calls.hasCut())
        return StopReason::MaxTokens;
    if (calls.completeCalls() > 0)
        return StopReason::ToolUse;
    if (usage.isContextFull())
        return StopReason::ContextWindowExceeded;
    return hasThought && !hasText ? StopReason::MaxTokens : StopReason::EndTurn;
}

AnswerTranslator::AnswerTranslator(Options options)
    : d(std::make_unique<Private>(std::move(options)))
{
}

AnswerTranslator::~AnswerTranslator() = default;
AnswerTranslator::AnswerTranslator(AnswerTranslator &&) noexcept = default;
AnswerTranslator &AnswerTranslator::operator=(AnswerTranslator &&) noexcept = default;

void AnswerTranslator::add(const EventStreamFrame &frame, std::vector<ChatEvent> &out)
{
    if (d->isOver())
        return;
    const std::size_t before = out.size();
    const std::string_view type = frame.header(":message-type");
    if (type == "event")
        d->addEvent(frame, out);
    else if (type == "exception")
        d->addException(frame);
    else
        d->addError(frame);
    d->hasContent = d->hasContent || out.size() > before;
}

void AnswerTranslator::finish(std::vector<ChatEvent> &out)
{
    if (d->isOver() || isEmpty())
        return;
    d->closeTags(out);
    d->calls.finish(d->isOutputCut(), out);
    const Usage usage = d->usage.total(d->options.contextWindow, d->options.promptTokensEstimate);
    out.push_back(Finished {d->stopReason(), {}, usage});
}

bool AnswerTranslator::hasContent() const
{
    return d->hasContent;
}

bool AnswerTranslator::isEmpty() const
{
    return !d->hasContent && !(d->tags && d->tags->isHolding()) && !d->reportedStop
        && !d->outputLimitReached && !d->usage.isContextFull();
}

bool AnswerTranslator::hasClosingEvents() const
{
    return d->hasClosingEvents;
}

bool AnswerTranslator::hasOpenCall() const
{
    return d->calls.hasOpen();
}

const std::optional<UpstreamRefusal> &AnswerTranslator::refusal() const
{
    return d->refusal;
}

const std::optional<EventStreamError> &AnswerTranslator::payloadError() const
{
    return d->payloadError;
}

int AnswerTranslator::unknownEvents() const
{
    return d->unknownEvents;
}

std::string AnswerTranslator::servedModel() const
{
    return d->servedModel;
}

} // namespace kirotray
