// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/controlcalls.h"

#include <QByteArray>

#include <string_view>
#include <utility>
#include <vector>

/// What the calls to token endpoints share (kiro-protocol §4.2, §4.3): bodies and answers in
/// camelCase JSON, for identity providers in the standard's snake_case (§4.7). Pure.
namespace kirotray::tokenreply {

/// The members in the order the official client sends them.
QByteArray body(const std::vector<std::pair<std::string_view, QByteArray>> &members);

/// The tokens of a reply. `call` names it in errors, such as "refresh". Error::Unauthorized: what
/// was presented (token, code, registration) is dead; RateLimited, Upstream: it may still be good.
Result<TokenGrant> grantOf(const HttpReply &reply, const QString &call);
/// The same of a standard token endpoint, whose members are in snake_case (§4.7).
Result<TokenGrant> standardGrantOf(const HttpReply &reply, const QString &call);

/// The error of a reply that is no success. Every refusal that does not say that the token is dead
/// is taken for transient. No secret is part of it.
Error refusal(const HttpReply &reply, const QString &call);

} // namespace kirotray::tokenreply
