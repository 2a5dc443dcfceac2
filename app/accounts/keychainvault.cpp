// SPDX-License-Identifier: MIT
#include "app/accounts/itemvault.h"
#include "app/accounts/splititems.h"

#include <qt6keychain/keychain.h>

namespace kirotray {

namespace {

Error keychainError(const QKeychain::Job &job)
{
    const QString reason = job.errorString();
    switch (job.error()) {
    case QKeychain::EntryNotFound:
        return {Error::Code::BadInput, u"not found"_s, job.key()};
    case QKeychain::AccessDeniedByUser:
        return {Error::Code::Storage, u"the user refused access to the keychain"_s, job.key()};
    case QKeychain::AccessDenied:
        return {Error::Code::Storage, u"the keychain is locked or refuses access: "_s + reason,
                job.key()};
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return {Error::Code::Storage, u"there is no keychain service: "_s + reason, job.key()};
    case QKeychain::NoError:
    case QKeychain::CouldNotDeleteEntry:
    case QKeychain::OtherError:
        break;
    }
    return {Error::Code::Storage, u"the keychain cannot be used: "_s + reason, job.key()};
}

/// The keychain through QtKeychain. Jobs delete themselves; one that outlives this object is
/// carried out unheard. setInsecureFallback() is never called: a file in plain text is no keychain.
class KeychainItems final : public QObject, public ItemStore
{
public:
    explicit KeychainItems(QString service)
        : m_service(std::move(service))
    {
    }

    void read(const QString &name, ReadDone done) override
    {
        auto *job = new QKeychain::ReadPasswordJob(m_service);
        start(job, name, [job, done = std::move(done)] {
            if (job->error() == QKeychain::NoError)
                done(Secret(job->binaryData()));
            else
                done(keychainError(*job));
        });
    }

    void write(const QString &name, const Secret &value, WriteDone done) override
    {
        auto *job = new QKeychain::WritePasswordJob(m_service);
        job->setBinaryData(value.reveal());
        start(job, name, [job, done = std::move(done)] {
            if (job->error() == QKeychain::NoError)
                done(Done {});
            else
                done(keychainError(*job));
        });
    }

    void remove(const QString &name, WriteDone done) override
    {
        auto *job = new QKeychain::DeletePasswordJob(m_service);
        start(job, name, [job, done = std::move(done)] {
            if (job->error() == QKeychain::NoError || job->error() == QKeychain::EntryNotFound)
                done(Done {});
            else
                done(keychainError(*job));
        });
    }

private:
    void start(QKeychain::Job *job, const QString &name, std::function<void()> finished)
    {
        job->setKey(name);
        connect(job, &QKeychain::Job::finished, this,
                [finished = std::move(finished)] { finished(); });
        job->start();
    }

    QString m_service;
};

} // namespace

std::unique_ptr<Vault> makeKeychainVault(const QString &service)
{
    std::unique_ptr<ItemStore> items = std::make_unique<KeychainItems>(service);
#ifdef Q_OS_WIN
    items = std::make_unique<SplitItems>(std::move(items), limits::WindowsKeychainItem);
#endif
    return std::make_unique<ItemVault>(std::move(items), service, u"keychain"_s,
                                       ItemVault::Waits {});
}

} // namespace kirotray
