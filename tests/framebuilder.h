// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kirotray {

using StringHeaders = std::vector<std::pair<std::string, std::string>>;

/// One sound frame of vnd.amazon.eventstream with headers of type string.
std::string frameOf(const StringHeaders &headers, std::string_view payload);
std::string eventFrame(std::string_view eventType, std::string_view json);
std::string exceptionFrame(std::string_view exceptionType, std::string_view json);
std::string errorFrame(std::string_view code, std::string_view message);

} // namespace kirotray
