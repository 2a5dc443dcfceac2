// SPDX-License-Identifier: MIT
#include "app/accounts/accountjson.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

/// The text fields of an account and their names in the file, for both directions.
struct TextField
{
    std::string_view name;
    QString Account::*member;
};
constexpr std::array TextFields {
    TextField {"label", &Account::label},
    TextField {"provider", &Account::provider},
    TextField {"ssoRegion", &Account::ssoRegion},
    TextField {"apiRegion", &Account::apiRegion},
    TextField {"profileArn", &Account::profileArn},
    TextField {"profileSource", &Account::profileSource},
    TextField {"startUrl", &Account::startUrl},
    TextField {"machineId", &Account::machineId},
    TextField {"group", &Account::group},
    TextField {"proxy", &Account::proxy},
    TextField {"note", &Account::note},
    TextField {"email", &Account::email},
    TextField {"userId", &Account::userId},
    TextField {"description", &Account::description},
    TextField {"tokenEndpoint", &Account::tokenEndpoint},
    TextField {"issuerUrl", &Account::issuerUrl},
    TextField {"scopes", &Account::scopes},
    TextField {"importedFrom", &Account::importedFrom},
    TextField {"fingerprint", &Account::fingerprint},
};

/// The times, UTC.
struct TimeField
{
    std::string_view name;
    QDateTime Account::*member;
};
constexpr std::array TimeFields {
    TimeField {"createdAt", &Account::createdAt},
    TimeField {"registrationEndsAt", &Account::registrationEndsAt},
};

/// The switches with what they are when the file does not say.
struct SwitchField
{
    std::string_view name;
    bool Account::*member;
    bool fallback;
};
constexpr std::array SwitchFields {
    SwitchField {"enabled", &Account::enabled, true},
    SwitchField {"writesBack", &Account::writesBack, false},
    SwitchField {"stopsBeforeOverage", &Account::stopsBeforeOverage, true},
};

constexpr std::array Problems {AccountProblem::None, AccountProblem::SignInNeeded,
                               AccountProblem::Suspended};

AccountProblem readProblem(JsonReader &reader, const JsonValue &value)
{
    const QString text =
        QString::fromStdString(reader.optionalString(value, "problem").value_or(""));
    const auto known = std::find_if(Problems.begin(), Problems.end(),
                                    [&text](AccountProblem one) { return toString(one) == text; });
    if (known != Problems.end())
        return *known;
    reader.fail(value["problem"], "unknown problem");
    return AccountProblem::None;
}

} // namespace

void writeAccountMembers(JsonWriter &writer, const Account &account)
{
    writer.member("id", account.id.value.toStdString());
    writer.member("kind", toString(account.kind).toStdString());
    for (const TextField &field : TextFields) {
        if (!(account.*field.member).isEmpty())
            writer.member(field.name, (account.*field.member).toStdString());
    }
    writer.memberInteger("priority", account.priority);
    if (!account.tags.isEmpty()) {
        writer.key("tags").beginArray();
        for (const QString &tag : account.tags)
            writer.string(tag.toStdString());
        writer.endArray();
    }
    if (account.problem != AccountProblem::None)
        writer.member("problem", toString(account.problem).toStdString());
    for (const SwitchField &field : SwitchFields)
        writer.memberBoolean(field.name, account.*field.member);
    for (const TimeField &field : TimeFields) {
        const QDateTime &time = account.*field.member;
        if (time.isValid())
            writer.member(field.name, time.toUTC().toString(Qt::ISODateWithMs).toStdString());
    }
}

Account readAccount(JsonReader &reader, const JsonValue &value)
{
    Account account;
    if (!reader.expect(value, JsonValue::Type::Object))
        return account;
    account.id.value = QString::fromStdString(reader.requiredString(value, "id"));
    if (account.id.value.isEmpty())
        reader.fail(value["id"], "is empty");
    const std::optional<AccountKind> kind =
        accountKindFromString(QString::fromStdString(reader.requiredString(value, "kind")));
    if (!kind)
        reader.fail(value["kind"], "unknown kind of account");
    account.kind = kind.value_or(AccountKind::Social);
    for (const TextField &field : TextFields) {
        account.*field.member =
            QString::fromStdString(reader.optionalString(value, field.name).value_or(""));
    }
    const qint64 priority = reader.optionalInteger(value, "priority").value_or(0);
    if (priority != static_cast<int>(priority))
        reader.fail(value["priority"], "out of range");
    account.priority = static_cast<int>(priority);
    for (const JsonValue tag : reader.optionalArray(value, "tags")) {
        if (reader.expect(tag, JsonValue::Type::String)) {
            const std::string_view text = tag.string();
            account.tags.append(
                QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
        }
    }
    account.problem = readProblem(reader, value);
    for (const SwitchField &field : SwitchFields)
        account.*field.member = reader.optionalBoolean(value, field.name).value_or(field.fallback);
    for (const TimeField &field : TimeFields) {
        const auto text = reader.optionalString(value, field.name);
        if (!text)
            continue;
        const QDateTime time =
            QDateTime::fromString(QString::fromStdString(*text), Qt::ISODateWithMs).toUTC();
        if (!time.isValid())
            reader.fail(value[field.name], "expected an ISO 8601 time");
        account.*field.member = time;
    }
    return account;
}

} // namespace kirotray
