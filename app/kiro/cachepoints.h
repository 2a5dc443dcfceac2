// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/normaliser.h"

namespace kirotray {

/// Keeps the last `most` of the client's cache points (kiro-protocol §1.8). `hasSystem`: there is a
/// system text to carry the one for system and tools; without it the first turn does. True when the
/// system text keeps its point. Pure.
bool settleCachePoints(Conversation &conversation, bool systemPoint, bool hasSystem, int most,
                       std::vector<NormaliserNote> &notes);

} // namespace kirotray
