// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/base/limits.h"
#include "app/net/httpclient.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>
#include <QUuid>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr char BuilderIdStartUrl[] = "https://view.awsapps.com/start";

bool matchesWhole(const QString &text, const QString &pattern)
{
    return QRegularExpression(QRegularExpression::anchoredPattern(pattern)).match(text).hasMatch();
}

/// §7.1: SHA-1 of the compact JSON text of the start URL.
QString clientIdHashOf(const QString &startUrl)
{
    std::string text = R"({"startUrl":)";
    appendJsonString(text, startUrl.toStdString());
    text += '}';
    return QString::fromLatin1(
        QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha1)
            .toHex());
}

/// §4.4: people paste it with a fragment or a slash at its end.
QString cleanStartUrl(const QString &text)
{
    QString url = text.section(u'#', 0, 0);
    while (url.endsWith(u'/'))
        url.chop(1);
    return url;
}

/// 64 hex digits as they are, a UUID doubled (§8), anything else replaced by a random one.
QString importedMachineId(const QString &text)
{
    QString id = text.toLower();
    if (matchesWhole(id, u"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"_s))
        id = id.remove(u'-').repeated(2);
    if (matchesWhole(id, u"[0-9a-f]{64}"_s))
        return id;
    return QString::fromLatin1(
        QByteArray::fromBase64(randomToken(32), QByteArray::Base64UrlEncoding).toHex());
}

/// Host names are made of it: a file must not choose where tokens are sent.
bool isRegion(const QString &text)
{
    return matchesWhole(text, u"[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}"_s);
}

QString regionField(const ImportedFields &fields, std::initializer_list<std::string_view> names)
{
    const auto given = std::find_if(names.begin(), names.end(),
                                    [&fields](std::string_view name) { return fields.has(name); });
    if (given == names.end())
        return {};
    QString region = fields.text({*given});
    if (!region.isEmpty() && !isRegion(region))
        fields.fail(*given, "is no region");
    return region;
}

Secret tokenField(const ImportedFields &fields, std::string_view name)
{
    const QString token = fields.text({name});
    if (token.endsWith(u"..."_s) || token.endsWith(u'…'))
        fields.fail(name, "is cut off (it ends with dots): copy the whole token");
    for (const QChar c : token) {
        if (c.unicode() <= 0x20 || c.unicode() >= 0x7F)
            fields.fail(name, "has characters that no token has");
    }
    return Secret(token.toLatin1());
}

AccountKind kindOf(const ImportedFields &fields, bool hasRegistration)
{
    const QString method = fields.text({"authMethod", "auth"}).toLower();
    if (!method.isEmpty()) {
        const std::optional<AccountKind> kind = accountKindFromString(method);
        if (!kind)
            fields.fail("authMethod", "unknown sign-in method");
        return kind.value_or(AccountKind::Social);
    }
    if (fields.has("kiroApiKey") || fields.text({"accessToken"}).startsWith(u"ksk_"))
        return AccountKind::ApiKey;
    if (fields.has("tokenEndpoint"))
        return AccountKind::ExternalIdp;
    if (!hasRegistration && fields.has("clientId"))
        fields.fail("clientSecret", "is required beside the client id");
    if (!hasRegistration && fields.has("clientSecret"))
        fields.fail("clientId", "is required beside the client secret");
    return hasRegistration ? AccountKind::IdentityCenter : AccountKind::Social;
}

/// The files say "idc" for both of AWS's own sign-ins.
AccountKind builderIdOrCentre(const ImportedFields &fields, const Account &account)
{
    const QString builderId = QString::fromLatin1(BuilderIdStartUrl);
    if (account.provider.compare(u"BuilderId"_s, Qt::CaseInsensitive) == 0
        || account.startUrl == builderId)
        return AccountKind::BuilderId;
    if (account.provider.isEmpty() && fields.text({"clientIdHash"}) == clientIdHashOf(builderId))
        return AccountKind::BuilderId;
    const bool plain = account.provider.isEmpty() && account.startUrl.isEmpty()
        && account.profileArn.isEmpty()
        && (account.ssoRegion.isEmpty() || account.ssoRegion == u"us-east-1"_s);
    return plain ? AccountKind::BuilderId : AccountKind::IdentityCenter;
}

/// The user's own proxy. A password would stand in accounts.json in plain text.
QString proxyField(const ImportedFields &fields)
{
    const QString text = fields.text({"proxyUrl"});
    if (text.isEmpty())
        return {};
    QUrl url(text);
    if (fields.has("proxyUsername"))
        url.setUserName(fields.text({"proxyUsername"}));
    if (fields.has("proxyPassword") || !url.password().isEmpty()) {
        fields.fail(fields.has("proxyPassword") ? "proxyPassword" : "proxyUrl",
                    "a proxy with a password cannot be imported");
        return {};
    }
    QString proxy = url.host().isEmpty() ? text : url.toString(QUrl::FullyEncoded);
    if (!ProxyChoice::parse(proxy))
        fields.fail("proxyUrl", "is no proxy that can be used");
    return proxy;
}

