// SPDX-License-Identifier: MIT
#include "app/accounts/pendinganswer.h"
#include "app/accounts/vault.h"
#include "app/base/limits.h"

#include <map>

namespace kirotray {

namespace {

class MemoryVault final : public Vault
{
public:
    void read(const QString &key, QObject *context,
              std::function<void(Result<Secret>)> done) override
    {
        PendingAnswer<Secret> answer(context, std::move(done));
        const auto found = m_secrets.find(key);
        if (found == m_secrets.end())
            answer.give(Error {Error::Code::BadInput, u"not found"_s, key});
        else
            answer.give(found->second);
    }

    void write(const QString &key, const Secret &value, QObject *context,
               std::function<void(Result<Done>)> done) override
    {
        PendingAnswer<Done> answer(context, std::move(done));
        if (value.reveal().size() > limits::MaxSecretItem) {
            answer.give(Error {Error::Code::BadInput, u"the secret is too large"_s, key});
            return;
        }
        m_secrets[key] = value;
        answer.give(Done {});
    }

    void remove(const QString &key, QObject *context,
                std::function<void(Result<Done>)> done) override
    {
        m_secrets.erase(key);
        PendingAnswer<Done>(context, std::move(done)).give(Done {});
    }

    QString description() const override { return u"memory"_s; }

private:
    std::map<QString, Secret> m_secrets;
};

} // namespace

std::unique_ptr<Vault> makeMemoryVault()
{
    return std::make_unique<MemoryVault>();
}

} // namespace kirotray
