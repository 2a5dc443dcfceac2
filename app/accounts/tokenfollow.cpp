// SPDX-License-Identifier: MIT
#include "app/accounts/tokenrenewal.h"
#include "app/accounts/writeback.h"
#include "app/base/log.h"

#include <memory>

namespace kirotray {

/// Even when the vault has failed: the more places hold a renewed token, the better.
bool TokenRenewal::isWrittenBack(const AccountId &id, const Renewal &renewal) const
{
    const Account *account = m_store.find(id);
    if (account == nullptr || !account->writesBack || account->importedFrom.isEmpty()
        || renewal.replaced.isEmpty())
        return false;
    const Result<Done> written =
        writeBack(account->importedFrom, renewal.replaced, renewal.credential);
    if (!written)
        qCWarning(logAccounts).noquote()
            << "renewed token not written back account=" << id.value << describe(written.error());
    return bool(written);
}

void TokenRenewal::read(const AccountId &id, PendingAnswer<Credential> answer)
{
    const auto known = [this, id]() -> const TokenEntry * {
        const auto found = m_entries.find(id);
        return found != m_entries.end() && found->second.known ? &found->second : nullptr;
    };
    if (const TokenEntry *entry = known()) {
        answer.give(entry->credential);
        return;
    }
    const auto pending = std::make_shared<PendingAnswer<Credential>>(std::move(answer));
    m_vault.read(vaultKey(id), this, [known, pending](const Result<Secret> &text) {
        if (const TokenEntry *entry = known()) // it may be newer than what was read
            pending->give(entry->credential);
        else
            pending->give(text ? parseCredential(text.value()) : text.error());
    });
}

} // namespace kirotray
