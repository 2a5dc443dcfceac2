// SPDX-License-Identifier: MIT
#include "app/simulator/eventstreamencoder.h"

#include <cstdint>
#include <zlib.h>

namespace kirotray {

namespace {

void appendBigEndian(std::string &out, std::uint32_t value, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((value >> shift) & 0xFFU));
}

std::uint32_t checksum(std::string_view bytes)
{
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()),
                                              static_cast<z_size_t>(bytes.size())));
}

bool hasLengthPrefix(EventStreamHeader::Type type)
{
    return type == EventStreamHeader::Type::Bytes || type == EventStreamHeader::Type::String;
}

std::string encodeHeaders(const std::vector<EventStreamHeader> &headers)
{
    std::string block;
    for (const EventStreamHeader &header : headers) {
        block.push_back(static_cast<char>(header.name.size()));
        block.append(header.name);
        block.push_back(static_cast<char>(header.type));
        if (hasLengthPrefix(header.type))
            appendBigEndian(block, static_cast<std::uint32_t>(header.value.size()), 2);
        block.append(header.value);
    }
    return block;
}

EventStreamHeader stringHeader(std::string_view name, std::string_view value)
{
    return {name, EventStreamHeader::Type::String, value};
}

} // namespace

std::string encodeFrame(const std::vector<EventStreamHeader> &headers, std::string_view payload)
{
    static constexpr std::size_t Overhead = 16; // two lengths, two CRCs
    const std::string block = encodeHeaders(headers);
    const std::size_t total = Overhead + block.size() + payload.size();
    std::string frame;
    frame.reserve(total);
    appendBigEndian(frame, static_cast<std::uint32_t>(total), 4);
    appendBigEndian(frame, static_cast<std::uint32_t>(block.size()), 4);
    appendBigEndian(frame, checksum(frame), 4);
    frame.append(block).append(payload);
    appendBigEndian(frame, checksum(frame), 4);
    return frame;
}

std::string encodeEvent(std::string_view eventType, std::string_view jsonPayload)
{
    return encodeFrame({stringHeader(":event-type", eventType),
                        stringHeader(":content-type", "application/json"),
                        stringHeader(":message-type", "event")},
                       jsonPayload);
}

std::string encodeException(std::string_view exceptionType, std::string_view jsonPayload)
{
    return encodeFrame({stringHeader(":exception-type", exceptionType),
                        stringHeader(":content-type", "application/json"),
                        stringHeader(":message-type", "exception")},
                       jsonPayload);
}

std::string encodeErrorFrame(std::string_view code, std::string_view message)
{
    return encodeFrame({stringHeader(":error-code", code), stringHeader(":error-message", message),
                        stringHeader(":message-type", "error")},
                       {});
}

} // namespace kirotray
