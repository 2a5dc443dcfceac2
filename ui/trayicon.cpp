// SPDX-License-Identifier: MIT
#include "ui/trayicon.h"

#include "ui/glyph.h"
#include "ui/statustext.h"
#include "ui/theme.h"

#include <QAction>
#include <QApplication>
#include <QEvent>
#include <QMenu>

namespace kirotray {

namespace {

QString trayIconName(TrayState state, bool panelDark)
{
    const auto name = [state] {
        switch (state) {
        case TrayState::Stopped:
            return u"tray-stopped-"_s;
        case TrayState::Running:
            return u"tray-running-"_s;
        case TrayState::Busy:
            return u"tray-busy-"_s;
        case TrayState::Problem:
            return u"tray-problem-"_s;
        }
        return QString();
    }();
#ifdef Q_OS_MACOS
    Q_UNUSED(panelDark)
    return name + u"template"_s;
#else
    return name + (panelDark ? u"on-dark"_s : u"on-light"_s);
#endif
}

} // namespace

TrayState trayStateOf(const ProxyStatus &status)
{
    if (hasProblem(status))
        return TrayState::Problem;
    if (status.activeRequests > 0)
        return TrayState::Busy;
    return status.state == ProxyState::Running ? TrayState::Running : TrayState::Stopped;
}

TrayIcon::TrayIcon(TrayTimes times, std::function<bool()> available, QObject *parent)
    : QObject(parent)
    , m_times(times)
    , m_available(std::move(available))
    , m_panelDark(isPanelDark())
{
    buildMenu();
    m_icon.setContextMenu(m_menu.get());
    connect(&m_icon, &QSystemTrayIcon::activated, this, &TrayIcon::activate);
    m_busyHold.setSingleShot(true);
    m_busyHold.setTimerType(Qt::PreciseTimer); // a coarse one may fire early
    connect(&m_busyHold, &QTimer::timeout, this, &TrayIcon::updateState);
    connect(&m_poll, &QTimer::timeout, this, &TrayIcon::look);
    qApp->installEventFilter(this);
    updateIcon();
    retranslate();
}

TrayIcon::~TrayIcon()
{
    m_icon.setContextMenu(nullptr);
}

void TrayIcon::buildMenu()
{
    m_menu = std::make_unique<QMenu>();
    m_open = m_menu->addAction(QString(), this, &TrayIcon::openRequested);
    m_stateLine = m_menu->addAction(QString());
    m_stateLine->setEnabled(false);
    m_menu->addSeparator();
    m_copyAddress = m_menu->addAction(QString(), this, &TrayIcon::copyAddressRequested);
    m_copyKey = m_menu->addAction(QString(), this, &TrayIcon::copyKeyRequested);
    m_menu->addSeparator();
    m_startStop = m_menu->addAction(QString(), this, [this] {
        if (m_offersStop)
            emit stopRequested();
        else
            emit startRequested();
    });
    m_quit = m_menu->addAction(QString(), this, &TrayIcon::quitRequested);
    m_quit->setMenuRole(QAction::QuitRole);
    m_menu->setDefaultAction(m_open);
    connect(m_menu.get(), &QMenu::aboutToShow, this, [this] {
        updateMenu();
        m_menuOpen = true;
    });
    connect(m_menu.get(), &QMenu::aboutToHide, this, [this] { m_menuOpen = false; });
}

void TrayIcon::start()
{
    m_icon.show();
    m_looked = std::chrono::milliseconds(0);
    m_missing = false;
    if (!isAvailable())
        m_poll.start(m_times.poll);
}

void TrayIcon::look()
{
    m_looked += m_times.poll;
    if (isAvailable()) {
        m_poll.stop();
        m_icon.show();
        if (m_missing)
            emit found();
        return;
    }
    if (!m_missing && m_looked >= m_times.missingAfter) {
        m_missing = true;
        emit missing();
    }
    if (m_looked >= m_times.pollFor)
        m_poll.stop();
}

void TrayIcon::setStatus(const ProxyStatus &status)
{
    m_status = status;
    updateState();
    retranslate();
}

void TrayIcon::setKeyKnown(bool known)
{
    m_keyKnown = known;
    if (!m_menuOpen)
        updateMenu();
}

void TrayIcon::updateState()
{
    TrayState wanted = trayStateOf(m_status);
    if (wanted == TrayState::Busy && m_state != TrayState::Busy)
        m_busyHold.start(m_times.busyHold);
    if (wanted == TrayState::Running && m_state == TrayState::Busy && m_busyHold.isActive())
        wanted = TrayState::Busy;
    if (wanted == m_state)
        return;
    m_state = wanted;
    updateIcon();
}

void TrayIcon::updateIcon()
{
    QIcon icon = coloredIcon(trayIconName(m_state, m_panelDark));
#ifdef Q_OS_MACOS
    icon.setIsMask(true);
#endif
    m_icon.setIcon(icon);
    emit iconChanged();
}

void TrayIcon::retranslate()
{
    QStringList lines {u"KiroTray · "_s + stateWord(m_status.state)};
    if (!m_status.baseUrl.isEmpty())
        lines << shortAddress(m_status.baseUrl);
    if (hasProblem(m_status))
        lines << problemTitle(m_status);
    else if (m_status.state == ProxyState::Running)
        lines << tr("%n usable account(s)", nullptr, m_status.usableAccounts);
    m_icon.setToolTip(lines.join(u'\n'));
    if (!m_menuOpen)
        updateMenu();
}

void TrayIcon::updateMenu()
{
    QStringList parts {stateWord(m_status.state)};
    if (!m_status.baseUrl.isEmpty())
        parts << shortAddress(m_status.baseUrl);
    if (m_status.activeRequests > 0)
        parts << requestsText(m_status.activeRequests);
    m_open->setText(tr("Open KiroTray"));
    m_stateLine->setText(parts.join(u" · "_s));
    m_copyAddress->setText(tr("Copy address"));
    m_copyAddress->setEnabled(!m_status.baseUrl.isEmpty());
    m_copyKey->setText(tr("Copy key"));
    m_copyKey->setEnabled(m_keyKnown);
    m_offersStop = m_status.state == ProxyState::Running || m_status.state == ProxyState::Stopping;
    m_startStop->setText(m_offersStop ? tr("Stop the proxy") : tr("Start the proxy"));
    m_startStop->setEnabled(m_status.state != ProxyState::Starting
                            && m_status.state != ProxyState::Stopping);
    m_quit->setText(tr("Quit"));
}

void TrayIcon::activate(QSystemTrayIcon::ActivationReason reason)
{
#ifdef Q_OS_MACOS
    Q_UNUSED(reason) // the one click of a status item opens its menu
#else
    if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick)
        emit openRequested();
#endif
}

bool TrayIcon::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange
        && m_panelDark != isPanelDark()) {
        m_panelDark = !m_panelDark;
        updateIcon();
    }
    return QObject::eventFilter(watched, event);
}

} // namespace kirotray
