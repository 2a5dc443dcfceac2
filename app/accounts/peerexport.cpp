// SPDX-License-Identifier: MIT
#include "app/accounts/peerexport.h"

#include "app/accounts/importers/ownexport.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

struct FormName
{
    ExportForm form;
    QLatin1StringView name;
};
constexpr std::array FormNames {
    FormName {ExportForm::KiroTray, "kirotray"_L1},
    FormName {ExportForm::KiroRs, "kiro-rs"_L1},
    FormName {ExportForm::KiroAccountManager, "kiro-account-manager"_L1},
    FormName {ExportForm::KiroGo, "kiro-go"_L1},
    FormName {ExportForm::Kiro2api, "kiro2api"_L1},
};

constexpr char BuilderIdPage[] = "https://view.awsapps.com/start";

bool isRegistered(const Account &account)
{
    return account.kind == AccountKind::BuilderId || account.kind == AccountKind::IdentityCenter;
}

/// Where the files of other programs have "IdC" for both of AWS's own sign-ins.
std::string methodName(const Account &account, const char *registered)
{
    return isRegistered(account) ? registered : "social";
}

std::string ssoRegionOf(const Account &account)
{
    return account.ssoRegion.isEmpty() ? "us-east-1" : account.ssoRegion.toStdString();
}

std::string startUrlOf(const Account &account)
{
    return account.kind == AccountKind::BuilderId ? BuilderIdPage : account.startUrl.toStdString();
}

std::string providerOf(const Account &account)
{
    if (!account.provider.isEmpty())
        return account.provider.toStdString();
    return account.kind == AccountKind::BuilderId ? "BuilderId"
        : isRegistered(account)                   ? "Enterprise"
                                                  : "";
}

void memberWhereKnown(JsonWriter &writer, std::string_view name, const QString &text)
{
    if (!text.isEmpty())
        writer.member(name, text.toStdString());
}

void tokenMembers(JsonWriter &writer, const Credential &credential)
{
    writer.member("accessToken", credential.accessToken.reveal().toStdString());
    writer.member("refreshToken", credential.refreshToken.reveal().toStdString());
    writer.member("clientId", credential.clientId.toStdString());
    writer.member("clientSecret", credential.clientSecret.reveal().toStdString());
}

/// §7.4
void writeKiroRs(JsonWriter &writer, const ImportedAccount &exported, int number)
{
    const auto &[account, credential] = exported;
    writer.beginObject();
    writer.memberInteger("id", number);
    if (account.kind == AccountKind::ApiKey) {
        writer.member("authMethod", "api_key");
        writer.member("kiroApiKey", credential.accessToken.reveal().toStdString());
    } else {
        const bool isBuilderId = account.kind == AccountKind::BuilderId;
        writer.member("authMethod", isBuilderId ? "builder-id" : methodName(account, "idc"));
        writer.member("refreshToken", credential.refreshToken.reveal().toStdString());
        if (!credential.accessToken.isEmpty())
            writer.member("accessToken", credential.accessToken.reveal().toStdString());
        if (credential.expiresAt.isValid())
            writer.member("expiresAt",
                          credential.expiresAt.toUTC().toString(Qt::ISODate).toStdString());
    }
    if (isRegistered(account)) {
        writer.member("clientId", credential.clientId.toStdString());
        writer.member("clientSecret", credential.clientSecret.reveal().toStdString());
        writer.member("region", ssoRegionOf(account));
        writer.member("authRegion", ssoRegionOf(account));
    }
    memberWhereKnown(writer, "apiRegion", account.apiRegion);
    memberWhereKnown(writer, "profileArn", account.profileArn);
    memberWhereKnown(writer, "provider", account.provider);
    memberWhereKnown(writer, "startUrl", account.startUrl);
    writer.member("machineId", account.machineId.toStdString());
    writer.memberInteger("priority", account.priority);
    writer.memberBoolean("disabled", !account.enabled);
    memberWhereKnown(writer, "email", account.email);
    memberWhereKnown(writer, "proxyUrl", account.proxy);
    writer.endObject();
}

/// §7.3
void writeKiroAccountManager(JsonWriter &writer, const ImportedAccount &exported)
{
    const auto &[account, credential] = exported;
    const qint64 expires =
        credential.expiresAt.isValid() ? credential.expiresAt.toMSecsSinceEpoch() : 0;
    writer.beginObject();
    writer.member("id", account.id.value.toStdString());
    writer.member("email", account.email.toStdString());
    writer.member("nickname", account.label.toStdString());
    writer.member("idp", providerOf(account));
    writer.member("userId", account.userId.toStdString());
    writer.member("machineId", account.machineId.toStdString());
    writer.member("profileArn", account.profileArn.toStdString());
    writer.key("credentials").beginObject();
    tokenMembers(writer, credential);
    writer.member("csrfToken", "");
    writer.member("region", ssoRegionOf(account));
    writer.member("startUrl", startUrlOf(account));
    writer.memberInteger("expiresAt", expires);
    writer.member("authMethod", methodName(account, "IdC"));
    writer.member("provider", providerOf(account));
    writer.endObject();
    writer.key("subscription").beginObject().member("type", "").member("title", "").endObject();
    writer.key("usage").beginObject().memberInteger("current", 0).memberInteger("limit", 0);
    writer.memberInteger("percentUsed", 0).endObject();
    writer.memberNull("groupId").key("tags").beginArray().endArray();
    writer.member("status", "active");
    writer.memberInteger("createdAt", account.createdAt.toMSecsSinceEpoch());
    writer.memberInteger("lastUsedAt", 0);
    writer.endObject();
}

