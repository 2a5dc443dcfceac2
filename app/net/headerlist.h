// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

#include <utility>
#include <vector>

namespace kirotray {

/// HTTP fields in their order; a name may occur more than once.
using HeaderList = std::vector<std::pair<QByteArray, QByteArray>>;

/// The first field of that name, without case; null when absent.
QByteArray headerValue(const HeaderList &headers, const QByteArray &name);

} // namespace kirotray
