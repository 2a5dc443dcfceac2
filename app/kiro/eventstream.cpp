// SPDX-License-Identifier: MIT
#include "app/kiro/eventstream.h"

#include <zlib.h>

namespace kirotray {

namespace {

constexpr std::size_t PreludeSize = 12; ///< two lengths and their CRC
constexpr std::size_t CrcSize = 4;
constexpr std::uint32_t SmallestFrame = PreludeSize + CrcSize;
constexpr std::size_t CompactionThreshold = 64 * 1024; ///< §2.1: not once a frame

std::uint32_t bigEndian(std::string_view bytes)
{
    std::uint32_t number = 0;
    for (const char byte : bytes)
        number = (number << 8) | static_cast<unsigned char>(byte);
    return number;
}

/// CRC-32 of IEEE 802.3, not CRC-32C.
std::uint32_t crcOf(std::string_view bytes)
{
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef *>(bytes.data()), static_cast<uInt>(bytes.size())));
}

/// The number of value bytes of a type of fixed size; absent for the two that carry a length.
std::optional<std::size_t> fixedSize(EventStreamHeader::Type type)
{
    using Type = EventStreamHeader::Type;
    switch (type) {
    case Type::True:
    case Type::False:
        return 0;
    case Type::Byte:
        return 1;
    case Type::Short:
        return 2;
    case Type::Integer:
        return 4;
    case Type::Long:
    case Type::Timestamp:
        return 8;
    case Type::Uuid:
        return 16;
    case Type::Bytes:
    case Type::String:
        return std::nullopt;
    }
    return std::nullopt;
}

/// Takes `count` bytes off the front of `block`; absent when it holds fewer.
std::optional<std::string_view> takeFront(std::string_view &block, std::size_t count)
{
    if (block.size() < count)
        return std::nullopt;
    const std::string_view taken = block.substr(0, count);
    block.remove_prefix(count);
    return taken;
}

std::optional<EventStreamHeader> takeHeader(std::string_view &block)
{
    EventStreamHeader header;
    const auto nameLength = takeFront(block, 1);
    if (!nameLength || bigEndian(*nameLength) == 0)
        return std::nullopt;
    const auto name = takeFront(block, bigEndian(*nameLength));
    const auto type = name ? takeFront(block, 1) : std::nullopt;
    if (!type || bigEndian(*type) > static_cast<std::uint32_t>(EventStreamHeader::Type::Uuid))
        return std::nullopt;
    header.name = *name;
    header.type = static_cast<EventStreamHeader::Type>(bigEndian(*type));
    std::optional<std::size_t> size = fixedSize(header.type);
    if (!size) {
        const auto length = takeFront(block, 2);
        if (!length)
            return std::nullopt;
        size = bigEndian(*length);
    }
    const auto value = takeFront(block, *size);
    if (!value)
        return std::nullopt;
    header.value = *value;
    return header;
}

bool takeAllHeaders(std::string_view block, std::vector<EventStreamHeader> &headers)
{
    headers.clear();
    while (!block.empty()) {
        const std::optional<EventStreamHeader> header = takeHeader(block);
        if (!header)
            return false;
        headers.push_back(*header);
    }
    return true;
}

/// §2.2: one of the three message types, and an event says which.
bool hasMessageType(const EventStreamFrame &frame)
{
    const std::string_view type = frame.header(":message-type");
    if (type == "event")
        return !frame.header(":event-type").empty();
    return type == "exception" || type == "error";
}

} // namespace

std::string_view EventStreamFrame::header(std::string_view name) const
{
    for (const EventStreamHeader &header : headers)
        if (header.name == name && header.type == EventStreamHeader::Type::String)
            return header.value;
    return {};
}

const char *toString(EventStreamError error)
{
    switch (error) {
    case EventStreamError::PreludeCrc:
        return "PRELUDE_CRC";
    case EventStreamError::TooSmall:
        return "TOO_SMALL";
    case EventStreamError::TooLarge:
        return "TOO_LARGE";
    case EventStreamError::HeadersLength:
        return "HEADERS_LENGTH";
    case EventStreamError::Truncated:
        return "TRUNCATED";
    case EventStreamError::MessageCrc:
        return "MESSAGE_CRC";
    case EventStreamError::HeaderMalformed:
        return "HEADER_MALFORMED";
    case EventStreamError::Protocol:
        return "PROTOCOL";
    case EventStreamError::PayloadUtf8:
        return "PAYLOAD_UTF8";
    case EventStreamError::PayloadJson:
        return "PAYLOAD_JSON";
    }
    return "";
}

std::optional<EventStreamError> EventStreamDecoder::feed(std::string_view bytes,
                                                         const OnFrame &onFrame)
{
    if (m_failed)
        return m_failed;
    m_buffer.append(bytes);
    bool progress = true;
    while (progress && !m_failed) {
        progress = false;
        m_failed = next(onFrame, progress);
    }
    if (m_failed || m_offset == m_buffer.size()) {
        m_buffer.clear();
        m_offset = 0;
    } else if (m_offset > CompactionThreshold) {
        m_buffer.erase(0, m_offset);
        m_offset = 0;
    }
    return m_failed;
}

std::optional<EventStreamError> EventStreamDecoder::finish()
{
    if (!m_failed && bufferedBytes() > 0)
        m_failed = EventStreamError::Truncated;
    return m_failed;
}

/// One frame, in the order of the checks of §2.1. `progress`: there may be another behind it.
std::optional<EventStreamError> EventStreamDecoder::next(const OnFrame &onFrame, bool &progress)
{
    const std::string_view rest = std::string_view(m_buffer).substr(m_offset);
    if (rest.size() < PreludeSize)
        return std::nullopt;
    if (crcOf(rest.substr(0, 8)) != bigEndian(rest.substr(8, CrcSize)))
        return EventStreamError::PreludeCrc;
    const std::uint32_t total = bigEndian(rest.substr(0, 4));
    const std::uint32_t headersLength = bigEndian(rest.substr(4, 4));
    if (total < SmallestFrame)
        return EventStreamError::TooSmall;
    if (total > m_maxFrame)
        return EventStreamError::TooLarge;
    if (headersLength > total - SmallestFrame || headersLength > limits::MaxFrameHeaders)
        return EventStreamError::HeadersLength;
    if (rest.size() < total)
        return std::nullopt;

    const std::string_view frame = rest.substr(0, total);
    const std::size_t checkedSize = total - CrcSize;
    if (crcOf(frame.substr(0, checkedSize)) != bigEndian(frame.substr(checkedSize)))
        return EventStreamError::MessageCrc;
    if (!takeAllHeaders(frame.substr(PreludeSize, headersLength), m_frame.headers))
        return EventStreamError::HeaderMalformed;
    if (!hasMessageType(m_frame))
        return EventStreamError::Protocol;
    const std::size_t payloadAt = PreludeSize + headersLength;
    m_frame.payload = frame.substr(payloadAt, checkedSize - payloadAt);
    m_offset += total;
    progress = true;
    onFrame(m_frame);
    return std::nullopt;
}

} // namespace kirotray
