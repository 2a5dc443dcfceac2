// SPDX-License-Identifier: MIT
// The paths of another program's administration (features ADM-16…26), so that scripts written for
// it go on working. Each leads to an operation of ours; ids come in the body there.
#include "app/admin/adminapi.h"
#include "app/admin/admincall.h"

namespace kirotray {

namespace {

/// The same request at one of our own paths.
void forward(const AdminCall &call, const char *method, const QByteArray &path)
{
    AdminRequest request = call.request();
    request.method = method;
    request.path = path;
    AdminApi::run(AdminCall(call, std::move(request)));
}

/// The id of the body; refuses, and gives an empty one, when there is none.
QByteArray idOf(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return {};
    JsonReader reader;
    const std::string id = reader.requiredString(body->root(), "id");
    if (reader.failed()) {
        call.refuse(reader.error());
        return {};
    }
    return QByteArray::fromStdString(id);
}

void forwardToAccount(const AdminCall &call, const char *method, const char *operation)
{
    if (const QByteArray id = idOf(call); !id.isEmpty())
        forward(call, method, "/api/accounts/" + id + operation);
}

void aliasPoolStatus(const AdminCall &call)
{
    forward(call, "GET", "/api/quota");
}

void aliasAccounts(const AdminCall &call)
{
    forward(call, "GET", "/api/accounts");
}

void aliasAddAccounts(const AdminCall &call)
{
    forward(call, "POST", "/api/accounts/import");
}

void aliasRemove(const AdminCall &call)
{
    forwardToAccount(call, "DELETE", "");
}

void aliasRefresh(const AdminCall &call)
{
    forwardToAccount(call, "POST", "/refresh");
}

void aliasReset(const AdminCall &call)
{
    forwardToAccount(call, "POST", "/restore");
}

void aliasCheck(const AdminCall &call)
{
    forwardToAccount(call, "GET", "/usage");
}

void aliasCheckAll(const AdminCall &call)
{
    forward(call, "POST", "/api/health-check");
}

void aliasConfig(const AdminCall &call)
{
    forward(call, "GET", "/api/settings");
}

/// Their body is `{"token": …}`; the warning is answered by `"acceptsRisk": true`.
void aliasImportSession(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return;
    JsonReader reader;
    const std::string token = reader.requiredString(body->root(), "token");
    const bool accepts = reader.optionalBoolean(body->root(), "acceptsRisk").value_or(false);
    if (reader.failed())
        return call.refuse(reader.error());
    std::string login;
    JsonWriter json(login);
    json.beginObject()
        .member("provider", "sso-session")
        .member("secret", token)
        .memberBoolean("acceptsRisk", accepts)
        .endObject();
    AdminRequest request = call.request();
    request.path = "/api/logins";
    request.body = QByteArray::fromStdString(login);
    AdminApi::run(AdminCall(call, std::move(request)));
}

/// Theirs answers with the tokens in plain text. Here they leave sealed with a passphrase, by
/// export.
void aliasCredentials(const AdminCall &call)
{
    forward(call, "POST", "/api/accounts/export");
}

} // namespace

std::span<const AdminOperation> aliasOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/admin/pool/status", aliasPoolStatus},
        AdminOperation {"GET", "/admin/accounts", aliasAccounts},
        AdminOperation {"POST", "/admin/accounts", aliasAddAccounts},
        AdminOperation {"POST", "/admin/accounts/remove", aliasRemove},
        AdminOperation {"POST", "/admin/accounts/refresh", aliasRefresh},
        AdminOperation {"POST", "/admin/accounts/reset", aliasReset},
        AdminOperation {"POST", "/admin/accounts/check", aliasCheck},
        AdminOperation {"POST", "/admin/accounts/batch-check", aliasCheckAll},
        AdminOperation {"POST", "/admin/accounts/import-sso", aliasImportSession},
        AdminOperation {"POST", "/admin/accounts/credentials", aliasCredentials},
        AdminOperation {"GET", "/admin/config", aliasConfig},
    };
    return Operations;
}

} // namespace kirotray
