// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"
#include "app/simulator/oidcrules.h"
#include "app/simulator/scenarioreader.h"
#include "app/simulator/tokenbook.h"

#include <QByteArray>
#include <QHash>
#include <QList>

#include <optional>

namespace kirotray {

/// The object of `logins.oidc`.
OidcRules readOidcRules(const JsonValue &value, ScenarioReader &reader);

/// AWS SSO OIDC and its portal in a box (kiro-protocol §4.3 to §4.5): registrations, device codes,
/// authorization codes with PKCE, approval by a session. A path may begin with a region.
class OidcIdentity
{
public:
    void setRules(const OidcRules &rules);

    /// Nullopt: not a call of a sign-in (a refresh, or another service's path).
    std::optional<HttpResponse> answer(const HttpRequest &request, TokenBook &tokens,
                                       TokenBook::Clock::time_point now);
    /// The path without the region it may begin with.
    static QByteArray pathWithoutRegion(const QByteArray &path);

private:
    struct Client
    {
        QByteArray secret;
        QList<QByteArray> grantTypes;
        QList<QByteArray> redirectUris;
    };
    struct Device
    {
        QByteArray clientId;
        QByteArray userCode;
        int polls = 0;
        bool approved = false;
        bool used = false;
    };
    struct Code
    {
        QByteArray clientId;
        QByteArray challenge;
        QByteArray redirectUri;
        bool used = false;
    };
    struct Call
    {
        QByteArray path;
        QByteArray region;
        const HttpRequest &request;
        JsonValue root;
    };

    std::optional<HttpResponse> scriptedFailure(std::string_view call);
    bool knowsClient(const Call &call, const QByteArray &grantType) const;
    HttpResponse registerClient(const Call &call);
    HttpResponse startDevice(const Call &call);
    HttpResponse deviceToken(const Call &call, TokenBook &tokens, TokenBook::Clock::time_point now);
    HttpResponse codeToken(const Call &call, TokenBook &tokens, TokenBook::Clock::time_point now);
    HttpResponse authorize(const Call &call);
    HttpResponse portal(const Call &call);
    HttpResponse approve(const Call &call);

    OidcRules m_rules;
    QHash<QByteArray, Client> m_clients; ///< by id
    QHash<QByteArray, Device> m_devices; ///< by device code
    QHash<QByteArray, Code> m_codes;
    QByteArray m_userSession; ///< issued by /session/device
};

} // namespace kirotray
