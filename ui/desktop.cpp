// SPDX-License-Identifier: MIT
#include "ui/desktop.h"

#include "app/accounts/accountstore.h"
#include "app/base/settings.h"
#include "ui/language.h"

#include <QApplication>
#include <QEvent>

#include <utility>

namespace kirotray {

Desktop::Desktop(Core &core, Language &language, QObject *parent)
    : QObject(parent)
    , m_core(core)
    , m_language(language)
{
    connectWindow();
    connectTray();
    connectCore();
    qApp->installEventFilter(this);
    m_language.use(m_core.settings().get(keys::Language));
    showStatus();
    showAccounts();
    showKey();
}

void Desktop::connectWindow()
{
    connect(&m_window, &StatusWindow::startRequested, &m_core, &Core::start);
    connect(&m_window, &StatusWindow::stopRequested, &m_core, &Core::stop);
    connect(&m_window, &StatusWindow::closeRequested, this, &Desktop::closeWindow);
    connect(&m_window, &StatusWindow::quitRequested, this, &Desktop::quit);
    connect(&m_window, &StatusWindow::quitNowRequested, this, [] { QCoreApplication::exit(0); });
    connect(&m_window, &StatusWindow::importRequested, this, [this](const QStringList &files) {
        m_core.importFiles(files, this, [this](const std::vector<ImportOutcome> &outcomes) {
            m_window.showOutcomes(outcomes);
        });
    });
}

void Desktop::connectTray()
{
    connect(&m_tray, &TrayIcon::openRequested, this, &Desktop::raiseWindow);
    connect(&m_tray, &TrayIcon::startRequested, &m_core, &Core::start);
    connect(&m_tray, &TrayIcon::stopRequested, &m_core, &Core::stop);
    connect(&m_tray, &TrayIcon::copyAddressRequested, &m_window, &StatusWindow::copyAddress);
    connect(&m_tray, &TrayIcon::copyKeyRequested, &m_window, &StatusWindow::copyKey);
    connect(&m_tray, &TrayIcon::quitRequested, this, &Desktop::quit);
    connect(&m_tray, &TrayIcon::missing, this, &Desktop::showFallback);
    connect(&m_tray, &TrayIcon::found, this, [this] { m_window.setTrayMissing(false); });
}

void Desktop::connectCore()
{
    connect(&m_core, &Core::statusChanged, this, &Desktop::showStatus);
    connect(&m_core, &Core::apiKeyReady, this, &Desktop::showKey);
    connect(&m_core, &Core::requestFinished, &m_window, &StatusWindow::countRequest);
    connect(&m_core, &Core::vaultWaiting, &m_window, [this] { m_window.setVaultWaiting(true); });
    connect(&m_core.accounts(), &AccountStore::changed, this, &Desktop::showAccounts);
    connect(&m_core.settings(), &Settings::changed, this, [this](QLatin1StringView name) {
        if (name == keys::Language.name)
            m_language.use(m_core.settings().get(keys::Language));
    });
}

void Desktop::start(bool minimized)
{
    m_tray.start();
    if (!minimized)
        m_window.show();
    if (m_core.settings().get(keys::ProxyStartWithProgram))
        m_core.start();
}

void Desktop::showStatus()
{
    const ProxyStatus status = m_core.status();
    m_tray.setStatus(status);
    m_window.setStatus(status);
    m_window.setWarnings(m_core.warnings()); // a start may add some
    if (!m_quitting)
        return;
    m_window.setQuitting(status.activeRequests > 0 ? status.activeRequests : -1);
    if (status.state == ProxyState::Running)
        m_core.stop(); // it was starting when the user quit
    const bool mayEnd = status.state == ProxyState::Stopped || status.state == ProxyState::Failed;
    if (mayEnd && !std::exchange(m_settling, true))
        m_core.settle(this, [] { QCoreApplication::exit(0); });
}

void Desktop::showAccounts()
{
    m_window.setAccountTotal(static_cast<int>(m_core.accounts().accounts().size()));
}

void Desktop::showKey()
{
    const Secret key = m_core.apiKey();
    m_window.setApiKey(key);
    m_window.setVaultWaiting(false);
    m_tray.setKeyKnown(!key.isEmpty());
}

void Desktop::raiseWindow()
{
    if (m_window.isMinimized())
        m_window.showNormal();
    else
        m_window.show();
    m_window.raise();
    m_window.activateWindow();
}

void Desktop::closeWindow()
{
    if (m_tray.isAvailable())
        m_window.hide();
    else
        m_window.showMinimized();
}

void Desktop::showFallback()
{
    m_window.setTrayMissing(true);
    if (!m_window.isVisible())
        m_window.showMinimized();
}

void Desktop::quit()
{
    if (m_quitting)
        return;
    m_quitting = true;
    if (m_core.status().activeRequests > 0)
        raiseWindow();
    if (m_core.status().state == ProxyState::Running)
        m_core.stop();
    showStatus();
}

bool Desktop::eventFilter(QObject *watched, QEvent *event)
{
    // Command-Q, the Dock, or the end of the session. Qt would close windows first, and ours
    // refuse.
    if (watched == qApp && event->type() == QEvent::Quit) {
        quit();
        event->ignore();
        return true;
    }
    if (watched == qApp && event->type() == QEvent::LanguageChange)
        m_tray.retranslate();
    return QObject::eventFilter(watched, event);
}

} // namespace kirotray
