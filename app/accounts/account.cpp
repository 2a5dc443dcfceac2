// SPDX-License-Identifier: MIT
#include "app/accounts/account.h"

#include "app/base/json.h"

#include <QCryptographicHash>

namespace kirotray {

namespace {

Error badCredential(const Error &reason)
{
    return {Error::Code::BadInput, u"stored credential: "_s + reason.what, reason.path};
}

std::string credentialTimeText(const QDateTime &time)
{
    return time.toUTC().toString(Qt::ISODateWithMs).toStdString();
}

Secret credentialSecret(JsonReader &reader, const JsonValue &object, std::string_view key)
{
    return Secret(QByteArray::fromStdString(reader.optionalString(object, key).value_or("")));
}

QDateTime credentialTime(JsonReader &reader, const JsonValue &object, std::string_view key)
{
    const std::optional<std::string> text = reader.optionalString(object, key);
    if (!text)
        return {};
    const QDateTime time = QDateTime::fromString(QString::fromStdString(*text), Qt::ISODateWithMs);
    if (!time.isValid())
        reader.fail(object[key], "expected an ISO 8601 time");
    return time.toUTC();
}

} // namespace

QString fingerprintOf(const Credential &credential)
{
    const Secret &token =
        credential.refreshToken.isEmpty() ? credential.accessToken : credential.refreshToken;
    if (token.isEmpty())
        return {};
    const QByteArray hash = QCryptographicHash::hash(token.reveal(), QCryptographicHash::Sha256);
    return QString::fromLatin1(hash.toHex().first(16));
}

QString vaultKey(const AccountId &id)
{
    return u"account/"_s + id.value;
}

Secret serialise(const Credential &credential)
{
    std::string text;
    JsonWriter writer(text);
    const auto secret = [&writer](std::string_view name, const Secret &value) {
        if (!value.isEmpty())
            writer.member(name, value.reveal().toStdString());
    };
    const auto time = [&writer](std::string_view name, const QDateTime &value) {
        if (value.isValid())
            writer.member(name, credentialTimeText(value));
    };
    writer.beginObject();
    secret("accessToken", credential.accessToken);
    secret("refreshToken", credential.refreshToken);
    time("expiresAt", credential.expiresAt);
    if (!credential.clientId.isEmpty())
        writer.member("clientId", credential.clientId.toStdString());
    secret("clientSecret", credential.clientSecret);
    time("clientSecretExpiresAt", credential.clientSecretExpiresAt);
    writer.endObject();
    return Secret(QByteArray::fromStdString(text));
}

Result<Credential> parseCredential(const Secret &text)
{
    const Result<JsonDocument> document = JsonDocument::parse(text.reveal().toStdString());
    if (!document)
        return badCredential(document.error());
    const JsonValue root = document.value().root();
    JsonReader reader;
    reader.expect(root, JsonValue::Type::Object);
    Credential credential;
    credential.accessToken = credentialSecret(reader, root, "accessToken");
    credential.refreshToken = credentialSecret(reader, root, "refreshToken");
    credential.expiresAt = credentialTime(reader, root, "expiresAt");
    credential.clientId =
        QString::fromStdString(reader.optionalString(root, "clientId").value_or(""));
    credential.clientSecret = credentialSecret(reader, root, "clientSecret");
    credential.clientSecretExpiresAt = credentialTime(reader, root, "clientSecretExpiresAt");
    if (reader.failed())
        return badCredential(reader.error());
    return credential;
}

QString toString(AccountProblem problem)
{
    switch (problem) {
    case AccountProblem::None:
        break;
    case AccountProblem::SignInNeeded:
        return u"sign-in-needed"_s;
    case AccountProblem::Suspended:
        return u"suspended"_s;
    }
    return {};
}

bool isUsable(const Account &account)
{
    return account.enabled && account.problem == AccountProblem::None;
}

KiroIdentity identityOf(const Account &account, const Secret &accessToken)
{
    KiroIdentity identity;
    identity.accountId = account.id.value;
    identity.kind = account.kind;
    identity.accessToken = accessToken;
    identity.profileArn = account.profileArn;
    identity.ssoRegion = account.ssoRegion;
    identity.apiRegion = account.apiRegion;
    identity.machineId = account.machineId;
    identity.proxy = account.proxy;
    return identity;
}

} // namespace kirotray
