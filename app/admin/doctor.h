// SPDX-License-Identifier: MIT
#pragma once

#include "app/admin/adminservices.h"

#include <QObject>

#include <functional>
#include <vector>

namespace kirotray {

/// One line of a self-test. Holds no secret and no e-mail address: the report may be copied into a
/// bug report.
struct DoctorFinding
{
    enum class Verdict { Good, Warning, Bad };
    Verdict verdict = Verdict::Good;
    QString subject; ///< network, proxy, clock, keychain, data folder, port, sign-in, upstream, …
    QString what; ///< English
    QString advice; ///< what to do; empty when Good
};

/// Looks at everything that a working proxy needs: data folder, keychain, port, outbound proxy,
/// reachability of the service's hosts, the clock against theirs, each account's token and plan.
/// Changes nothing but what a read of the usage changes. Deletes itself when done; `done` once,
/// never after `parent` is gone. Main thread.
class Doctor : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(const std::vector<DoctorFinding> &)>;

    Doctor(AdminServices &services, QObject *parent, Callback done);
    ~Doctor() override;
    void start();

private:
    void add(DoctorFinding::Verdict verdict, const QString &subject, const QString &what,
             const QString &advice = {});
    void checkFolder();
    void checkPort();
    void checkFreePort();
    void checkOutboundProxy();
    void checkVault();
    void checkHosts();
    void checkHost(const QString &baseUrl);
    void checkAccounts();
    void finishOne();

    AdminServices &m_services;
    Callback m_done;
    std::vector<DoctorFinding> m_findings;
    int m_open = 0; ///< checks that have not answered
    bool m_hasClock = false; ///< the clock was compared with one host
};

/// Lines for people, the findings in the order of their subjects.
QString doctorReport(const std::vector<DoctorFinding> &findings);

} // namespace kirotray
