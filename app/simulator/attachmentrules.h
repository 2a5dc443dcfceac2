// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <set>
#include <string_view>

namespace kirotray {

class Verdict;

/// What is counted over a whole request.
struct AttachmentTally
{
    int images = 0;
    int documents = 0;
    std::set<std::string_view> documentNames;
};

/// Images and documents of one user message (kiro-protocol §1.4, §1.7 rule 16). Page counts are not
/// looked at, and the dimensions of a picture only where its header is whole.
void checkImages(const JsonValue &images, Verdict &verdict, AttachmentTally &tally);
void checkDocuments(const JsonValue &documents, Verdict &verdict, AttachmentTally &tally);

} // namespace kirotray
