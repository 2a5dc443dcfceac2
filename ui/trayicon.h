// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"

#include <QSystemTrayIcon>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>

class QAction;
class QMenu;

namespace kirotray {

enum class TrayState { Stopped, Running, Busy, Problem };

/// Problem before busy before running before stopped.
TrayState trayStateOf(const ProxyStatus &status);

/// The waits of TrayIcon; tests shorten them.
struct TrayTimes
{
    std::chrono::milliseconds busyHold {600}; ///< shortest sight of the busy icon: no flicker
    std::chrono::milliseconds poll {2000}; ///< a panel may come up after us
    std::chrono::milliseconds missingAfter {10000}; ///< then there is no tray as far as we know
    std::chrono::milliseconds pollFor {60000};
};

/// The icon in the system's tray: state, tooltip and menu. It decides nothing; signals say what
/// the user asked for. Main thread.
class TrayIcon : public QObject
{
    Q_OBJECT
public:
    /// `available` answers whether there is a tray. Never QSystemTrayIcon::isVisible(): that is
    /// true without any tray.
    explicit TrayIcon(TrayTimes times = {},
                      std::function<bool()> available = &QSystemTrayIcon::isSystemTrayAvailable,
                      QObject *parent = nullptr);
    ~TrayIcon() override;

    /// Shows the icon and looks for a tray for a while: missing() or found() follow.
    void start();
    bool isAvailable() const { return m_available(); }

    TrayState state() const { return m_state; }
    QString toolTip() const { return m_icon.toolTip(); }
    QRect geometry() const { return m_icon.geometry(); }
    QMenu *menu() const { return m_menu.get(); }

public slots:
    void setStatus(const kirotray::ProxyStatus &status);
    void setKeyKnown(bool known);
    /// Texts again, after a change of the language.
    void retranslate();

signals:
    void openRequested();
    void startRequested();
    void stopRequested();
    void copyAddressRequested();
    void copyKeyRequested();
    void quitRequested();
    void missing(); ///< no tray within TrayTimes::missingAfter
    void found(); ///< a tray came after missing()
    void iconChanged(); ///< the picture is another one

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildMenu();
    void look();
    void updateState();
    void updateIcon();
    void updateMenu();
    void activate(QSystemTrayIcon::ActivationReason reason);

    TrayTimes m_times;
    std::function<bool()> m_available;
    QSystemTrayIcon m_icon;
    std::unique_ptr<QMenu> m_menu;
    QAction *m_open = nullptr;
    QAction *m_stateLine = nullptr;
    QAction *m_copyAddress = nullptr;
    QAction *m_copyKey = nullptr;
    QAction *m_startStop = nullptr;
    QAction *m_quit = nullptr;
    QTimer m_poll;
    QTimer m_busyHold;
    std::chrono::milliseconds m_looked {0};
    bool m_missing = false;
    bool m_menuOpen = false;
    bool m_offersStop = false; ///< what m_startStop says
    bool m_keyKnown = false;
    bool m_panelDark = false;
    ProxyStatus m_status;
    TrayState m_state = TrayState::Stopped;
};

} // namespace kirotray
