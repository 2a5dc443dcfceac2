// SPDX-License-Identifier: MIT
#include "app/chat/stopsequencefilter.h"
#include "app/dialects/dialect.h"

#include <cstdlib>

using namespace kirotray;

namespace {

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
    require(stream.ends_with("\n\n"));
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
    const Dialect &api =
        dialect(bytes[0] % 2 == 0 ? DialectId::AnthropicMessages : DialectId::OpenAiChat);
    const Result<JsonDocument> document =
        JsonDocument::parse(std::string(reinterpret_cast<const char *>(bytes + 1), size - 1));
    if (!document)
        return 0;
    const Result<ChatRequest> request = api.decode(document.value(), {});
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
