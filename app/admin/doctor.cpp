// SPDX-License-Identifier: MIT
#include "app/admin/doctor.h"

#include "app/accounts/registrationwarnings.h"
#include "app/base/limits.h"
#include "app/base/settings.h"
#include "app/platform/portowner.h"

#include <QFileInfo>
#include <QLocale>
#include <QStorageInfo>
#include <QSysInfo>
#include <QTcpServer>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace kirotray {

namespace {

using Verdict = DoctorFinding::Verdict;

constexpr qint64 LowDisk = 100 * limits::MiB; // bytes; records and logs need room
constexpr QLatin1StringView ProbeKey = "doctor/probe"_L1;

/// RFC 9110 §5.6.7, the form that servers send.
QDateTime httpDate(const QByteArray &text)
{
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(text).remove(u" GMT"_s),
                                             u"ddd, dd MMM yyyy hh:mm:ss"_s);
    date.setTimeSpec(Qt::UTC);
    return date;
}

} // namespace

Doctor::Doctor(AdminServices &services, QObject *parent, Callback done)
    : QObject(parent)
    , m_services(services)
    , m_done(std::move(done))
{
}

Doctor::~Doctor() = default;

void Doctor::add(Verdict verdict, const QString &subject, const QString &what,
                 const QString &advice)
{
    m_findings.push_back({verdict, subject, what, advice});
}

void Doctor::start()
{
    m_open = 1; // until all have been started
    add(Verdict::Good, u"program"_s,
        u"KiroTray %1, Qt %2, %3, %4"_s.arg(
            QStringLiteral(KIROTRAY_VERSION), QString::fromLatin1(qVersion()),
            QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture()));
    checkFolder();
    checkPort();
    checkOutboundProxy();
    checkVault();
    checkHosts();
    checkAccounts();
    for (const QString &warning : m_services.warnings())
        add(Verdict::Warning, u"start"_s, warning, u"see the log"_s);
    finishOne();
}

void Doctor::finishOne()
{
    if (--m_open > 0)
        return;
    std::stable_sort(
        m_findings.begin(), m_findings.end(),
        [](const DoctorFinding &a, const DoctorFinding &b) { return a.verdict > b.verdict; });
    deleteLater();
    m_done(m_findings);
}

void Doctor::checkFolder()
{
    const QFileInfo folder(m_services.dataDir);
    const QStorageInfo storage(m_services.dataDir);
    if (!folder.isWritable())
        add(Verdict::Bad, u"data folder"_s, u"it is not writable"_s,
            u"give its owner the right to write, or choose another folder with --data-dir"_s);
    else if (storage.isValid() && storage.bytesAvailable() < LowDisk)
        add(Verdict::Bad, u"data folder"_s,
            u"only %1 MB are free there"_s.arg(storage.bytesAvailable() / limits::MiB),
            u"free some space: a renewed token that cannot be stored is lost with the program"_s);
    else
        add(Verdict::Good, u"data folder"_s, u"writable, with room"_s);
}

void Doctor::checkPort()
{
    const ProxyStatus status = m_services.status();
    if (status.state == ProxyState::Running)
        add(Verdict::Good, u"port"_s, u"listening at %1"_s.arg(status.baseUrl.toString()));
    else if (status.state == ProxyState::Failed)
        add(Verdict::Bad, u"port"_s, status.problem,
            u"end the other program, or choose another port"_s);
    else
        checkFreePort();
}

/// Nothing of ours listens: whether it could.
void Doctor::checkFreePort()
{
    const auto port = static_cast<quint16>(m_services.settings.get(keys::ProxyPort));
    QTcpServer probe;
    if (probe.listen(QHostAddress::LocalHost, port)) {
        add(Verdict::Warning, u"port"_s, u"the proxy does not run; port %1 is free"_s.arg(port),
            u"start it"_s);
        return;
    }
    const QString owner = portOwners({port}).value(port, u"another program"_s);
    add(Verdict::Bad, u"port"_s,
        u"the proxy does not run, and port %1 is taken by %2"_s.arg(port).arg(owner),
        u"end that program; else the next free port is taken"_s);
}

void Doctor::checkOutboundProxy()
{
    const QString setting = m_services.settings.get(keys::OutboundProxy);
    const Result<ProxyChoice> proxy = ProxyChoice::parse(setting);
    if (!proxy)
        add(Verdict::Bad, u"proxy"_s, describe(proxy.error()), u"correct the setting net/proxy"_s);
    else
        add(Verdict::Good, u"proxy"_s,
            setting == u"system" ? u"the system's proxy settings are used"_s
                                 : u"calls go through a proxy of the settings"_s);
}

