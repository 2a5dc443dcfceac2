// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/secret.h"

#include <QString>

#include <optional>

namespace kirotray {

/// How an account signs in (kiro-protocol §0.2).
enum class AccountKind { Social, BuilderId, IdentityCenter, ExternalIdp, ApiKey };

QString toString(AccountKind kind); ///< social, builder-id, idc, external_idp, api_key: as stored
std::optional<AccountKind> accountKindFromString(const QString &text); ///< also the aliases of §7.4

/// Who a call to the upstream is made as. A value; any thread.
struct KiroIdentity
{
    QString accountId; ///< ours: lane of the connection and key of the log lines; not sent
    AccountKind kind = AccountKind::Social;
    Secret accessToken;
    QString profileArn; ///< empty when none is known
    QString ssoRegion; ///< of the OIDC host; empty: us-east-1
    QString apiRegion; ///< chosen by the user; empty: derived, see apiRegionOf()
    QString machineId; ///< 64 lower-case hex digits, stable (§8)
    QString proxy; ///< this account's own outbound proxy, see ProxyChoice::parse(); empty: the
                   ///< general one
};

/// The data-plane region by the preference list of §1.1: chosen, from the ARN, mapped from the SSO
/// region, us-east-1.
QString apiRegionOf(const KiroIdentity &identity);
/// True for an ARN of the form that §1.6 accepts.
bool isProfileArn(const QString &text);

} // namespace kirotray
