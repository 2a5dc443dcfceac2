// SPDX-License-Identifier: MIT
#include "app/kiro/requestbuilder.h"

#include <QSysInfo>

namespace kirotray {

namespace {

using HeaderList = std::vector<std::pair<QByteArray, QByteArray>>;

/// As Node names the system, which is what the official client runs on.
QByteArray operatingSystem(const KiroClientIdentity &client)
{
    if (!client.os.isEmpty())
        return client.os.toUtf8();
    QByteArray kernel = QSysInfo::kernelType().toUtf8();
    if (kernel == "winnt")
        kernel = "win32";
    return kernel + '#' + QSysInfo::kernelVersion().toUtf8();
}

QByteArray kiroSegment(const KiroTables &tables, const KiroIdentity &identity)
{
    QByteArray segment = "KiroIDE-" + tables.client.kiroVersion.toUtf8();
    if (!identity.machineId.isEmpty())
        segment += '-' + identity.machineId.toUtf8();
    return segment;
}

/// The two agent headers of one generated SDK client (§1.3.1).
void appendSdkAgents(HeaderList &headers, const KiroClientIdentity &client, const QString &version,
                     const QByteArray &api, const QByteArray &metrics, const QByteArray &segment)
{
    const QByteArray sdk = "aws-sdk-js/" + version.toUtf8();
    headers.emplace_back("User-Agent",
                         sdk + " ua/2.1 os/" + operatingSystem(client) + " lang/js md/nodejs#"
                             + client.nodeVersion.toUtf8() + " api/" + api + '#' + version.toUtf8()
                             + " m/" + metrics + ' ' + segment);
    headers.emplace_back("x-amz-user-agent", sdk + ' ' + segment);
}

void appendAuthorization(HeaderList &headers, const KiroIdentity &identity)
{
    headers.emplace_back("Authorization", "Bearer " + identity.accessToken.reveal());
    if (identity.kind == AccountKind::ApiKey)
        headers.emplace_back("TokenType", "API_KEY");
    if (identity.kind == AccountKind::ExternalIdp)
        headers.emplace_back("TokenType", "EXTERNAL_IDP");
}

void appendInvocation(HeaderList &headers, const QByteArray &invocationId,
                      const QByteArray &attempts)
{
    if (!invocationId.isEmpty())
        headers.emplace_back("amz-sdk-invocation-id", invocationId);
    headers.emplace_back("amz-sdk-request", attempts);
}

HeaderList dataPlaneHeaders(const KiroTables &tables, const KiroIdentity &identity, bool isChat,
                            const QByteArray &invocationId, const QString &profileArn)
{
    const KiroClientIdentity &client = tables.client;
    HeaderList headers;
    appendAuthorization(headers, identity);
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Accept", "*/*");
    if (isChat)
        headers.emplace_back("x-amzn-kiro-agent-mode", client.agentMode.toUtf8());
    headers.emplace_back("x-amzn-codewhisperer-optout", client.optOut ? "true" : "false");
    if (!profileArn.isEmpty())
        headers.emplace_back("x-amzn-kiro-profile-arn", profileArn.toUtf8());
    const QByteArray segment = kiroSegment(tables, identity);
    if (isChat)
        appendSdkAgents(headers, client, client.sdkChat, "codewhispererstreaming", "E", segment);
    else
        appendSdkAgents(headers, client, client.sdkRuntime, "codewhispererruntime", "N,E", segment);
    appendInvocation(headers, invocationId, isChat ? "attempt=1; max=3" : "attempt=1; max=1");
    return headers;
}

} // namespace

HeaderList kiroHeaders(const KiroTables &tables, const KiroIdentity &identity, KiroCallKind kind,
                       const QByteArray &invocationId, const QString &profileArn)
{
    switch (kind) {
    case KiroCallKind::Chat:
        return dataPlaneHeaders(tables, identity, true, invocationId, profileArn);
    case KiroCallKind::Control:
        return dataPlaneHeaders(tables, identity, false, invocationId, profileArn);
    case KiroCallKind::Oidc: {
        HeaderList headers {{"Content-Type", "application/json"}};
        appendSdkAgents(headers, tables.client, tables.client.sdkOidc, "sso-oidc", "E", "KiroIDE");
        appendInvocation(headers, invocationId, "attempt=1; max=4");
        return headers;
    }
    case KiroCallKind::SocialAuth:
        return {{"Content-Type", "application/json"},
                {"User-Agent", kiroSegment(tables, identity)}};
    }
    return {};
}

} // namespace kirotray
