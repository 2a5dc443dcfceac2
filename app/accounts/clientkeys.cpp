// SPDX-License-Identifier: MIT
#include "app/accounts/clientkeys.h"

#include "app/accounts/clientkey.h"
#include "app/accounts/clientkeyfile.h"
#include "app/accounts/keylimits.h"
#include "app/accounts/pendinganswer.h"
#include "app/accounts/privatefile.h"
#include "app/accounts/storedsecret.h"
#include "app/base/limits.h"
#include "app/base/log.h"

#include <QFile>
#include <QTimer>
#include <QUuid>

#include <algorithm>
#include <map>

namespace kirotray {

namespace {

Error unknownKey()
{
    return {Error::Code::BadInput, u"there is no such key"_s};
}

} // namespace

class ClientKeys::Private
{
public:
    Private(ClientKeys &owner, Vault &keyVault, QString keyFile)
        : q(owner)
        , vault(keyVault)
        , file(std::move(keyFile))
    {
    }

    /// What load() is waiting for.
    struct Loading
    {
        PendingAnswer<Done> answer;
        std::optional<Error> problem = {}; ///< the first one
        std::size_t left = 0;
        bool isChanged = false; ///< the list is no longer what the file says
    };

    ClientKey *find(const QString &id);
    void readFile(Loading &loading);
    void addDefaultKey();
    void takeSecret(const QString &id, const Result<Secret> &secret, Loading &loading);
    void finish(Loading &loading);
    Result<Done> store(std::vector<ClientKey> changed);
    Result<ClientKey> insert(ClientKey key, const Secret &secret);
    void rollOver();
    void saveCounts();

    ClientKeys &q;
    Vault &vault;
    QString file;
    std::vector<ClientKey> keys;
    std::map<QString, Secret> secrets; ///< by id
    bool isFileBroken = false; ///< it is to be kept when the list is written
    bool hasNewCounts = false;
    QTimer countsTimer;
};

ClientKey *ClientKeys::Private::find(const QString &id)
{
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [&id](const ClientKey &key) { return key.id == id; });
    return found == keys.end() ? nullptr : &*found;
}

void ClientKeys::Private::readFile(Loading &loading)
{
    keys.clear();
    secrets.clear();
    isFileBroken = false;
    Result<std::vector<ClientKey>> read = readClientKeys(file);
    if (read) {
        keys = std::move(read).value();
    } else {
        qCWarning(logAccounts).noquote() << "client keys:" << describe(read.error());
        isFileBroken = true;
        if (read.error().code != Error::Code::BadInput)
            loading.problem = read.error(); // what it holds may still be read another day
    }
    loading.isChanged = isFileBroken;
    if (find(DefaultClientKey) == nullptr) {
        addDefaultKey();
        loading.isChanged = true;
    }
    rollOver();
}

/// In front of the others; under another name where the user has given that one away.
void ClientKeys::Private::addDefaultKey()
{
    ClientKey key;
    key.id = DefaultClientKey;
    key.name = DefaultClientKey;
    key.createdAt = QDateTime::currentDateTimeUtc();
    for (int copy = 2; copy < 1000 && !whyKeyIsRefused(key, keys).isEmpty(); ++copy)
        key.name = u"%1 %2"_s.arg(DefaultClientKey).arg(copy);
    keys.insert(keys.begin(), std::move(key));
}

void ClientKeys::Private::takeSecret(const QString &id, const Result<Secret> &secret,
                                     Loading &loading)
{
    ClientKey *key = find(id);
    const bool isMissing =
        secret ? secret.value().isEmpty() : secret.error().code == Error::Code::BadInput;
    if (secret && !isMissing)
        secrets[id] = secret.value();
    else if (!isMissing && !loading.problem)
        loading.problem = secret.error();
    if (isMissing && key != nullptr && key->enabled) {
        qCWarning(logAccounts).noquote() << "client key" << id << "has no secret: disabled";
        key->enabled = false;
        loading.isChanged = true;
    }
    if (--loading.left == 0)
        finish(loading);
}

