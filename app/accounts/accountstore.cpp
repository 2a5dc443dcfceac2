// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"

#include "app/accounts/accountjson.h"
#include "app/accounts/privatefile.h"
#include "app/base/json.h"
#include "app/base/limits.h"

#include <QFileInfo>

#include <algorithm>

namespace kirotray {

namespace {

constexpr qint64 AccountsVersion = 1;

Result<std::vector<Account>> readAccounts(const QByteArray &bytes)
{
    const Result<JsonDocument> document = JsonDocument::parse(bytes.toStdString());
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    JsonReader reader;
    reader.expect(root, JsonValue::Type::Object);
    if (reader.optionalInteger(root, "version") != AccountsVersion)
        reader.fail(root["version"], "is not a version this program knows");
    std::vector<Account> accounts;
    for (const JsonValue value : reader.requiredArray(root, "accounts")) {
        Account account = readAccount(reader, value);
        if (reader.failed())
            break;
        const auto same = [&account](const Account &other) { return other.id == account.id; };
        if (std::any_of(accounts.begin(), accounts.end(), same))
            reader.fail(value["id"], "occurs twice");
        accounts.push_back(std::move(account));
    }
    if (reader.failed())
        return reader.error();
    if (accounts.size() > limits::MaxAccounts)
        return Error {Error::Code::BadInput, u"more than %1 accounts"_s.arg(limits::MaxAccounts)};
    return accounts;
}

/// One account a line: a person can read it, and a difference shows which account it is.
QByteArray accountsText(const std::vector<Account> &accounts)
{
    std::string text = R"({"version":)" + std::to_string(AccountsVersion) + R"(,"accounts":[)";
    const char *separator = "\n";
    for (const Account &account : accounts) {
        text += separator;
        JsonWriter writer(text);
        writer.beginObject();
        writeAccountMembers(writer, account);
        writer.endObject();
        separator = ",\n";
    }
    text += "\n]}\n";
    return QByteArray::fromStdString(text);
}

void sortAccounts(std::vector<Account> &accounts)
{
    std::stable_sort(accounts.begin(), accounts.end(), [](const Account &a, const Account &b) {
        return a.priority != b.priority ? a.priority < b.priority : a.createdAt < b.createdAt;
    });
}

} // namespace

AccountStore::AccountStore(QString file, QObject *parent)
    : QObject(parent)
    , m_file(std::move(file))
{
}

Result<Done> AccountStore::load()
{
    m_accounts.clear();
    m_fileIsBroken = false;
    if (!QFileInfo::exists(m_file))
        return Done {};
    m_fileIsBroken = true; // until it has been read whole
    const Result<QByteArray> bytes = readPrivateFile(m_file, limits::MaxAccountsFile);
    if (!bytes)
        return bytes.error();
    Result<std::vector<Account>> accounts = readAccounts(bytes.value());
    if (!accounts)
        return Error {Error::Code::BadInput, describe(accounts.error()), m_file};
    m_accounts = std::move(accounts).value();
    sortAccounts(m_accounts);
    m_fileIsBroken = false;
    return Done {};
}

const Account *AccountStore::find(const AccountId &id) const
{
    const auto found = std::find_if(m_accounts.begin(), m_accounts.end(),
                                    [&id](const Account &account) { return account.id == id; });
    return found == m_accounts.end() ? nullptr : &*found;
}

Result<Done> AccountStore::put(const Account &account)
{
    if (account.id.value.isEmpty())
        return Error {Error::Code::BadInput, u"an account needs an id"_s};
    const Account *old = find(account.id);
    if (old != nullptr && *old == account)
        return Done {};
    std::vector<Account> accounts = m_accounts;
    if (old != nullptr)
        accounts[static_cast<std::size_t>(old - m_accounts.data())] = account;
    else if (accounts.size() >= limits::MaxAccounts)
        return Error {Error::Code::BadInput, u"more than %1 accounts"_s.arg(limits::MaxAccounts)};
    else
        accounts.push_back(account);
    sortAccounts(accounts);
    return save(std::move(accounts));
}

Result<Done> AccountStore::remove(const AccountId &id)
{
    if (find(id) == nullptr)
        return Done {};
    std::vector<Account> accounts = m_accounts;
    std::erase_if(accounts, [&id](const Account &account) { return account.id == id; });
    return save(std::move(accounts));
}

Result<Done> AccountStore::save(std::vector<Account> accounts)
{
    if (const Result<Done> aside = putBrokenFileAside(); !aside)
        return aside;
    if (const Result<Done> written = writePrivateFile(m_file, accountsText(accounts)); !written)
        return written;
    m_accounts = std::move(accounts);
    emit changed();
    return Done {};
}

Result<Done> AccountStore::putBrokenFileAside()
{
    if (m_fileIsBroken && QFileInfo::exists(m_file)) {
        if (const Result<Done> aside = putFileAside(m_file); !aside)
            return aside;
    }
    m_fileIsBroken = false;
    return Done {};
}

} // namespace kirotray
