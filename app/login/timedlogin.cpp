// SPDX-License-Identifier: MIT
#include "app/login/timedlogin.h"

#include "app/base/limits.h"
#include "app/base/log.h"

#include <QUuid>

#include <algorithm>

namespace kirotray {

namespace {

constexpr int MachineIdBytes = 32;

QString randomMachineId()
{
    const QByteArray random =
        QByteArray::fromBase64(randomToken(MachineIdBytes),
                               QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    return QString::fromLatin1(random.toHex());
}

} // namespace

TimedLogin::TimedLogin(const LoginServices &services, const LoginInput &input)
    : m_services(services)
    , m_input(input)
    , m_calls(std::make_unique<QObject>())
{
    connect(&m_second, &QTimer::timeout, this, &TimedLogin::checkTime);
}

TimedLogin::~TimedLogin() = default;

void TimedLogin::start()
{
    if (m_phase != Phase::New)
        return;
    m_phase = Phase::Running;
    m_deadline = m_services.clock().addSecs(std::chrono::seconds(limits::LoginTimeout).count());
    m_second.start(std::chrono::seconds(1));
    QMetaObject::invokeMethod(
        m_calls.get(), [this] { begin(); }, Qt::QueuedConnection);
}

void TimedLogin::cancel()
{
    fail({Error::Code::Cancelled, u"the sign-in was cancelled"_s});
}

void TimedLogin::step(const LoginStep &step)
{
    if (isRunning())
        emit stepped(step);
}

void TimedLogin::succeed(std::vector<ImportedAccount> accounts)
{
    for (ImportedAccount &one : accounts) {
        Account &account = one.account;
        account.createdAt = m_services.clock();
        account.fingerprint = fingerprintOf(one.credential);
        if (!m_input.proxy.isEmpty())
            account.proxy = m_input.proxy; // else the one that pasted text may name
        if (account.label.isEmpty())
            account.label = account.provider.isEmpty() ? toString(account.kind) : account.provider;
    }
    finish(std::move(accounts));
}

void TimedLogin::fail(const Error &error)
{
    finish(error);
}

void TimedLogin::endBy(const QDateTime &deadline)
{
    m_deadline = std::min(m_deadline, deadline);
}

Account TimedLogin::newAccount(AccountKind kind, const QString &provider) const
{
    Account account;
    account.id.value = QUuid::createUuid().toString(QUuid::WithoutBraces);
    account.machineId = randomMachineId();
    account.kind = kind;
    account.provider = provider;
    account.proxy = m_input.proxy;
    return account;
}

void TimedLogin::finish(const Result<std::vector<ImportedAccount>> &result)
{
    if (m_phase == Phase::Ended)
        return;
    m_phase = Phase::Ended;
    m_second.stop();
    m_calls.reset();
    ended();
    // No log line tells more than the kind of the end: the error may quote the service.
    qCInfo(logAccounts) << "sign-in ended ok=" << bool(result);
    QMetaObject::invokeMethod(
        this, [this, result] { emit finished(result); }, Qt::QueuedConnection);
}

void TimedLogin::checkTime()
{
    if (m_services.clock() >= m_deadline)
        fail({Error::Code::Timeout, u"the sign-in took too long"_s});
}

} // namespace kirotray