void ClientKeys::Private::finish(Loading &loading)
{
    if (!loading.problem && loading.isChanged) {
        if (const Result<Done> stored = store(keys); !stored)
            loading.problem = stored.error();
    }
    emit q.changed();
    loading.answer.give(loading.problem ? Result<Done>(*loading.problem) : Result<Done>(Done {}));
}

/// The list becomes `changed` when it could be written.
Result<Done> ClientKeys::Private::store(std::vector<ClientKey> changed)
{
    if (isFileBroken && QFile::exists(file)) {
        if (const Result<Done> aside = putFileAside(file); !aside)
            return aside;
    }
    isFileBroken = false;
    if (const Result<Done> written = writeClientKeys(file, changed); !written)
        return written;
    keys = std::move(changed);
    hasNewCounts = false;
    return Done {};
}

Result<ClientKey> ClientKeys::Private::insert(ClientKey key, const Secret &secret)
{
    if (const QString why = whyKeyIsRefused(key, keys); !why.isEmpty())
        return Error {Error::Code::BadInput, why};
    std::vector<ClientKey> changed = keys;
    changed.push_back(key);
    if (const Result<Done> stored = store(std::move(changed)); !stored)
        return stored.error();
    secrets[key.id] = secret;
    emit q.changed();
    return key;
}

void ClientKeys::Private::rollOver()
{
    const QDate today = QDate::currentDate();
    for (ClientKey &key : keys) {
        if (key.day == today)
            continue;
        key.day = today;
        key.requestsToday = 0;
        key.creditsToday = 0;
    }
}

void ClientKeys::Private::saveCounts()
{
    if (!hasNewCounts)
        return;
    if (const Result<Done> stored = store(keys); !stored) {
        qCWarning(logAccounts).noquote() << "counts of client keys:" << describe(stored.error());
        countsTimer.start();
    }
}

ClientKeys::ClientKeys(Vault &vault, QString file, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(*this, vault, std::move(file)))
{
    d->countsTimer.setSingleShot(true);
    d->countsTimer.setInterval(limits::ClientKeyCountsSave);
    connect(&d->countsTimer, &QTimer::timeout, this, [this] { d->saveCounts(); });
}

ClientKeys::~ClientKeys()
{
    d->saveCounts();
}

void ClientKeys::load(QObject *context, std::function<void(Result<Done>)> done)
{
    auto loading = std::make_shared<Private::Loading>();
    loading->answer = PendingAnswer<Done>(context, std::move(done));
    d->readFile(*loading);
    loading->left = d->keys.size();
    for (const ClientKey &key : d->keys) {
        const auto take = [this, id = key.id, loading](const Result<Secret> &secret) {
            d->takeSecret(id, secret, *loading);
        };
        if (key.id == DefaultClientKey)
            ensureClientKey(d->vault, this, take);
        else
            d->vault.read(clientKeyItem(key.id), this, take);
    }
}

const std::vector<ClientKey> &ClientKeys::keys() const
{
    d->rollOver();
    return d->keys;
}

std::vector<ClientKeySecret> ClientKeys::secrets() const
{
    std::vector<ClientKeySecret> enabled;
    for (const ClientKey &key : keys()) {
        const auto secret = d->secrets.find(key.id);
        if (key.enabled && secret != d->secrets.end())
            enabled.push_back({key, secret->second});
    }
    return enabled;
}

Secret ClientKeys::secretOf(const QString &id) const
{
    const auto found = d->secrets.find(id);
    return found == d->secrets.end() ? Secret() : found->second;
}

void ClientKeys::add(const ClientKey &wanted, QObject *context,
                     std::function<void(Result<ClientKey>)> done)
{
    auto answer = std::make_shared<PendingAnswer<ClientKey>>(context, std::move(done));
    ClientKey key = wanted;
    key.id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    key.name = key.name.trimmed();
    key.createdAt = QDateTime::currentDateTimeUtc();
    key.lastUsedAt = {};
    key.day = QDate::currentDate();
    key.requestsToday = 0;
    key.creditsToday = 0;
    if (const QString why = whyKeyIsRefused(key, d->keys); !why.isEmpty()) {
        answer->give(Error {Error::Code::BadInput, why});
        return;
    }
    const Secret secret = makeOwnSecret();
    const QString item = clientKeyItem(key.id);
    d->vault.write(item, secret, this, [this, key, secret, item, answer](const Result<Done> &kept) {
        if (!kept) {
            answer->give(kept.error());
            return;
        }
        const Result<ClientKey> added = d->insert(key, secret);
        if (!added)
            d->vault.remove(item, this, [](const Result<Done> &) {});
        answer->give(added);
    });
}

