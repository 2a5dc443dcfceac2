// SPDX-License-Identifier: MIT
#include "ui/statustext.h"

#include <QCoreApplication>
#include <QHostAddress>

namespace kirotray {

namespace {

struct StatusText
{
    Q_DECLARE_TR_FUNCTIONS(StatusText)
};

} // namespace

QString stateWord(ProxyState state)
{
    switch (state) {
    case ProxyState::Stopped:
        return StatusText::tr("Stopped");
    case ProxyState::Starting:
        return StatusText::tr("Starting");
    case ProxyState::Running:
        return StatusText::tr("Running");
    case ProxyState::Stopping:
        return StatusText::tr("Stopping");
    case ProxyState::Failed:
        return StatusText::tr("Stopped by an error");
    }
    return {};
}

QString addressText(const QUrl &baseUrl)
{
    QString text = baseUrl.toString();
    while (text.endsWith(u'/'))
        text.chop(1);
    return text;
}

QString shortAddress(const QUrl &baseUrl)
{
    return baseUrl.authority();
}

QString requestsText(int requests)
{
    return StatusText::tr("%n request(s)", nullptr, requests);
}

QString durationText(qint64 seconds)
{
    const qint64 minutes = seconds / 60;
    if (minutes < 1)
        return StatusText::tr("less than a minute");
    if (minutes < 60)
        return StatusText::tr("%1 min").arg(minutes);
    const qint64 hours = minutes / 60;
    if (hours < 24)
        return StatusText::tr("%1 h %2 min").arg(hours).arg(minutes % 60);
    return StatusText::tr("%1 d %2 h").arg(hours / 24).arg(hours % 24);
}

bool isThisComputerOnly(const QUrl &baseUrl)
{
    return baseUrl.host() == "localhost"_L1 || QHostAddress(baseUrl.host()).isLoopback();
}

bool hasProblem(const ProxyStatus &status)
{
    if (status.state == ProxyState::Failed || !status.problem.isEmpty())
        return true;
    return status.state == ProxyState::Running && status.usableAccounts == 0;
}

QString problemTitle(const ProxyStatus &status)
{
    if (status.state != ProxyState::Failed)
        return status.usableAccounts == 0 ? StatusText::tr("No usable account")
                                          : StatusText::tr("Requests cannot be answered");
    switch (status.failure) {
    case ProxyFailure::None:
        break;
    case ProxyFailure::PortTaken:
        return StatusText::tr("The port is taken");
    case ProxyFailure::Address:
        return StatusText::tr("The address cannot be used");
    case ProxyFailure::Vault:
        return StatusText::tr("The keychain cannot be opened");
    case ProxyFailure::KeyRequired:
        return StatusText::tr("A key is required");
    }
    return StatusText::tr("The proxy could not start");
}

QString problemText(const ProxyStatus &status)
{
    if (status.state != ProxyState::Failed)
        return status.usableAccounts == 0
            ? StatusText::tr("Every request is refused until an account can be used. Import one, "
                             "or sign in again where it came from.")
            : StatusText::tr("Requests are refused for now. Details name the cause.");
    switch (status.failure) {
    case ProxyFailure::None:
        break;
    case ProxyFailure::PortTaken:
        return StatusText::tr("Another program listens there; details name it. Apps get no answer "
                              "until the proxy runs.");
    case ProxyFailure::Address:
        return StatusText::tr("This computer does not have it, or programs may not use it. Apps "
                              "get no answer until the proxy runs.");
    case ProxyFailure::Vault:
        return StatusText::tr("It holds the key of the proxy. Unlock it, then try again.");
    case ProxyFailure::KeyRequired:
        return StatusText::tr("Without one, any device on the network could use your accounts. Ask "
                              "for a key, or listen on this computer only.");
    }
    return StatusText::tr("Apps get no answer until it runs. Details name the cause.");
}

} // namespace kirotray
