// SPDX-License-Identifier: MIT
#include "tests/framebuilder.h"

#include <cstdint>

namespace kirotray {

namespace {

/// Bit by bit, so that the tests do not share the decoder's CRC.
std::uint32_t ieeeCrc(std::string_view bytes)
{
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

void putNumber(std::string &out, std::size_t number, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((number >> shift) & 0xFF));
}

} // namespace

std::string frameOf(const StringHeaders &headers, std::string_view payload)
{
    std::string block;
    for (const auto &[name, value] : headers) {
        putNumber(block, name.size(), 1);
        block += name;
        putNumber(block, 7, 1);
        putNumber(block, value.size(), 2);
        block += value;
    }
    std::string frame;
    putNumber(frame, 16 + block.size() + payload.size(), 4);
    putNumber(frame, block.size(), 4);
    putNumber(frame, ieeeCrc(frame), 4);
    frame += block;
    frame += payload;
    putNumber(frame, ieeeCrc(frame), 4);
    return frame;
}

std::string eventFrame(std::string_view eventType, std::string_view json)
{
    return frameOf({{":event-type", std::string(eventType)},
                    {":content-type", "application/json"},
                    {":message-type", "event"}},
                   json);
}

std::string exceptionFrame(std::string_view exceptionType, std::string_view json)
{
    return frameOf({{":exception-type", std::string(exceptionType)},
                    {":content-type", "application/json"},
                    {":message-type", "exception"}},
                   json);
}

std::string errorFrame(std::string_view code, std::string_view message)
{
    StringHeaders headers {{":message-type", "error"}, {":error-code", std::string(code)}};
    if (!message.empty())
        headers.emplace_back(":error-message", std::string(message));
    return frameOf(headers, {});
}

} // namespace kirotray