/// The client registration that the IDE keeps in {clientIdHash}.json beside its token file.
void readRegistration(const ImportedFields &fields, const QDir &folder, const QString &startUrl,
                      Credential &credential)
{
    const QString given = fields.text({"clientIdHash"}).toLower();
    const QString hash = given.isEmpty() ? clientIdHashOf(startUrl) : given;
    const char *at = given.isEmpty() ? "clientId" : "clientIdHash";
    // It becomes a file name.
    if (!matchesWhole(hash, u"[0-9a-f]{40}"_s)) {
        fields.fail(at, "expected 40 hex digits");
        return;
    }
    const QString path = folder.filePath(hash + u".json"_s);
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) {
        fields.fail(
            at, "the client registration " + hash.toStdString() + ".json is not beside the file");
        return;
    }
    const QByteArray bytes = file.read(limits::MaxImportFile + 1);
    const Result<JsonDocument> document = bytes.size() > limits::MaxImportFile
        ? Result<JsonDocument>(Error {Error::Code::BadInput, u"too large"_s})
        : JsonDocument::parse(bytes.toStdString());
    JsonReader reader;
    const JsonValue root = document ? document.value().root() : JsonValue();
    const ImportedFields registration(reader, root);
    credential.clientId = registration.text({"clientId"});
    credential.clientSecret = tokenField(registration, "clientSecret");
    credential.clientSecretExpiresAt = registration.time("expiresAt");
    if (reader.failed() || credential.clientId.isEmpty() || credential.clientSecret.isEmpty()) {
        fields.fail(at,
                    "the client registration " + hash.toStdString() + ".json beside it is damaged");
    }
}

/// §4.7: a file must not choose where the token is sent.
bool isKnownTokenEndpoint(const QString &text)
{
    static constexpr std::array Hosts {"login.microsoftonline.com"_L1,
                                       "login.microsoftonline.us"_L1,
                                       "login.partner.microsoftonline.cn"_L1};
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && url.scheme() == u"https" && url.userInfo().isEmpty()
        && url.port(443) == 443 && std::find(Hosts.begin(), Hosts.end(), url.host()) != Hosts.end();
}

/// A text with spaces, or a list.
QString scopesField(const ImportedFields &fields, const JsonValue &value)
{
    if (!value.isArray())
        return fields.text({"scopes"});
    QStringList scopes;
    for (const JsonValue scope : value) {
        const std::string_view text = scope.string();
        scopes.append(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
    }
    return scopes.join(u' ');
}

void readIdentityProvider(const ImportedFields &fields, ImportedAccount &found)
{
    Account &account = found.account;
    account.tokenEndpoint = fields.text({"tokenEndpoint"});
    account.issuerUrl = fields.text({"issuerUrl"});
    account.scopes = scopesField(fields, fields.value("scopes"));
    if (account.tokenEndpoint.isEmpty())
        fields.fail("tokenEndpoint", "is required");
    else if (!isKnownTokenEndpoint(account.tokenEndpoint))
        fields.fail("tokenEndpoint", "is not the address of a known identity provider");
    if (found.credential.clientId.isEmpty())
        fields.fail("clientId", "is required");
}

/// The names of §7.1; kiro-cli and lists have them in small letters.
QString providerField(const ImportedFields &fields)
{
    static constexpr std::array Names {"Google"_L1,     "Github"_L1,   "BuilderId"_L1,
                                       "Enterprise"_L1, "Internal"_L1, "ExternalIdp"_L1};
    const QString text = fields.text({"provider", "idp"});
    const auto name = std::find_if(Names.begin(), Names.end(), [&text](QLatin1StringView one) {
        return text.compare(one, Qt::CaseInsensitive) == 0;
    });
    return name == Names.end() ? text : QString(*name);
}

void readPlace(const ImportedFields &fields, Account &account)
{
    account.provider = providerField(fields);
    account.startUrl = cleanStartUrl(fields.text({"startUrl"}));
    account.ssoRegion = regionField(fields, {"authRegion", "idcRegion", "region"});
    account.apiRegion = regionField(fields, {"apiRegion"});
    account.profileArn = fields.text({"profileArn"});
    if (!isProfileArn(account.profileArn))
        account.profileArn.clear();
    account.profileSource = account.profileArn.isEmpty() ? QString() : u"import"_s;
}

void readTokens(const ImportedFields &fields, const QDir &folder, ImportedAccount &found)
{
    Account &account = found.account;
    Credential &credential = found.credential;
    if (account.kind == AccountKind::ApiKey) {
        credential.accessToken =
            tokenField(fields, fields.has("kiroApiKey") ? "kiroApiKey" : "accessToken");
        if (credential.accessToken.isEmpty())
            fields.fail("kiroApiKey", "is required");
        return;
    }
    credential.accessToken = tokenField(fields, "accessToken");
    credential.refreshToken = tokenField(fields, "refreshToken");
    if (credential.refreshToken.isEmpty())
        fields.fail("refreshToken", "is required");
    if (!credential.accessToken.isEmpty())
        credential.expiresAt = fields.time("expiresAt");
    if (account.kind == AccountKind::Social)
        return;
    credential.clientId = fields.text({"clientId"});
    if (account.kind == AccountKind::ExternalIdp) {
        readIdentityProvider(fields, found);
        return;
    }
    credential.clientSecret = tokenField(fields, "clientSecret");
    if (credential.clientId.isEmpty() || credential.clientSecret.isEmpty()) {
        const QString startUrl =
            account.startUrl.isEmpty() ? QString::fromLatin1(BuilderIdStartUrl) : account.startUrl;
        readRegistration(fields, folder, startUrl, credential);
        return;
    }
    credential.clientSecretExpiresAt = fields.time("clientSecretExpiresAt");
}

} // namespace

