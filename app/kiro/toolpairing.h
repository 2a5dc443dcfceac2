// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/normaliser.h"

namespace kirotray {

/// Makes calls and results of alternating turns satisfy rules 6 and 7 of kiro-protocol §1.7: every
/// call is answered in the very next turn, ids are unique, a result without its call becomes plain
/// text, inputs are JSON objects. Pure.
void pairTools(Conversation &conversation, std::vector<NormaliserNote> &notes);

} // namespace kirotray
