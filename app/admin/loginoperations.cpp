// SPDX-License-Identifier: MIT
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"

namespace kirotray {

namespace {

/// The members of a sign-in. `secret` holds an API key, a session token or pasted tokens.
LoginInput readLoginInput(JsonReader &reader, const JsonValue &object, const AdminRequest &request)
{
    LoginInput input;
    const auto text = [&reader, &object](std::string_view name) {
        return QString::fromStdString(reader.optionalString(object, name).value_or(""));
    };
    input.startUrl = text("startUrl");
    input.region = text("region");
    input.proxy = text("proxy");
    const QString language = text("language");
    input.language = language.isEmpty() ? request.language : language;
    input.useDeviceCode = reader.optionalBoolean(object, "deviceCode").value_or(true);
    input.acceptsRisk = reader.optionalBoolean(object, "acceptsRisk").value_or(false);
    input.secret =
        Secret(QByteArray::fromStdString(reader.optionalString(object, "secret").value_or("")));
    return input;
}

void replyLogin(const AdminCall &call, int status, const QString &id)
{
    const std::optional<LoginStatus> login = call.services().logins.status(id);
    if (!login)
        return call.refuse(404, u"not_found"_s, u"there is no sign-in '%1'"_s.arg(id));
    std::string text;
    JsonWriter json(text);
    writeLogin(json, *login);
    call.reply(status, std::move(text));
}

void listProviders(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("providers").beginArray();
    for (const LoginProvider &provider : loginProviders())
        json.beginObject()
            .member("id", provider.id)
            .member("title", provider.title)
            .memberBoolean("needsStartUrl", provider.needsStartUrl)
            .memberBoolean("needsSecret", provider.needsSecret)
            .memberBoolean("risky", provider.isRisky)
            .memberBoolean("worksRemotely", provider.worksRemotely)
            .endObject();
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

void listLogins(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("logins").beginArray();
    for (const LoginStatus &login : call.services().logins.all())
        writeLogin(json, login);
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

/// Provider and input of the body; refuses, and gives nullopt, when they are not as they must be.
std::optional<std::pair<QString, LoginInput>> wantedLogin(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return std::nullopt;
    JsonReader reader;
    const QString provider =
        QString::fromStdString(reader.requiredString(body->root(), "provider"));
    LoginInput input = readLoginInput(reader, body->root(), call.request());
    if (!reader.failed())
        return std::pair {provider, std::move(input)};
    call.refuse(reader.error());
    return std::nullopt;
}

void startLogin(const AdminCall &call)
{
    const auto wanted = wantedLogin(call);
    if (!wanted)
        return;
    const Result<QString> id = call.services().logins.start(wanted->first, wanted->second);
    if (id)
        replyLogin(call, 201, id.value());
    else
        call.refuse(id.error());
}

/// A link for a browser on another machine. The host is the caller's: it reached us by it.
void makeRemoteLogin(const AdminCall &call)
{
    const auto wanted = wantedLogin(call);
    if (!wanted)
        return;
    const Result<QString> path =
        call.services().logins.makeRemoteLink(wanted->first, wanted->second);
    if (!path)
        return call.refuse(path.error());
    std::string text;
    JsonWriter json(text);
    json.beginObject()
        .member("path", path.value().toStdString())
        .member("url", (call.request().baseUrl + path.value()).toStdString())
        .endObject();
    call.reply(201, std::move(text));
}

void showLogin(const AdminCall &call)
{
    replyLogin(call, 200, call.captured());
}

void giveLoginInput(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return;
    JsonReader reader;
    const Secret text(QByteArray::fromStdString(reader.requiredString(body->root(), "text")));
    if (reader.failed())
        return call.refuse(reader.error());
    if (const Result<Done> taken = call.services().logins.input(call.captured(), text); !taken)
        return call.refuse(taken.error());
    replyLogin(call, 200, call.captured());
}

void cancelLogin(const AdminCall &call)
{
    if (!call.services().logins.status(call.captured()))
        return replyLogin(call, 200, call.captured());
    call.services().logins.cancel(call.captured());
    call.done();
}

} // namespace

std::span<const AdminOperation> loginOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/api/login-providers", listProviders},
        AdminOperation {"GET", "/api/logins", listLogins},
        AdminOperation {"POST", "/api/logins", startLogin},
        AdminOperation {"POST", "/api/logins/remote", makeRemoteLogin},
        AdminOperation {"GET", "/api/logins/*", showLogin},
        AdminOperation {"POST", "/api/logins/*/input", giveLoginInput},
        AdminOperation {"DELETE", "/api/logins/*", cancelLogin},
    };
    return Operations;
}

} // namespace kirotray