/// §7.5
void writeKiroGo(JsonWriter &writer, const ImportedAccount &exported)
{
    const auto &[account, credential] = exported;
    const qint64 expires =
        credential.expiresAt.isValid() ? credential.expiresAt.toSecsSinceEpoch() : 0;
    writer.beginObject();
    writer.member("id", account.id.value.toStdString());
    writer.member("email", account.email.toStdString());
    writer.member("userId", account.userId.toStdString());
    writer.member("nickname", account.label.toStdString());
    tokenMembers(writer, credential);
    writer.member("authMethod", methodName(account, "idc"));
    writer.member("provider", providerOf(account));
    writer.member("region", ssoRegionOf(account));
    writer.member("startUrl", startUrlOf(account));
    writer.memberInteger("expiresAt", expires);
    writer.member("machineId", account.machineId.toStdString());
    writer.memberBoolean("enabled", account.enabled);
    writer.endObject();
}

/// §7.5
void writeKiro2api(JsonWriter &writer, const ImportedAccount &exported)
{
    const auto &[account, credential] = exported;
    writer.beginObject();
    writer.member("auth", isRegistered(account) ? "IdC" : "Social");
    writer.member("refreshToken", credential.refreshToken.reveal().toStdString());
    if (isRegistered(account)) {
        writer.member("clientId", credential.clientId.toStdString());
        writer.member("clientSecret", credential.clientSecret.reveal().toStdString());
    }
    writer.memberBoolean("disabled", !account.enabled);
    memberWhereKnown(writer, "description", account.description);
    writer.endObject();
}

void writeItem(JsonWriter &writer, ExportForm form, const ImportedAccount &exported, int number)
{
    switch (form) {
    case ExportForm::KiroTray:
        return; // written whole by plainExportText()
    case ExportForm::KiroRs:
        return writeKiroRs(writer, exported, number);
    case ExportForm::KiroAccountManager:
        return writeKiroAccountManager(writer, exported);
    case ExportForm::KiroGo:
        return writeKiroGo(writer, exported);
    case ExportForm::Kiro2api:
        return writeKiro2api(writer, exported);
    }
}

} // namespace

QString toString(ExportForm form)
{
    const auto found = std::find_if(FormNames.begin(), FormNames.end(),
                                    [form](const FormName &one) { return one.form == form; });
    return found == FormNames.end() ? QString() : QString(found->name);
}

std::optional<ExportForm> exportFormFromString(const QString &text)
{
    const auto found = std::find_if(FormNames.begin(), FormNames.end(),
                                    [&text](const FormName &one) { return one.name == text; });
    return found == FormNames.end() ? std::nullopt : std::optional(found->form);
}

QString obstacleIn(ExportForm form, const ImportedAccount &exported)
{
    const Account &account = exported.account;
    const Credential &credential = exported.credential;
    const bool isKey = account.kind == AccountKind::ApiKey;
    if ((isKey ? credential.accessToken : credential.refreshToken).isEmpty())
        return u"has no token: it needs a sign-in"_s;
    if (isRegistered(account)
        && (credential.clientId.isEmpty() || credential.clientSecret.isEmpty()))
        return u"has no client registration: it needs a sign-in"_s;
    if (form == ExportForm::KiroTray)
        return {};
    if (account.kind == AccountKind::ExternalIdp)
        return u"the form has no place for external identity providers"_s;
    if (isKey && form != ExportForm::KiroRs)
        return u"the form has no place for API keys"_s;
    if (form == ExportForm::Kiro2api && isRegistered(account)
        && ssoRegionOf(account) != "us-east-1")
        return u"the form has no place for regions"_s;
    return {};
}

Secret plainText(ExportForm form, const std::vector<ImportedAccount> &accounts)
{
    if (form == ExportForm::KiroTray)
        return plainExportText(accounts);
    const bool isNested = form == ExportForm::KiroAccountManager || form == ExportForm::KiroGo;
    std::string text;
    JsonWriter writer(text);
    if (isNested)
        writer.beginObject();
    if (form == ExportForm::KiroAccountManager) {
        writer.member("version", "1.6.1"); // of the form, as §7.3 shows it
        writer.memberInteger("exportedAt", QDateTime::currentMSecsSinceEpoch());
    }
    if (isNested)
        writer.key("accounts");
    writer.beginArray();
    int number = 0;
    for (const ImportedAccount &exported : accounts)
        writeItem(writer, form, exported, ++number);
    writer.endArray();
    if (form == ExportForm::KiroAccountManager)
        writer.key("groups").beginArray().endArray().key("tags").beginArray().endArray();
    if (isNested)
        writer.endObject();
    return Secret(QByteArray::fromStdString(text + '\n'));
}

} // namespace kirotray