ImportedAccount readFlatCredential(JsonReader &reader, std::vector<JsonValue> objects,
                                   const QDir &folder)
{
    ImportedAccount found;
    const JsonValue object = objects.front();
    for (const JsonValue &part : objects) {
        if (!reader.expect(part, JsonValue::Type::Object))
            return found;
    }
    const ImportedFields fields(reader, std::move(objects));
    Account &account = found.account;
    account.id.value = QUuid::createUuid().toString(QUuid::WithoutBraces);
    readPlace(fields, account);
    account.kind = kindOf(fields,
                          fields.has("clientIdHash")
                              || (fields.has("clientId") && fields.has("clientSecret")));
    if (account.kind == AccountKind::IdentityCenter)
        account.kind = builderIdOrCentre(fields, account);
    else if (account.kind == AccountKind::BuilderId && !account.startUrl.isEmpty()
             && account.startUrl != QLatin1StringView(BuilderIdStartUrl))
        account.kind = AccountKind::IdentityCenter; // kiro.rs takes the names for the same
    if (account.kind == AccountKind::BuilderId && account.provider.isEmpty())
        account.provider = u"BuilderId"_s;
    readTokens(fields, folder, found);
    account.email = fields.text({"email"});
    account.userId = fields.text({"userId"});
    account.label = fields.text({"email", "nickname", "label"});
    if (account.label.isEmpty())
        account.label = account.provider.isEmpty() ? toString(account.kind) : account.provider;
    account.machineId = importedMachineId(fields.text({"machineId"}));
    account.priority = fields.integer("priority", 0);
    account.proxy = proxyField(fields);
    account.description = fields.text({"description"});
    account.enabled =
        !fields.boolean("disabled").value_or(false) && fields.boolean("enabled").value_or(true);
    if (!account.enabled)
        account.note = u"disabled in the imported file"_s;
    account.createdAt = QDateTime::currentDateTimeUtc();
    account.fingerprint = fingerprintOf(found.credential);
    if (!reader.failed() && serialise(found.credential).reveal().size() > limits::MaxSecretItem)
        reader.fail(object, "the tokens are too long");
    return found;
}

void checkImportedAccount(const ImportedFields &fields, const Account &account)
{
    const auto check = [&fields](const char *name, const QString &text, bool isGood,
                                 const char *what) {
        if (!text.isEmpty() && !isGood)
            fields.fail(name, what);
    };
    check("ssoRegion", account.ssoRegion, isRegion(account.ssoRegion), "is no region");
    check("apiRegion", account.apiRegion, isRegion(account.apiRegion), "is no region");
    check("profileArn", account.profileArn, isProfileArn(account.profileArn), "is no profile ARN");
    check("tokenEndpoint", account.tokenEndpoint, isKnownTokenEndpoint(account.tokenEndpoint),
          "is not the address of a known identity provider");
    check("proxy", account.proxy, bool(ProxyChoice::parse(account.proxy)),
          "is no proxy that can be used");
    if (!matchesWhole(account.machineId, u"[0-9a-f]{64}"_s))
        fields.fail("machineId", "expected 64 hex digits");
    if (account.kind == AccountKind::ExternalIdp && account.tokenEndpoint.isEmpty())
        fields.fail("tokenEndpoint", "is required");
}

} // namespace kirotray
