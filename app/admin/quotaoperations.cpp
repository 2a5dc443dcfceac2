// SPDX-License-Identifier: MIT
#include "app/admin/admincall.h"
#include "app/admin/adminviews.h"

namespace kirotray {

namespace {

std::string quotaText(const AdminCall &call, const Account &account)
{
    std::string text;
    JsonWriter json(text);
    writeQuota(json, call.services(), account);
    return text;
}

/// `?fresh=true` asks the service now; else what was read last.
void showUsage(const AdminCall &call)
{
    const Account *account = accountOf(call);
    if (account == nullptr)
        return;
    if (call.query(u"fresh"_s) != u"true")
        return call.reply(200, quotaText(call, *account));
    call.services().usage.read(
        account->id, call.context(), [call, id = account->id](const Result<Quota> &quota) {
            const Account *now = call.services().accounts.find(id);
            if (!quota)
                call.refuse(quota.error());
            else if (now != nullptr)
                call.reply(200, quotaText(call, *now));
            else
                call.refuse(404, u"not_found"_s, u"the account was removed meanwhile"_s);
        });
}

void writeTotal(JsonWriter &json, const AdminServices &services)
{
    double used = 0;
    double limit = 0;
    double remaining = 0;
    for (const Account &account : services.accounts.accounts()) {
        const Quota quota = services.usage.quota(account.id);
        if (!account.enabled || !quota.usage)
            continue;
        used += quota.used();
        limit += quota.usage->limit;
        remaining += quota.remaining();
    }
    json.beginObject().key("used").number(used).key("limit").number(limit);
    json.key("remaining").number(remaining).endObject();
}

/// Of the whole pool; disabled accounts are listed and not counted.
void showQuota(const AdminCall &call)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("total");
    writeTotal(json, call.services());
    json.key("accounts").beginArray();
    for (const Account &account : call.services().accounts.accounts())
        writeQuota(json, call.services(), account);
    json.endArray().endObject();
    call.reply(200, std::move(text));
}

/// Asks the service for every enabled account, which shows whether its token, plan and network
/// work.
void checkHealth(const AdminCall &call)
{
    std::vector<AccountId> enabled;
    for (const Account &account : call.services().accounts.accounts())
        if (account.enabled)
            enabled.push_back(account.id);
    replyForEach(
        call, enabled,
        [call](const AccountId &id, const std::function<void(std::optional<Error>)> &answered) {
            call.services().usage.read(id, call.context(), [answered](const Result<Quota> &quota) {
                answered(quota ? std::nullopt : std::optional(quota.error()));
            });
        },
        [call](JsonWriter &json, const AccountId &id) {
            json.key("health");
            writeHealth(json, call.services().health(id));
        });
}

} // namespace

std::span<const AdminOperation> quotaOperations()
{
    static constexpr std::array Operations {
        AdminOperation {"GET", "/api/accounts/*/usage", showUsage},
        AdminOperation {"GET", "/api/quota", showQuota},
        AdminOperation {"POST", "/api/health-check", checkHealth},
    };
    return Operations;
}

} // namespace kirotray
