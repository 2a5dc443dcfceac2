// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

namespace kirotray {

class Verdict;

/// Images and documents of one user message (kiro-protocol §1.4, §1.7 rule 16). Dimensions and page
/// counts are not looked at. `imageCount` counts over the whole request.
void checkImages(const JsonValue &images, Verdict &verdict, int &imageCount);
void checkDocuments(const JsonValue &documents, Verdict &verdict);

} // namespace kirotray
