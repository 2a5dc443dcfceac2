// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <string>
#include <string_view>

namespace kirotray {

/// The desktop's ImageScaler: see BuildOptions::imageScaler. Keeps the proportions and, where
/// there is any, transparency; writes PNG, or JPEG when that is what fits. Any thread.
std::string scaleImage(std::string_view file, int maxSide, qsizetype maxBytes);

} // namespace kirotray
