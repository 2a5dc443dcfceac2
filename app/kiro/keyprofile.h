// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/controlcalls.h"
#include "app/kiro/controlfetch.h"

namespace kirotray {

/// The profile of an API key by GetProfile (kiro-protocol §4.7), asked in us-east-1, then in
/// eu-central-1: a key belongs to one region. Error::Unauthorized: both reject it; any other: at
/// least one could not tell. Once, never after the caller's context is gone.
void findKeyProfile(const controlfetch::Caller &caller,
                    std::function<void(Result<std::vector<KiroProfile>>)> done);

} // namespace kirotray
