// SPDX-License-Identifier: MIT
#pragma once

#include "ui/statuswindow.h"
#include "ui/trayicon.h"

#include <QObject>

namespace kirotray {

class Core;
class Language;

/// The desktop program around an open Core: tray, window, and the way out. Main thread.
class Desktop : public QObject
{
    Q_OBJECT
public:
    Desktop(Core &core, Language &language, QObject *parent = nullptr);

    /// Shows tray and window (without `minimized`), starts the proxy if the settings say so.
    void start(bool minimized);

public slots:
    void raiseWindow();
    /// Stops the proxy, which lets running answers end, then leaves the event loop.
    void quit();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void connectWindow();
    void connectTray();
    void connectCore();
    void showStatus();
    void showAccounts();
    void showKey();
    void closeWindow();
    void showFallback();

    Core &m_core;
    Language &m_language;
    TrayIcon m_tray;
    StatusWindow m_window;
    bool m_quitting = false;
    bool m_settling = false; ///< the end waits for Core::settle()
};

} // namespace kirotray