/// Writes, reads and removes an item of its own: a keychain may read and not write.
void Doctor::checkVault()
{
    ++m_open;
    const Secret probe("probe");
    Vault &vault = m_services.vault;
    const auto conclude = [this](const std::optional<Error> &error) {
        if (error)
            add(Verdict::Bad, u"keychain"_s, describe(*error),
                u"unlock the keychain, or use a sealed file with --vault file"_s);
        else
            add(Verdict::Good, u"keychain"_s, u"secrets can be stored and read"_s);
        finishOne();
    };
    vault.write(
        ProbeKey, probe, this, [this, &vault, probe, conclude](const Result<Done> &written) {
            if (!written)
                return conclude(written.error());
            vault.read(ProbeKey, this, [this, &vault, probe, conclude](const Result<Secret> &read) {
                const bool isSame = read && read.value() == probe;
                const std::optional<Error> error = isSame ? std::nullopt
                    : read
                    ? std::optional(Error {Error::Code::Storage, u"it gave back another value"_s})
                    : std::optional(read.error());
                vault.remove(ProbeKey, this,
                             [conclude, error](const Result<Done> &) { conclude(error); });
            });
        });
}

void Doctor::checkHosts()
{
    const KiroEndpoints &endpoints = m_services.tables->endpoints;
    QStringList hosts;
    for (const QStringList &list :
         {endpoints.chat, endpoints.control, endpoints.socialAuth, endpoints.oidc})
        hosts.append(baseUrlsFor(list, u"us-east-1"_s));
    hosts.removeDuplicates();
    for (const QString &host : hosts)
        checkHost(host);
}

/// Any answer shows that name, route, TLS and proxy work.
void Doctor::checkHost(const QString &baseUrl)
{
    ++m_open;
    OutboundRequest request;
    request.method = "GET";
    request.url = QUrl(baseUrl + u'/');
    const Result<ProxyChoice> proxy =
        ProxyChoice::parse(m_services.settings.get(keys::OutboundProxy));
    if (proxy)
        request.proxy = proxy.value();
    m_services.http.fetch(
        request, this, [this, host = request.url.host()](const Result<HttpReply> &reply) {
            if (!reply) {
                add(Verdict::Bad, u"network"_s, host + u": "_s + describe(reply.error()),
                    u"check the connection, the proxy and the firewall for this host"_s);
                return finishOne();
            }
            add(Verdict::Good, u"network"_s, host + u" answers"_s);
            const QDateTime theirs = httpDate(reply.value().header("date"));
            if (theirs.isValid() && !std::exchange(m_hasClock, true)) {
                const qint64 seconds = std::abs(theirs.secsTo(QDateTime::currentDateTimeUtc()));
                if (seconds > std::chrono::seconds(limits::ClockSkewHint).count())
                    add(Verdict::Bad, u"clock"_s,
                        u"this computer's clock differs by %1 minutes"_s.arg(seconds / 60),
                        u"set the clock: tokens are judged by it"_s);
                else
                    add(Verdict::Good, u"clock"_s, u"agrees with the service's"_s);
            }
            finishOne();
        });
}

void Doctor::checkAccounts()
{
    const std::vector<Account> accounts = m_services.accounts.accounts(); // reading may change them
    if (accounts.empty())
        add(Verdict::Warning, u"sign-in"_s, u"there is no account"_s,
            u"sign in: kirotrayctl login google"_s);
    for (const RegistrationWarning &warning :
         registrationWarnings(accounts, QDateTime::currentDateTimeUtc()))
        add(Verdict::Warning, u"sign-in"_s, warning.what, u"sign in again before that"_s);
    int number = 0;
    for (const Account &account : accounts) {
        const QString name =
            u"account %1 (%2)"_s.arg(++number).arg(toString(account.kind)); // no e-mail
        if (!isUsable(account)) {
            add(Verdict::Warning, u"sign-in"_s,
                name + (account.note.isEmpty() ? u": disabled"_s : u": "_s + account.note),
                u"enable it, restore it or sign in again"_s);
            continue;
        }
        ++m_open;
        m_services.usage.read(account.id, this, [this, name](const Result<Quota> &quota) {
            if (quota)
                add(Verdict::Good, u"upstream"_s,
                    name
                        + u": %1 of %2 credits left"_s.arg(quota.value().remaining(), 0, 'f', 1)
                              .arg(quota.value().usage.value_or(UsageSummary {}).limit, 0, 'f', 1));
            else
                add(Verdict::Bad, u"upstream"_s, name + u": "_s + quota.error().what,
                    u"refresh the account; sign in again if that fails"_s);
            finishOne();
        });
    }
}

QString doctorReport(const std::vector<DoctorFinding> &findings)
{
    static constexpr std::array Marks {"ok  ", "warn", "BAD "};
    QString report;
    for (const DoctorFinding &finding : findings) {
        report += QLatin1StringView(Marks.at(static_cast<std::size_t>(finding.verdict))) + u"  "_s
            + finding.subject + u": "_s + finding.what + u'\n';
        if (!finding.advice.isEmpty())
            report += u"      -> "_s + finding.advice + u'\n';
    }
    return report;
}

} // namespace kirotray
