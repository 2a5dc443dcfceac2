// SPDX-License-Identifier: MIT
#include "app/kiro/controlcalls.h"
#include "app/kiro/controlfetch.h"
#include "app/kiro/idpcalls.h"
#include "app/kiro/tokenreply.h"

namespace kirotray {

namespace {

using controlfetch::Caller;

std::vector<OutboundRequest> socialRefresh(const Caller &caller, const RefreshInput &input)
{
    std::vector<OutboundRequest> requests;
    const QByteArray body = tokenreply::body({{"refreshToken", input.refreshToken.reveal()}});
    for (const QString &base : caller.tables->endpoints.socialAuth)
        requests.push_back(controlfetch::requestAt(caller, {base, u"/refreshToken"_s},
                                                   KiroCallKind::SocialAuth, body));
    return requests;
}

std::vector<OutboundRequest> oidcRefresh(const Caller &caller, const RefreshInput &input)
{
    const QString region = caller.identity.ssoRegion.trimmed().isEmpty()
        ? u"us-east-1"_s
        : caller.identity.ssoRegion.trimmed();
    std::vector<OutboundRequest> requests;
    const QByteArray body = tokenreply::body({{"clientId", input.clientId.toUtf8()},
                                              {"clientSecret", input.clientSecret.reveal()},
                                              {"grantType", "refresh_token"},
                                              {"refreshToken", input.refreshToken.reveal()}});
    for (const QString &base : caller.tables->endpoints.oidc)
        requests.push_back(controlfetch::requestAt(
            caller, {QString(base).replace("{region}"_L1, region), u"/token"_s}, KiroCallKind::Oidc,
            body));
    return requests;
}

/// Why this account cannot be renewed at all.
std::optional<Error> refreshObstacle(const RefreshInput &input)
{
    const auto bad = [](const QString &what) { return Error {Error::Code::BadInput, what}; };
    switch (input.identity.kind) {
    case AccountKind::ApiKey:
        return bad(u"an API key is not renewed"_s);
    case AccountKind::ExternalIdp:
        if (input.clientId.isEmpty() || input.tokenEndpoint.isEmpty())
            return bad(u"the identity provider's client or token endpoint is missing"_s);
        break;
    case AccountKind::BuilderId:
    case AccountKind::IdentityCenter:
        if (input.clientId.isEmpty() || input.clientSecret.isEmpty())
            return bad(u"the client registration is missing"_s);
        break;
    case AccountKind::Social:
        break;
    }
    if (input.refreshToken.isEmpty())
        return Error {Error::Code::Unauthorized, u"there is no refresh token"_s};
    return std::nullopt;
}

} // namespace

void ControlCalls::refresh(const RefreshInput &input, QObject *context,
                           std::function<void(Result<TokenGrant>)> done)
{
    if (const std::optional<Error> obstacle = refreshObstacle(input)) {
        controlfetch::failLater(context, done, *obstacle);
        return;
    }
    if (input.identity.kind == AccountKind::ExternalIdp) {
        IdpCalls(m_http, m_tables, m_proxy, input.identity)
            .refresh(input, context, std::move(done));
        return;
    }
    const Caller caller {&m_http, m_tables, input.identity, m_proxy, context};
    const bool isSocial = input.identity.kind == AccountKind::Social;
    controlfetch::fetchFirst(caller,
                             isSocial ? socialRefresh(caller, input) : oidcRefresh(caller, input),
                             [done = std::move(done)](const Result<HttpReply> &reply) {
                                 if (reply)
                                     done(tokenreply::grantOf(reply.value(), u"refresh"_s));
                                 else
                                     done(reply.error());
                             });
}

} // namespace kirotray
