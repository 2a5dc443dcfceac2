// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// One header of a frame; the numeric and binary types keep their bytes (kiro-protocol §2.1).
struct EventStreamHeader
{
    enum class Type : std::uint8_t {
        True,
        False,
        Byte,
        Short,
        Integer,
        Long,
        Bytes,
        String,
        Timestamp,
        Uuid
    };
    std::string_view name;
    Type type = Type::String;
    std::string_view
        value; ///< big-endian bytes as on the wire; text for String; empty for True, False
};

/// A sound frame. Views into the decoder's buffer: valid only during the callback.
struct EventStreamFrame
{
    std::vector<EventStreamHeader> headers;
    std::string_view payload;
    /// The text of a String header; empty when absent or of another type.
    std::string_view header(std::string_view name) const;
};

enum class EventStreamError {
    PreludeCrc,
    TooSmall,
    TooLarge,
    HeadersLength,
    Truncated,
    MessageCrc,
    HeaderMalformed,
    Protocol,
    PayloadUtf8,
    PayloadJson
};
const char *toString(EventStreamError error); ///< PRELUDE_CRC, …: as the vectors name them

/// Incremental decoder of vnd.amazon.eventstream. Checks in the order of §2.1; the prelude CRC
/// comes before the length is believed. After an error it stays failed. Qt-free; any thread.
class EventStreamDecoder
{
public:
    using OnFrame = std::function<void(const EventStreamFrame &)>;

    explicit EventStreamDecoder(std::uint32_t maxFrame = limits::MaxFrame)
        : m_maxFrame(maxFrame)
    {
    }

    /// Calls `onFrame` for each frame that is complete. Returns the error that stopped it, if any.
    std::optional<EventStreamError> feed(std::string_view bytes, const OnFrame &onFrame);
    /// End of the transport: Truncated within a frame.
    std::optional<EventStreamError> finish();
    std::size_t bufferedBytes() const { return m_buffer.size() - m_offset; }

private:
    std::optional<EventStreamError> next(const OnFrame &onFrame, bool &progress);

    std::uint32_t m_maxFrame;
    std::string m_buffer;
    std::size_t m_offset = 0;
    EventStreamFrame m_frame; ///< reused, so that a frame costs no allocation
    std::optional<EventStreamError> m_failed;
};

} // namespace kirotray
