// SPDX-License-Identifier: MIT
#include "app/accounts/completionrules.h"

#include <algorithm>
#include <array>

namespace kirotray::completion {

namespace {

bool isSameText(const QString &a, const QString &b)
{
    return a.compare(b, Qt::CaseInsensitive) == 0;
}

/// As sign-ins and imports name an account that nothing is known of.
bool isPlainLabel(const Account &account)
{
    static const std::array<QString, 2> usual {u"API key"_s, u"Kiro"_s};
    return account.label.isEmpty() || account.label == account.provider
        || account.label == toString(account.kind)
        || std::find(usual.begin(), usual.end(), account.label) != usual.end();
}

bool agreeIfTold(const QString &a, const QString &b)
{
    return a.isEmpty() || b.isEmpty() || isSameText(a, b);
}

bool isSamePerson(const Account &a, const Account &b)
{
    if (a.kind != b.kind || !agreeIfTold(a.startUrl, b.startUrl))
        return false;
    if (!a.userId.isEmpty() && !b.userId.isEmpty())
        return a.userId == b.userId && agreeIfTold(a.provider, b.provider);
    return !a.email.isEmpty() && isSameText(a.email, b.email) && isSameText(a.provider, b.provider);
}

QString regionOfArn(const QString &arn)
{
    return arn.section(u':', 3, 3);
}

} // namespace

bool needsProfile(const Account &account)
{
    switch (account.kind) {
    case AccountKind::Social:
    case AccountKind::BuilderId:
        return false;
    case AccountKind::IdentityCenter:
    case AccountKind::ExternalIdp:
    case AccountKind::ApiKey:
        break;
    }
    return account.profileSource != u"user" || !isProfileArn(account.profileArn);
}

const KiroProfile *chosenProfile(const Account &account, const std::vector<KiroProfile> &profiles)
{
    const auto firstWhere = [&profiles](const auto &fits) -> const KiroProfile * {
        const auto found =
            std::find_if(profiles.begin(), profiles.end(), [&fits](const KiroProfile &profile) {
                return profile.active && isProfileArn(profile.arn) && fits(profile);
            });
        return found == profiles.end() ? nullptr : &*found;
    };
    const KiroProfile *chosen = firstWhere(
        [&account](const KiroProfile &profile) { return profile.arn == account.profileArn; });
    if (chosen == nullptr && !account.apiRegion.isEmpty())
        chosen = firstWhere([&account](const KiroProfile &profile) {
            return regionOfArn(profile.arn) == account.apiRegion;
        });
    if (chosen == nullptr)
        chosen = firstWhere([](const KiroProfile &) { return true; });
    return chosen;
}

void takeUser(Account &account, const UsageSummary &usage)
{
    if (!usage.userId.isEmpty())
        account.userId = usage.userId;
    if (usage.email.isEmpty())
        return;
    account.email = usage.email;
    if (isPlainLabel(account))
        account.label = usage.email;
}

const Account *otherOfUser(const std::vector<Account> &accounts, const Account &account)
{
    const Account *oldest = nullptr;
    for (const Account &other : accounts) {
        if (other.id == account.id || !isSamePerson(other, account))
            continue;
        if (oldest == nullptr || other.createdAt < oldest->createdAt)
            oldest = &other;
    }
    return oldest;
}

Account mergedAccount(const Account &older, const Account &newer)
{
    Account merged = newer;
    merged.id = older.id;
    if (merged.provider.isEmpty())
        merged.provider = older.provider;
    merged.machineId = older.machineId;
    merged.createdAt = older.createdAt;
    merged.label = isPlainLabel(older) ? newer.label : older.label;
    merged.priority = older.priority;
    merged.group = older.group;
    merged.tags = older.tags;
    merged.enabled = older.enabled;
    merged.description = older.description;
    merged.proxy = older.proxy.isEmpty() ? newer.proxy : older.proxy;
    merged.stopsBeforeOverage = older.stopsBeforeOverage;
    if (older.profileSource == u"user") {
        merged.profileArn = older.profileArn;
        merged.profileSource = older.profileSource;
    }
    if (!older.apiRegion.isEmpty())
        merged.apiRegion = older.apiRegion;
    // The file that is followed belongs to the credential that stays.
    merged.importedFrom = newer.importedFrom;
    merged.writesBack = newer.writesBack;
    return merged;
}

} // namespace kirotray::completion
