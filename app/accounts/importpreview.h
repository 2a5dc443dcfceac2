// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountintake.h"
#include "app/accounts/importer.h"

#include <QStringList>

#include <optional>
#include <vector>

namespace kirotray {

/// What would become of one account of a source. No secrets.
struct PreviewEntry
{
    enum class Action {
        Add,
        Update, ///< the same user is there; its token is replaced
        Keep, ///< the same user is there with a token that is as new or newer
        Refuse,
    };
    Action action = Action::Add;
    QString label; ///< as it is, or would be, shown
    AccountKind kind = AccountKind::Social;
    QString provider;
    QString why; ///< English; empty for Add
    AccountId id;
};
QString toString(PreviewEntry::Action action); ///< add, update, keep, refuse

struct PreviewSource
{
    QString source; ///< the file; empty for a text
    QString format;
    std::vector<PreviewEntry> entries;
    std::optional<Error> error; ///< then nothing of this source is taken
};

/// What an import would do, and the means to do exactly that. Sources that can be read are taken
/// together, all or none; a source with a damaged entry gives nothing at all. Holds the secrets
/// until it is gone. A value.
class ImportPreview
{
public:
    static ImportPreview ofFiles(const std::vector<Account> &known, const QStringList &files,
                                 const Secret &passphrase = {});
    static ImportPreview ofText(const std::vector<Account> &known, const QByteArray &text,
                                const Secret &passphrase = {});

    const std::vector<PreviewSource> &sources() const { return m_sources; }
    int count(PreviewEntry::Action action) const;

    /// For AccountIntake, over the accounts as they are now. Error::BadInput: they have changed so
    /// that something else would come of it, or something is refused.
    Result<std::vector<IntakeEntry>> plan(const std::vector<Account> &now) const;

private:
    void add(const QString &source, Result<ImportFinding> found);
    void decide(const std::vector<Account> &known);

    std::vector<PreviewSource> m_sources;
    std::vector<ImportedAccount> m_found; ///< of all readable sources, in their order
    std::vector<IntakeEntry> m_plan;
    bool m_isRefused = false; ///< too many accounts
};

} // namespace kirotray
