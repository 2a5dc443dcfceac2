// SPDX-License-Identifier: MIT
#include "app/accounts/importpreview.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

namespace {

using Action = PreviewEntry::Action;

/// The entry that takes found account number `index`; null when another one was preferred.
const IntakeEntry *takerOf(const std::vector<IntakeEntry> &plan, std::size_t index)
{
    const auto taker = std::find_if(plan.begin(), plan.end(), [index](const IntakeEntry &entry) {
        return entry.foundAt == index;
    });
    return taker == plan.end() ? nullptr : &*taker;
}

void explain(PreviewEntry &preview, const IntakeEntry *taker, bool isFull)
{
    if (taker == nullptr) {
        preview.action = Action::Keep;
        preview.why = u"the same user stands there twice; the token that lasts longer is taken"_s;
        return;
    }
    const Account &account = taker->imported.account;
    preview.id = account.id;
    preview.label = account.label;
    if (taker->isNew && isFull) {
        preview.action = Action::Refuse;
        preview.why = u"there would be more than %1 accounts"_s.arg(limits::MaxAccounts);
    } else if (taker->isNew) {
        preview.action = Action::Add;
    } else if (taker->keepsCredential) {
        preview.action = Action::Keep;
        preview.why = u"the token here is as new or newer"_s;
    } else {
        preview.action = Action::Update;
        preview.why = u"the same user is there with another token"_s;
    }
}

bool decidesTheSame(const IntakeEntry &a, const IntakeEntry &b)
{
    return a.isNew == b.isNew && a.keepsCredential == b.keepsCredential
        && a.imported.account.id == b.imported.account.id;
}

} // namespace

QString toString(PreviewEntry::Action action)
{
    switch (action) {
    case Action::Add:
        return u"add"_s;
    case Action::Update:
        return u"update"_s;
    case Action::Keep:
        return u"keep"_s;
    case Action::Refuse:
        break;
    }
    return u"refuse"_s;
}

ImportPreview ImportPreview::ofFiles(const std::vector<Account> &known, const QStringList &files,
                                     const Secret &passphrase)
{
    ImportPreview preview;
    for (const QString &file : files)
        preview.add(file, findAccounts(file, passphrase));
    preview.decide(known);
    return preview;
}

ImportPreview ImportPreview::ofText(const std::vector<Account> &known, const QByteArray &text,
                                    const Secret &passphrase)
{
    ImportPreview preview;
    preview.add({}, findAccountsIn(text, QDir(), passphrase));
    preview.decide(known);
    return preview;
}

void ImportPreview::add(const QString &source, Result<ImportFinding> found)
{
    PreviewSource row;
    row.source = source;
    if (!found) {
        row.error = found.error();
        m_sources.push_back(std::move(row));
        return;
    }
    ImportFinding finding = std::move(found).value();
    row.format = finding.format;
    for (ImportedAccount &imported : finding.accounts) {
        PreviewEntry entry;
        entry.label = imported.account.label;
        entry.kind = imported.account.kind;
        entry.provider = imported.account.provider;
        row.entries.push_back(std::move(entry));
        m_found.push_back(std::move(imported));
    }
    m_sources.push_back(std::move(row));
}

void ImportPreview::decide(const std::vector<Account> &known)
{
    m_plan = planIntake(known, m_found);
    const auto added = std::count_if(m_plan.begin(), m_plan.end(),
                                     [](const IntakeEntry &entry) { return entry.isNew; });
    m_isRefused = known.size() + static_cast<std::size_t>(added) > limits::MaxAccounts;
    std::size_t index = 0;
    for (PreviewSource &source : m_sources) {
        for (PreviewEntry &entry : source.entries)
            explain(entry, takerOf(m_plan, index++), m_isRefused);
    }
}

int ImportPreview::count(PreviewEntry::Action action) const
{
    int count = 0;
    for (const PreviewSource &source : m_sources)
        for (const PreviewEntry &entry : source.entries)
            count += entry.action == action ? 1 : 0;
    return count;
}

Result<std::vector<IntakeEntry>> ImportPreview::plan(const std::vector<Account> &now) const
{
    if (m_isRefused)
        return Error {Error::Code::BadInput,
                      u"there would be more than %1 accounts"_s.arg(limits::MaxAccounts)};
    // Planned anew, so that what the user has changed meanwhile stays.
    std::vector<IntakeEntry> entries = planIntake(now, m_found);
    if (!std::equal(entries.begin(), entries.end(), m_plan.begin(), m_plan.end(), decidesTheSame))
        return Error {Error::Code::BadInput,
                      u"the accounts have changed since the preview: look at it again"_s};
    return entries;
}

} // namespace kirotray
