// SPDX-License-Identifier: MIT
#pragma once

#include <QStringList>

namespace kirotray {

/// The keys of `auth_kv` that hold tokens, the present names before the former ones (kiro-protocol
/// §7.2; the misspelling "odic" is real).
QStringList kiroCliTokenKeys();

} // namespace kirotray
