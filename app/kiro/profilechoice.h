// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/identity.h"
#include "app/kiro/kirotables.h"

#include <QString>

#include <optional>

namespace kirotray {

/// Which profile a call names (kiro-protocol §1.6). Pure; any thread.
enum class ProfileUse {
    None,
    Own, ///< the account's
    Shared, ///< the one that the service shares between all accounts of a kind
};

/// What works according to most reports: by the kind of account and the family of the host.
ProfileUse usualProfileUse(const KiroTables &tables, const KiroIdentity &identity,
                           const QString &baseUrl);
/// The ARN to send; empty: none.
QString profileArnBy(ProfileUse use, const KiroTables &tables, const KiroIdentity &identity);
/// Both: the ARN that is usually sent to this host.
QString profileArnFor(const KiroTables &tables, const KiroIdentity &identity,
                      const QString &baseUrl);
/// After "profileArn is required for this request.": what to send instead of nothing. Absent: the
/// account has no profile to name. Only Builder ID and social accounts may name a shared one.
std::optional<ProfileUse> requiredProfileUse(const KiroTables &tables,
                                             const KiroIdentity &identity);

/// q.*: the hosts that take calls without a profile.
bool isProfileFreeHost(const QString &baseUrl);
/// q.* and codewhisperer.*: the hosts that serve only Claude models (§1.1).
bool isClaudeOnlyHost(const QString &baseUrl);

} // namespace kirotray
