// SPDX-License-Identifier: MIT
#pragma once

#include "app/login/login.h"

#include <QTimer>

namespace kirotray {

/// What every sign-in shares: it begins from the event loop, ends exactly once and queued, and by
/// itself when its time is over. The time is asked of LoginServices::clock once a second, so that a
/// machine that slept does not wait on.
class TimedLogin : public Login
{
    Q_OBJECT
public:
    TimedLogin(const LoginServices &services, const LoginInput &input);
    ~TimedLogin() override;

    void start() final;
    void cancel() final;

protected:
    /// The sign-in's first act.
    virtual void begin() = 0;
    /// It has ended, before finished(): close what listens. Not called by the destructor.
    virtual void ended() { }

    // All of these do nothing once the sign-in has ended.
    void step(const LoginStep &step);
    /// Fills in what all new accounts have: createdAt, fingerprint, proxy, and a label that is
    /// still empty.
    void succeed(std::vector<ImportedAccount> accounts);
    void fail(const Error &error);
    /// The service's own end; never later than limits::LoginTimeout from the start.
    void endBy(const QDateTime &deadline);

    bool isRunning() const { return m_phase == Phase::Running; }
    QDateTime deadline() const { return m_deadline; } ///< UTC
    const LoginServices &services() const { return m_services; }
    const LoginInput &given() const { return m_input; }
    /// Receiver of calls under way; gone when the sign-in has ended, so that no answer comes late.
    QObject *calls() const { return m_calls.get(); }
    /// A new account: fresh id and machine id (§8). The machine id goes with the sign-in's own
    /// calls, so make it once.
    Account newAccount(AccountKind kind, const QString &provider) const;

private:
    enum class Phase { New, Running, Ended };
    void finish(const Result<std::vector<ImportedAccount>> &result);
    void checkTime();

    LoginServices m_services;
    LoginInput m_input;
    QDateTime m_deadline;
    QTimer m_second;
    std::unique_ptr<QObject> m_calls;
    Phase m_phase = Phase::New;
};

} // namespace kirotray
