// SPDX-License-Identifier: MIT
#include "app/accounts/accountchange.h"
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"

namespace kirotray {

namespace {

std::string accountText(const AdminCall &call, const Account &account)
{
    std::string text;
    JsonWriter json(text);
    writeAccount(json, call.services(), account);
    return text;
}

void listAccounts(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("accounts").beginArray();
    for (const Account &account : call.services().accounts.accounts())
        writeAccount(json, call.services(), account);
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

void showAccount(const AdminCall &call)
{
    if (const Account *account = accountOf(call))
        call.reply(200, accountText(call, *account));
}

std::optional<QString> optionalText(JsonReader &reader, const JsonValue &object,
                                    std::string_view key)
{
    const std::optional<std::string> text = reader.optionalString(object, key);
    return text ? std::optional(QString::fromStdString(*text)) : std::nullopt;
}

AccountChange readChange(JsonReader &reader, const JsonValue &object)
{
    AccountChange change;
    change.label = optionalText(reader, object, "label");
    change.group = optionalText(reader, object, "group");
    change.description = optionalText(reader, object, "description");
    change.proxy = optionalText(reader, object, "proxy");
    change.apiRegion = optionalText(reader, object, "apiRegion");
    change.profileArn = optionalText(reader, object, "profileArn");
    if (object["tags"].isArray()) {
        change.tags.emplace();
        for (const JsonValue tag : object["tags"])
            if (reader.expect(tag, JsonValue::Type::String))
                change.tags->append(QString::fromStdString(std::string(tag.string())));
    }
    if (const std::optional<qint64> priority = reader.optionalInteger(object, "priority")) {
        if (*priority != static_cast<int>(*priority))
            reader.fail(object["priority"], "is out of range");
        change.priority = static_cast<int>(*priority);
    }
    change.enabled = reader.optionalBoolean(object, "enabled");
    change.writesBack = reader.optionalBoolean(object, "writesBack");
    change.stopsBeforeOverage = reader.optionalBoolean(object, "stopsBeforeOverage");
    return change;
}

void changeAccount(const AdminCall &call)
{
    const Account *account = accountOf(call);
    const std::optional<JsonDocument> body = account ? call.body() : std::nullopt;
    if (!body)
        return;
    JsonReader reader;
    const AccountChange wanted = readChange(reader, body->root());
    if (reader.failed())
        return call.refuse(reader.error());
    const Result<Account> after = changed(*account, wanted);
    if (!after)
        return call.refuse(after.error());
    const bool isReleased = account->problem != after.value().problem;
    if (const Result<Done> put = call.services().accounts.put(after.value()); !put)
        return call.refuse(put.error());
    if (isReleased)
        call.services().restore(after.value().id);
    call.reply(200, accountText(call, after.value()));
}

void removeAccount(const AdminCall &call)
{
    const Account *account = accountOf(call);
    if (account == nullptr)
        return;
    call.services().remove(account->id, call.context(), [call](const Result<Done> &removed) {
        if (removed)
            call.done();
        else
            call.refuse(removed.error());
    });
}

/// A person says that all is well again: the suspension ends, the pool forgets its cool-down.
void restoreAccount(const AdminCall &call)
{
    const Account *account = accountOf(call);
    if (account == nullptr)
        return;
    AccountChange change;
    change.enabled = true;
    const Result<Account> after = changed(*account, change);
    const Result<Done> put =
        after ? call.services().accounts.put(after.value()) : Result<Done>(after.error());
    if (!put)
        return call.refuse(put.error());
    call.services().restore(after.value().id);
    call.reply(200, accountText(call, after.value()));
}

void refreshAccount(const AdminCall &call)
{
    const Account *account = accountOf(call);
    if (account == nullptr)
        return;
    call.services().tokens.refresh(
        account->id, call.context(), [call, id = account->id](const Result<Done> &refreshed) {
            const Account *now = call.services().accounts.find(id);
            if (!refreshed)
                call.refuse(refreshed.error());
            else if (now == nullptr)
                call.refuse(404, u"not_found"_s, u"the account was removed meanwhile"_s);
            else
                call.reply(200, accountText(call, *now));
        });
}

void refreshAll(const AdminCall &call)
{
    std::vector<AccountId> renewable;
    for (const Account &account : call.services().accounts.accounts())
        if (account.enabled && account.kind != AccountKind::ApiKey)
            renewable.push_back(account.id);
    replyForEach(
        call, renewable,
        [call](const AccountId &id, const std::function<void(std::optional<Error>)> &answered) {
            call.services().tokens.refresh(
                id, call.context(), [answered](const Result<Done> &refreshed) {
                    answered(refreshed ? std::nullopt : std::optional(refreshed.error()));
                });
        });
}

/// Profile, region and usage are looked for again.
void completeAccount(const AdminCall &call)
{
    const Account *account = accountOf(call);
    if (account == nullptr)
        return;
    AdminServices &services = call.services();
    auto *completion = new AccountCompletion(
        {services.accounts, services.tokens, services.calls, services.usage}, account->id,
        call.context(), [call](const CompletionOutcome &outcome) {
            std::string text;
            JsonWriter json(text);
            json.beginObject().member("id", outcome.id.value.toStdString());
            json.memberBoolean("merged", outcome.merged).key("profiles").beginArray();
            for (const KiroProfile &profile : outcome.profiles)
                json.beginObject()
                    .member("arn", profile.arn.toStdString())
                    .member("name", profile.name.toStdString())
                    .memberBoolean("active", profile.active)
                    .endObject();
            json.endArray().key("problems").beginArray();
            for (const Error &problem : outcome.problems)
                writeError(json, problem);
            json.endArray().endObject();
            call.reply(200, std::move(text));
        });
    completion->start();
}

} // namespace

std::span<const AdminOperation> accountOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/api/accounts", listAccounts},
        AdminOperation {"POST", "/api/accounts/refresh-all", refreshAll},
        AdminOperation {"GET", "/api/accounts/*", showAccount},
        AdminOperation {"PATCH", "/api/accounts/*", changeAccount},
        AdminOperation {"DELETE", "/api/accounts/*", removeAccount},
        AdminOperation {"POST", "/api/accounts/*/refresh", refreshAccount},
        AdminOperation {"POST", "/api/accounts/*/restore", restoreAccount},
        AdminOperation {"POST", "/api/accounts/*/complete", completeAccount},
    };
    return Operations;
}

} // namespace kirotray
