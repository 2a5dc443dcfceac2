// SPDX-License-Identifier: MIT
#include "app/chat/stopsequencefilter.h"
#include "app/dialects/dialect.h"

#include <array>
#include <cstdlib>

using namespace kirotray;

namespace {

/// A new one comes last: the first byte of an input is '0' for the first, '1' for the second…
constexpr std::array Fuzzed {DialectId::AnthropicMessages, DialectId::OpenAiChat, DialectId::Gemini,
                             DialectId::OpenAiResponses};

const std::vector<ChatEvent> &fuzzedAnswer()
{
    static const std::vector<ChatEvent> events {
        ThinkingDelta {"hm"},
        ThinkingSignature {"c2ln"},
        TextDelta {"a \"b\"\n"},
        TextDelta {"你好"},
        ToolCallStart {"1", "f"},
        ToolCallDelta {"{\"a\":"},
        ToolCallDelta {"1}"},
        ToolCallEnd {},
        ToolCallStart {"2", "g"},
        ToolCallEnd {},
        WebSearchCall {"ws", "qt"},
        WebSearchResult {"ws", {{"t", "https://example.com", "s", {}}}, {}},
        TextDelta {"found"},
        TextCitation {"https://example.com", "t", "s", 0, 5},
        RedactedThinking {"ZW5j"},
        ToolCallStart {"3", "apply_patch"},
        ToolCallDelta {"{\"input\":\"\\ud83c"},
        ToolCallEnd {false},
        Finished {StopReason::ToolUse, {}, {}},
    };
    return events;
}

void require(bool isTrue)
{
    if (!isTrue)
        std::abort();
}

void answer(const Dialect &api, const ChatRequest &request)
{
    const AnswerContext context {"0123456789abcdefABCDEFGH", 1, 2};
    StopSequenceFilter filter(request.stopSequences);
    ChatAssembler assembler;
    std::vector<ChatEvent> events;
    for (const ChatEvent &event : fuzzedAnswer())
        if (!filter.add(event, events))
            break;
    const std::unique_ptr<StreamEncoder> encoder = api.streamEncoder(request, context);
    std::string stream;
    encoder->begin(stream);
    for (const ChatEvent &event : events) {
        encoder->encode(event, stream);
        require(assembler.add(event));
    }
    if (std::string_view(api.streamContentType(request)).starts_with("text/event-stream"))
        require(stream.ends_with("\n\n"));
    else
        require(bool(JsonDocument::parse(stream)));
    const std::string document = encoder->document();
    require(document.empty() || JsonDocument::parse(document));
    require(assembler.answer().has_value());
    const std::string whole = api.encodeAnswer(request, *assembler.answer(), context);
    require(bool(JsonDocument::parse(whole)));
}

} // namespace

/// The first byte chooses the dialect, the rest is a request body.
extern "C" int LLVMFuzzerTestOneInput(const quint8 *bytes, std::size_t size)
{
    if (size == 0)
        return 0;
    const Dialect &api = dialect(Fuzzed.at(bytes[0] % Fuzzed.size()));
    // Gemini's URL; letters ask for the array form.
    const CallTarget target {"m", true, (bytes[0] & 0x40) == 0};
    const Result<JsonDocument> document =
        JsonDocument::parse(std::string(reinterpret_cast<const char *>(bytes + 1), size - 1));
    if (!document)
        return 0;
    const Result<ChatRequest> count = api.decodeTokenCount(document.value(), target);
    require(count || count.error().code == Error::Code::BadInput);
    const Result<ChatRequest> request = api.decode(document.value(), target);
    if (request) {
        answer(api, request.value());
    } else {
        require(request.error().code == Error::Code::BadInput);
        ChatError error;
        error.message = request.error().what.toStdString();
        error.param = request.error().path.toStdString();
        require(bool(JsonDocument::parse(api.encodeError(error).body)));
    }
    return 0;
}
