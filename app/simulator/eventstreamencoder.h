// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/eventstream.h"

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// One frame of vnd.amazon.eventstream: lengths, headers in the given order, payload and both CRCs
/// (kiro-protocol §2.1). Header values are the bytes of the wire (big-endian); names of up to 255
/// and strings and byte arrays of up to 65,535 bytes. Pure; any thread.
std::string encodeFrame(const std::vector<EventStreamHeader> &headers, std::string_view payload);

/// The frames of §2.2, with the header order that the service uses.
std::string encodeEvent(std::string_view eventType, std::string_view jsonPayload);
std::string encodeException(std::string_view exceptionType, std::string_view jsonPayload);
std::string encodeErrorFrame(std::string_view code, std::string_view message);

} // namespace kirotray
