// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace kirotray {

/// The program that listens on a TCP port of this machine, such as "node (process 4711)"; empty
/// when it cannot be told (another user's process, or a system without a way to ask). Reads /proc
/// on Linux: milliseconds, any thread.
QString portOwner(quint16 port);

} // namespace kirotray
