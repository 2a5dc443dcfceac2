// SPDX-License-Identifier: MIT
#include "app/accounts/accountchange.h"

#include "app/net/proxychoice.h"

namespace kirotray {

namespace {

constexpr qsizetype MaxAccountText = 500; // characters of a label, group or tag
constexpr qsizetype MaxDescription = 4000;
constexpr qsizetype MaxTags = 32;

Error badMember(const QString &member, const QString &what)
{
    return {Error::Code::BadInput, what, member};
}

std::optional<Error> textProblem(const AccountChange &change)
{
    if (change.label && change.label->trimmed().isEmpty())
        return badMember(u"label"_s, u"is empty"_s);
    if (change.label.value_or(QString()).size() > MaxAccountText)
        return badMember(u"label"_s, u"is too long"_s);
    if (change.group.value_or(QString()).size() > MaxAccountText)
        return badMember(u"group"_s, u"is too long"_s);
    if (change.description.value_or(QString()).size() > MaxDescription)
        return badMember(u"description"_s, u"is too long"_s);
    if (change.tags.value_or(QStringList()).size() > MaxTags)
        return badMember(u"tags"_s, u"more than %1 tags"_s.arg(MaxTags));
    for (const QString &tag : change.tags.value_or(QStringList()))
        if (tag.trimmed().isEmpty() || tag.size() > MaxAccountText)
            return badMember(u"tags"_s, u"a tag is empty or too long"_s);
    return std::nullopt;
}

std::optional<Error> routeProblem(const AccountChange &change)
{
    if (change.proxy && !change.proxy->isEmpty()) {
        const Result<ProxyChoice> proxy = ProxyChoice::parse(*change.proxy);
        if (!proxy)
            return badMember(u"proxy"_s, describe(proxy.error()));
        if (!proxy.value().password.isEmpty())
            return badMember(u"proxy"_s, u"a password does not belong into the account's file"_s);
    }
    const QStringList regions {u""_s, u"us-east-1"_s, u"eu-central-1"_s};
    if (change.apiRegion && !regions.contains(*change.apiRegion))
        return badMember(u"apiRegion"_s, u"expected us-east-1, eu-central-1 or nothing"_s);
    if (change.profileArn && !change.profileArn->isEmpty() && !isProfileArn(*change.profileArn))
        return badMember(u"profileArn"_s, u"is no profile ARN"_s);
    return std::nullopt;
}

} // namespace

Result<Account> changed(Account account, const AccountChange &change)
{
    if (const std::optional<Error> problem = textProblem(change))
        return *problem;
    if (const std::optional<Error> problem = routeProblem(change))
        return *problem;
    const auto take = [](auto &member, const auto &wanted) {
        if (wanted)
            member = *wanted;
    };
    take(account.label, change.label);
    take(account.group, change.group);
    take(account.description, change.description);
    take(account.proxy, change.proxy);
    take(account.apiRegion, change.apiRegion);
    take(account.tags, change.tags);
    take(account.priority, change.priority);
    take(account.enabled, change.enabled);
    take(account.writesBack, change.writesBack);
    take(account.stopsBeforeOverage, change.stopsBeforeOverage);
    if (change.profileArn) {
        account.profileArn = *change.profileArn;
        account.profileSource = change.profileArn->isEmpty() ? QString() : u"user"_s;
    }
    const bool isReleased = change.enabled.value_or(false);
    if (isReleased && account.problem == AccountProblem::Suspended) {
        account.problem = AccountProblem::None;
        account.note.clear();
    }
    return account;
}

} // namespace kirotray
