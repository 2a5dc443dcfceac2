// SPDX-License-Identifier: MIT
#include "app/accounts/tokenrenewal.h"
#include "app/base/log.h"

#include <memory>

namespace kirotray {

void TokenRenewal::handOver(const AccountId &from, const AccountId &to, PendingAnswer<Done> done)
{
    const auto found = m_entries.find(from);
    if (found == m_entries.end() || !found->second.known || found->second.flight != 0
        || found->second.storing > 0) {
        done.give(Error {Error::Code::BadInput, u"the credential is not settled"_s, from.value});
        return;
    }
    const Credential credential = found->second.credential;
    ++found->second.storing; // a rotation now would make what is handed over worthless
    ++m_entries[to].storing;
    const auto answer = std::make_shared<PendingAnswer<Done>>(std::move(done));
    m_vault.write(vaultKey(to), serialise(credential), this,
                  [this, from, to, credential, answer](const Result<Done> &result) {
                      handedOver(from, result);
                      stored(to, credential, result);
                      answer->give(result);
                  });
}

void TokenRenewal::handedOver(const AccountId &from, const Result<Done> &result)
{
    const auto found = m_entries.find(from);
    if (found == m_entries.end())
        return; // forgotten meanwhile
    --found->second.storing;
    if (!result) {
        proceed(from);
        return;
    }
    if (const Result<Done> removed = m_store.remove(from); !removed)
        qCWarning(logAccounts).noquote() << "account not removed" << describe(removed.error());
    forget(from);
    m_vault.remove(vaultKey(from), this, [](const Result<Done> &) {});
}

} // namespace kirotray
