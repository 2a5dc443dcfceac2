// SPDX-License-Identifier: MIT
#include "app/kiro/identity.h"

#include "app/base/result.h"

#include <QRegularExpression>

#include <array>

namespace kirotray {

namespace {

struct KindName
{
    AccountKind kind;
    QLatin1StringView name;
};

/// The first name of a kind is the one that is stored; all are written without case and with `-`.
constexpr std::array<KindName, 12> KindNames {{
    {AccountKind::Social, "social"_L1},
    {AccountKind::BuilderId, "builder-id"_L1},
    {AccountKind::BuilderId, "builderid"_L1},
    {AccountKind::IdentityCenter, "idc"_L1},
    {AccountKind::IdentityCenter, "iam"_L1},
    {AccountKind::IdentityCenter, "identity-center"_L1},
    {AccountKind::IdentityCenter, "enterprise"_L1},
    {AccountKind::ExternalIdp, "external_idp"_L1},
    {AccountKind::ExternalIdp, "external-idp"_L1},
    {AccountKind::ExternalIdp, "externalidp"_L1},
    {AccountKind::ApiKey, "api_key"_L1},
    {AccountKind::ApiKey, "api-key"_L1},
}};

/// kiro-protocol §1.1 no. 3. A region that is not listed is served from us-east-1.
QString dataRegionOfSso(const QString &ssoRegion)
{
    static constexpr std::array European {"eu-west-1"_L1,    "eu-west-2"_L1,   "eu-west-3"_L1,
                                          "eu-north-1"_L1,   "eu-south-1"_L1,  "eu-south-2"_L1,
                                          "eu-central-1"_L1, "eu-central-2"_L1};
    for (const QLatin1StringView region : European)
        if (ssoRegion == region)
            return u"eu-central-1"_s;
    return u"us-east-1"_s;
}

} // namespace

QString toString(AccountKind kind)
{
    for (const KindName &entry : KindNames)
        if (entry.kind == kind)
            return entry.name;
    return {};
}

std::optional<AccountKind> accountKindFromString(const QString &text)
{
    const QString wanted = text.trimmed().toLower();
    for (const KindName &entry : KindNames)
        if (wanted == entry.name)
            return entry.kind;
    return std::nullopt;
}

QString apiRegionOf(const KiroIdentity &identity)
{
    if (const QString chosen = identity.apiRegion.trimmed(); !chosen.isEmpty())
        return chosen;
    if (isProfileArn(identity.profileArn))
        return identity.profileArn.section(u':', 3, 3);
    return dataRegionOfSso(identity.ssoRegion.trimmed());
}

bool isProfileArn(const QString &text)
{
    static const QRegularExpression form(
        uR"(\Aarn:aws[a-z-]*:codewhisperer:[a-z0-9-]+:[0-9]{12}:profile/[A-Za-z0-9]+\z)"_s);
    return form.match(text).hasMatch();
}

} // namespace kirotray
