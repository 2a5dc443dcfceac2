// SPDX-License-Identifier: MIT
#include "app/accounts/importer.h"

#include <algorithm>

namespace kirotray {

namespace {

bool looksLikeEmail(const QString &label)
{
    return label.indexOf(u'@') > 0;
}

/// Of accounts from before e-mails had a field of their own, the label.
QString emailOf(const Account &account)
{
    if (!account.email.isEmpty() || !looksLikeEmail(account.label))
        return account.email;
    return account.label;
}

bool agreeWhereKnown(const QString &a, const QString &b)
{
    return a.isEmpty() || b.isEmpty() || a.compare(b, Qt::CaseInsensitive) == 0;
}

/// False when anything that both tell says that they are two accounts.
bool mayBeSame(const Account &a, const Account &b)
{
    return a.kind == b.kind && agreeWhereKnown(a.provider, b.provider)
        && agreeWhereKnown(a.startUrl, b.startUrl) && agreeWhereKnown(a.profileArn, b.profileArn)
        && agreeWhereKnown(a.userId, b.userId) && agreeWhereKnown(emailOf(a), emailOf(b));
}

bool sameEmail(const Account &a, const Account &b)
{
    const QString email = emailOf(a);
    return !email.isEmpty() && email.compare(emailOf(b), Qt::CaseInsensitive) == 0;
}

/// An e-mail may change, so it is not asked here.
bool sameUserId(const Account &a, const Account &b)
{
    return !a.userId.isEmpty() && a.userId == b.userId && a.kind == b.kind
        && agreeWhereKnown(a.provider, b.provider);
}

} // namespace

const Account *sameUser(const std::vector<Account> &accounts, const ImportedAccount &imported)
{
    const Account &other = imported.account;
    const auto byFingerprint = [&other](const Account &account) {
        return !other.fingerprint.isEmpty() && account.fingerprint == other.fingerprint;
    };
    const auto byEmail = [&other](const Account &account) {
        return sameEmail(account, other) && mayBeSame(account, other)
            && account.provider.compare(other.provider, Qt::CaseInsensitive) == 0;
    };
    auto found = std::find_if(accounts.begin(), accounts.end(),
                              [&other](const Account &account) { return account.id == other.id; });
    if (found == accounts.end())
        found = std::find_if(accounts.begin(), accounts.end(), byFingerprint);
    if (found == accounts.end())
        found = std::find_if(accounts.begin(), accounts.end(), [&other](const Account &account) {
            return sameUserId(account, other);
        });
    if (found == accounts.end())
        found = std::find_if(accounts.begin(), accounts.end(), byEmail);
    return found == accounts.end() ? nullptr : &*found;
}

const ImportedAccount *successorOf(const Account &account, const std::vector<Account> &others,
                                   const std::vector<ImportedAccount> &found)
{
    std::vector<const ImportedAccount *> candidates;
    for (const ImportedAccount &imported : found) {
        const Account *owner = sameUser(others, imported);
        if (mayBeSame(account, imported.account) && (owner == nullptr || owner->id == account.id))
            candidates.push_back(&imported);
    }
    if (candidates.size() == 1)
        return candidates.front();
    const auto sure = [&account](const ImportedAccount *imported) {
        return sameEmail(account, imported->account) || sameUserId(account, imported->account)
            || account.machineId == imported->account.machineId;
    };
    if (std::count_if(candidates.begin(), candidates.end(), sure) != 1)
        return nullptr;
    return *std::find_if(candidates.begin(), candidates.end(), sure);
}

} // namespace kirotray
