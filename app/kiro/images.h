// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/normaliser.h"

#include <optional>

namespace kirotray {

/// Makes the pictures of all turns fit for the upstream (kiro-protocol §1.7 rule 16): their format
/// by content, base64 in its normal form, at most limits::MaxImages, each within
/// limits::MaxImageBase64 and limits::MaxImageSide, scaled by BuildOptions::imageScaler where that
/// helps. A picture of the last turn that cannot be sent is Error::BadInput with its path. One of
/// an earlier turn is left out, with a note and a sentence in its place, so that it does not block
/// the conversation for ever; the oldest go first when they are too many. Pure but for the scaler.
std::optional<Error> settleImages(Conversation &conversation, const BuildOptions &options,
                                  std::vector<NormaliserNote> &notes);

/// Leaves out the oldest pictures of earlier turns until `bytes` of base64 are saved; gives what
/// was saved. The caller writes the note.
std::size_t dropOldestImages(Conversation &conversation, std::size_t bytes, int &dropped);

} // namespace kirotray
