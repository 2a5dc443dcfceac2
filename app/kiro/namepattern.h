// SPDX-License-Identifier: MIT
#pragma once

#include <QStringView>

namespace kirotray {

/// Whether `text` is `pattern` with each * replaced by anything, nothing included. Linear but for
/// the stars.
bool matchesPattern(QStringView text, QStringView pattern);

} // namespace kirotray
