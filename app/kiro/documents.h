// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/normaliser.h"

#include <optional>

namespace kirotray {

/// Makes the documents of all turns fit for the upstream (kiro-protocol §1.4): a format it knows,
/// base64 in its normal form, at most limits::MaxDocuments, each within limits::MaxDocumentBase64,
/// and a name of plain characters that is unique in the request. One of the last turn that cannot
/// be sent is Error::BadInput with its path; one of an earlier turn is left out, with a note and a
/// sentence in its place. Pure.
std::optional<Error> settleDocuments(Conversation &conversation,
                                     std::vector<NormaliserNote> &notes);

} // namespace kirotray
