// SPDX-License-Identifier: MIT
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"

#include <algorithm>

namespace kirotray {

namespace {

/// A copy: the list may change while a call waits.
std::optional<ClientKey> clientKeyOf(const AdminCall &call)
{
    const std::vector<ClientKey> &keys = call.services().keys.keys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&call](const ClientKey &key) {
        return key.id == call.captured() || key.name == call.captured();
    });
    if (found != keys.end())
        return *found;
    call.refuse(404, u"not_found"_s, u"there is no key '%1'"_s.arg(call.captured()));
    return std::nullopt;
}

void replyKey(const AdminCall &call, int status, const ClientKey &key)
{
    std::string text;
    JsonWriter json(text);
    writeKey(json, key);
    call.reply(status, std::move(text));
}

void listKeys(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("keys").beginArray();
    for (const ClientKey &key : call.services().keys.keys())
        writeKey(json, key);
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

/// Members that are absent stay; a limit of null is taken off.
void readKey(JsonReader &reader, const JsonValue &object, ClientKey &key)
{
    if (const auto name = reader.optionalString(object, "name"))
        key.name = QString::fromStdString(*name);
    key.enabled = reader.optionalBoolean(object, "enabled").value_or(key.enabled);
    if (!object["requestsPerDay"].isMissing()) {
        const std::optional<qint64> limit = reader.optionalInteger(object, "requestsPerDay");
        if (limit && (*limit < 0 || *limit != static_cast<int>(*limit)))
            reader.fail(object["requestsPerDay"], "is out of range");
        key.requestsPerDay = limit ? std::optional(static_cast<int>(*limit)) : std::optional<int>();
    }
    if (!object["creditsPerDay"].isMissing()) {
        key.creditsPerDay = reader.optionalNumber(object, "creditsPerDay");
        if (key.creditsPerDay && !(*key.creditsPerDay >= 0))
            reader.fail(object["creditsPerDay"], "is below 0");
    }
    if (object["models"].isMissing())
        return;
    key.models.clear();
    for (const JsonValue model : reader.requiredArray(object, "models"))
        if (reader.expect(model, JsonValue::Type::String))
            key.models.append(QString::fromStdString(std::string(model.string())));
}

/// The new key's secret is not in the answer: kirotrayctl reads it from the vault.
void addKey(const AdminCall &call)
{
    const std::optional<JsonDocument> body = call.body();
    if (!body)
        return;
    JsonReader reader;
    ClientKey wanted;
    readKey(reader, body->root(), wanted);
    if (wanted.name.trimmed().isEmpty())
        reader.fail(body->root()["name"], "is missing or empty");
    if (reader.failed())
        return call.refuse(reader.error());
    call.services().keys.add(wanted, call.context(), [call](const Result<ClientKey> &key) {
        if (key)
            replyKey(call, 201, key.value());
        else
            call.refuse(key.error());
    });
}

void changeKey(const AdminCall &call)
{
    std::optional<ClientKey> key = clientKeyOf(call);
    const std::optional<JsonDocument> body = key ? call.body() : std::nullopt;
    if (!body)
        return;
    JsonReader reader;
    readKey(reader, body->root(), *key);
    if (reader.failed())
        return call.refuse(reader.error());
    if (const Result<Done> changed = call.services().keys.change(*key); !changed)
        return call.refuse(changed.error());
    replyKey(call, 200, *key);
}

std::function<void(Result<Done>)> replyDone(const AdminCall &call)
{
    return [call](const Result<Done> &result) {
        if (result)
            call.done();
        else
            call.refuse(result.error());
    };
}

void renewKey(const AdminCall &call)
{
    if (const std::optional<ClientKey> key = clientKeyOf(call))
        call.services().keys.renew(key->id, call.context(), replyDone(call));
}

void removeKey(const AdminCall &call)
{
    if (const std::optional<ClientKey> key = clientKeyOf(call))
        call.services().keys.remove(key->id, call.context(), replyDone(call));
}

} // namespace

std::span<const AdminOperation> keyOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/api/keys", listKeys},
        AdminOperation {"POST", "/api/keys", addKey},
        AdminOperation {"PATCH", "/api/keys/*", changeKey},
        AdminOperation {"DELETE", "/api/keys/*", removeKey},
        AdminOperation {"POST", "/api/keys/*/renew", renewKey},
    };
    return Operations;
}

} // namespace kirotray
