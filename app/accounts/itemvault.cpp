// SPDX-License-Identifier: MIT
#include "app/accounts/itemvault.h"

#include <algorithm>

namespace kirotray {

ItemVault::ItemVault(std::unique_ptr<ItemStore> items, QString service, QString description,
                     Waits waits)
    : m_service(std::move(service))
    , m_description(std::move(description))
    , m_waits(waits)
    , m_items(std::move(items))
{
    m_hint.setSingleShot(true);
    connect(&m_hint, &QTimer::timeout, this, &Vault::waiting);
}

ItemVault::~ItemVault() = default;

void ItemVault::read(const QString &key, QObject *context, std::function<void(Result<Secret>)> done)
{
    Call call;
    call.verb = Verb::Read;
    call.key = key;
    call.secret = PendingAnswer<Secret>(context, std::move(done));
    add(std::move(call));
}

void ItemVault::write(const QString &key, const Secret &value, QObject *context,
                      std::function<void(Result<Done>)> done)
{
    Call call;
    call.verb = Verb::Write;
    call.key = key;
    call.value = value;
    call.done = PendingAnswer<Done>(context, std::move(done));
    if (value.reveal().size() > limits::MaxSecretItem)
        call.done.give(Error {Error::Code::BadInput, u"the secret is too large"_s, key});
    else
        add(std::move(call));
}

void ItemVault::remove(const QString &key, QObject *context, std::function<void(Result<Done>)> done)
{
    Call call;
    call.verb = Verb::Remove;
    call.key = key;
    call.done = PendingAnswer<Done>(context, std::move(done));
    add(std::move(call));
}

void ItemVault::add(Call call)
{
    call.number = ++m_lastNumber;
    QTimer::singleShot(m_waits.timeout, this, [this, number = call.number] { timeOut(number); });
    m_calls.push_back(std::move(call));
    startNext();
}

void ItemVault::startNext()
{
    if (m_running || m_calls.empty())
        return;
    m_running = true;
    m_hint.start(m_waits.hint);
    const Call &call = m_calls.front();
    const QString name = m_service + u'/' + call.key;
    const auto ended = [this, number = call.number](const Result<Done> &result) {
        end(number, result ? nullptr : &result.error(), {});
    };
    switch (call.verb) {
    case Verb::Read:
        m_items->read(name, [this, number = call.number](const Result<Secret> &result) {
            end(number, result ? nullptr : &result.error(), result ? result.value() : Secret());
        });
        return;
    case Verb::Write:
        m_items->write(name, Secret(call.value), ended);
        return;
    case Verb::Remove:
        m_items->remove(name, ended);
        return;
    }
}

void ItemVault::end(quint64 number, const Error *error, const Secret &value)
{
    if (!m_running || m_calls.front().number != number)
        return;
    Call call = std::move(m_calls.front());
    m_calls.pop_front();
    m_running = false;
    m_hint.stop();
    if (call.verb == Verb::Read)
        call.secret.give(error == nullptr ? Result<Secret>(value) : Result<Secret>(*error));
    else
        call.done.give(error == nullptr ? Result<Done>(Done {}) : Result<Done>(*error));
    // Queued: a store that answers at once must not make the stack grow with the queue.
    QMetaObject::invokeMethod(
        this, [this] { startNext(); }, Qt::QueuedConnection);
}

void ItemVault::timeOut(quint64 number)
{
    const auto found = std::find_if(m_calls.begin(), m_calls.end(),
                                    [number](const Call &call) { return call.number == number; });
    if (found == m_calls.end())
        return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(m_waits.timeout);
    const Error error {Error::Code::Storage,
                       u"the keychain did not answer within %1 s"_s.arg(seconds.count()),
                       found->key};
    found->secret.give(error);
    found->done.give(error);
    if (!m_running || found != m_calls.begin())
        m_calls.erase(found);
}

} // namespace kirotray