Result<Done> ClientKeys::change(const ClientKey &key)
{
    const ClientKey *old = d->find(key.id);
    if (old == nullptr)
        return unknownKey();
    ClientKey wanted = key;
    wanted.name = key.name.trimmed();
    wanted.createdAt = old->createdAt;
    wanted.lastUsedAt = old->lastUsedAt;
    wanted.day = old->day;
    wanted.requestsToday = old->requestsToday;
    wanted.creditsToday = old->creditsToday;
    if (wanted == *old)
        return Done {};
    if (const QString why = whyKeyIsRefused(wanted, d->keys); !why.isEmpty())
        return Error {Error::Code::BadInput, why};
    if (wanted.enabled && !old->enabled && !d->secrets.contains(key.id))
        return Error {Error::Code::BadInput, u"the key has no secret; renew it first"_s};
    std::vector<ClientKey> changedKeys = d->keys;
    changedKeys[static_cast<std::size_t>(old - d->keys.data())] = std::move(wanted);
    if (const Result<Done> stored = d->store(std::move(changedKeys)); !stored)
        return stored;
    emit changed();
    return Done {};
}

void ClientKeys::renew(const QString &id, QObject *context, std::function<void(Result<Done>)> done)
{
    auto answer = std::make_shared<PendingAnswer<Done>>(context, std::move(done));
    if (d->find(id) == nullptr) {
        answer->give(unknownKey());
        return;
    }
    const Secret secret = makeOwnSecret();
    d->vault.write(clientKeyItem(id), secret, this,
                   [this, id, secret, answer](const Result<Done> &kept) {
                       if (kept && d->find(id) == nullptr) { // removed meanwhile
                           d->vault.remove(clientKeyItem(id), this, [](const Result<Done> &) {});
                           answer->give(unknownKey());
                           return;
                       }
                       if (kept) {
                           d->secrets[id] = secret;
                           emit changed();
                       }
                       answer->give(kept);
                   });
}

void ClientKeys::remove(const QString &id, QObject *context, std::function<void(Result<Done>)> done)
{
    auto answer = std::make_shared<PendingAnswer<Done>>(context, std::move(done));
    if (id == DefaultClientKey || d->find(id) == nullptr) {
        answer->give(id == DefaultClientKey
                         ? Error {Error::Code::BadInput,
                                  u"the default key stays; it can be renewed or disabled"_s}
                         : unknownKey());
        return;
    }
    std::vector<ClientKey> left = d->keys;
    std::erase_if(left, [&id](const ClientKey &key) { return key.id == id; });
    if (const Result<Done> stored = d->store(std::move(left)); !stored) {
        answer->give(stored);
        return;
    }
    d->secrets.erase(id);
    emit changed();
    d->vault.remove(clientKeyItem(id), this,
                    [answer](const Result<Done> &removed) { answer->give(removed); });
}

void ClientKeys::noteUse(const FlowRecord &flow)
{
    const auto used = std::find_if(d->keys.begin(), d->keys.end(), [&flow](const ClientKey &key) {
        return key.name == flow.clientKey;
    });
    if (used == d->keys.end())
        return;
    d->rollOver();
    used->lastUsedAt = QDateTime::currentDateTimeUtc();
    if (countsAsUse(flow))
        ++used->requestsToday;
    used->creditsToday += flow.credits.value_or(0);
    d->hasNewCounts = true;
    if (!d->countsTimer.isActive())
        d->countsTimer.start();
}

void ensureAdminToken(Vault &vault, QObject *context, std::function<void(Result<Secret>)> done)
{
    ensureStoredSecret(vault, u"admin-token"_s, context, std::move(done));
}

} // namespace kirotray
