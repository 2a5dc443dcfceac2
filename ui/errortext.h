// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

namespace kirotray {

/// What happened and what to do, as a sentence in the interface's language. Error::what is for the
/// details and never part of it. Empty for Cancelled: the user knows.
QString errorText(Error::Code code);

} // namespace kirotray
