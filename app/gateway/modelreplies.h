// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/replies.h"
#include "app/gateway/routes.h"
#include "app/kiro/kirotables.h"

#include <span>

namespace kirotray {

/// Answers Route::Kind::Models and Model in the caller's dialect. `listed` is the account's own
/// list; empty: the table's. A model that was asked for by another name keeps that name.
HttpResponse modelsReply(const Route &route, const KiroTables &tables,
                         std::span<const KiroModel> listed, const QString &thinkingSuffix,
                         const ReplyStamp &stamp);

} // namespace kirotray
