// SPDX-License-Identifier: MIT
#include "app/kiro/profilechoice.h"

#include <QUrl>

namespace kirotray {

namespace {

QString sharedArnOf(const KiroTables &tables, AccountKind kind)
{
    switch (kind) {
    case AccountKind::Social:
        return tables.client.sharedSocialArn;
    case AccountKind::BuilderId:
        return tables.client.sharedBuilderIdArn;
    case AccountKind::IdentityCenter:
    case AccountKind::ExternalIdp: // never a shared one
    case AccountKind::ApiKey:
        break;
    }
    return {};
}

bool isHostOf(const QString &baseUrl, QLatin1StringView family)
{
    return QUrl(baseUrl).host().startsWith(family);
}

} // namespace

std::optional<ProfileUse> requiredProfileUse(const KiroTables &tables, const KiroIdentity &identity)
{
    if (isProfileArn(identity.profileArn))
        return ProfileUse::Own;
    if (!sharedArnOf(tables, identity.kind).isEmpty())
        return ProfileUse::Shared;
    return std::nullopt;
}

ProfileUse usualProfileUse(const KiroTables &tables, const KiroIdentity &identity,
                           const QString &baseUrl)
{
    // Mandatory on runtime.*, refused or pointless elsewhere.
    if (identity.kind == AccountKind::BuilderId && !isHostOf(baseUrl, "runtime."_L1))
        return ProfileUse::None;
    return requiredProfileUse(tables, identity).value_or(ProfileUse::None);
}

QString profileArnBy(ProfileUse use, const KiroTables &tables, const KiroIdentity &identity)
{
    switch (use) {
    case ProfileUse::None:
        break;
    case ProfileUse::Own:
        return isProfileArn(identity.profileArn) ? identity.profileArn : QString();
    case ProfileUse::Shared:
        return sharedArnOf(tables, identity.kind);
    }
    return {};
}

QString profileArnFor(const KiroTables &tables, const KiroIdentity &identity,
                      const QString &baseUrl)
{
    return profileArnBy(usualProfileUse(tables, identity, baseUrl), tables, identity);
}

bool isProfileFreeHost(const QString &baseUrl)
{
    return isHostOf(baseUrl, "q."_L1);
}

bool isClaudeOnlyHost(const QString &baseUrl)
{
    return isHostOf(baseUrl, "q."_L1) || isHostOf(baseUrl, "codewhisperer."_L1);
}

} // namespace kirotray
