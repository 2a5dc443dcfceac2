// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/keylimits.h"
#include "app/accounts/pool.h"
#include "app/chat/chaterror.h"

#include <QDateTime>
#include <QString>

#include <optional>
#include <vector>

namespace kirotray {

/// What a client is told when no account can answer: the error that its user can act on. Pure.

/// Why the pool has no account. `problems`: what AuthProblem and Suspended are known of the
/// accounts; `model`: as the client named it.
ChatError poolRefusal(const Pool::Refusal &refusal, const std::vector<AccountEffect> &problems,
                      const std::string &model, const QDateTime &now);

/// What a client's key does not allow: 403 for its model, 429 for its day.
ChatError keyRefusal(const KeyLimits::Refusal &refusal, const QDateTime &now);

/// Of several accounts' errors the one that passes first: a busy service before a limit that ends
/// soon, that before used up credits, these before what needs a person. Not empty.
ChatError soonestOver(const std::vector<ChatError> &errors);

/// The error of a request that the pool has no further account for: the soonest over of those that
/// came, or the pool's own where all accounts pause; it says when to come back.
ChatError errorAfter(const Pool::Refusal &refusal, std::vector<ChatError> errors,
                     const QDateTime &now);

} // namespace kirotray
