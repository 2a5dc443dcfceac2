// SPDX-License-Identifier: MIT
#include "app/kiro/answertranslator.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <zlib.h>

using namespace kirotray;

namespace {

void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// What every consumer relies on: calls never interleave, and Finished comes last and once.
void checkOrder(const std::vector<ChatEvent> &events)
{
    bool isInCall = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const ChatEvent &event = events[i];
        const bool isStart = std::holds_alternative<ToolCallStart>(event);
        const bool isEnd = std::holds_alternative<ToolCallEnd>(event);
        const bool isDelta = std::holds_alternative<ToolCallDelta>(event);
        require((isEnd || isDelta) == isInCall);
        isInCall = (isInCall || isStart) && !isEnd;
        require(std::holds_alternative<Finished>(event) == (i + 1 == events.size()));
    }
}

std::vector<ChatEvent> translated(std::string_view bytes, std::size_t piece, bool &isOver)
{
    AnswerTranslator translator({{{"short", "the client's name"}}, 200'000, 10, true});
    EventStreamDecoder decoder;
    std::vector<ChatEvent> events;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        // A copy of its own, so that reading past the piece is seen.
        const std::string part(bytes.substr(at, piece));
        decoder.feed(part, [&](const EventStreamFrame &frame) { translator.add(frame, events); });
    }
    const bool isEmpty = translator.isEmpty();
    isOver = translator.refusal() || translator.payloadError() || isEmpty;
    decoder.finish();
    translator.finish(events);
    return events;
}

std::uint32_t numberAt(const std::string &bytes, std::size_t at)
{
    std::uint32_t number = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        number = (number << 8) | static_cast<unsigned char>(bytes[i]);
    return number;
}

/// Writes the CRC of what lies between `from` and `at` to `at`.
void putCrc(std::string &bytes, std::size_t from, std::size_t at)
{
    const auto crc = static_cast<std::uint32_t>(crc32(
        0, reinterpret_cast<const Bytef *>(bytes.data() + from), static_cast<uInt>(at - from)));
    for (std::size_t i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<char>((crc >> (24 - 8 * i)) & 0xFF);
}

/// The same frames with sound CRCs: mutations would not get past them otherwise.
std::string repaired(std::string bytes)
{
    std::size_t at = 0;
    while (bytes.size() - at >= 16) {
        putCrc(bytes, at, at + 8);
        const std::size_t total = numberAt(bytes, at);
        if (total < 16 || total > bytes.size() - at)
            break;
        putCrc(bytes, at, at + total - 4);
        at += total;
    }
    return bytes;
}

void check(std::string_view bytes)
{
    bool isOver = false;
    const std::vector<ChatEvent> whole = translated(bytes, bytes.size() + 1, isOver);
    if (!isOver)
        checkOrder(whole);
    bool isOverToo = false;
    require(translated(bytes, 1, isOverToo) == whole);
    require(isOver == isOverToo);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    check(bytes);
    check(repaired(std::string(bytes)));
    return 0;
}
