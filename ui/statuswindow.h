// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"
#include "ui/theme.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace kirotray {

class AccountsCard;
class CopyField;
class FiguresCard;
class NoticeStack;
class SwitchButton;
enum class Snippet;

/// The small window: state, address, key, accounts, problems. It shows the values it is given and
/// says by signals what the user asked for; it decides nothing. Main thread.
class StatusWindow : public QWidget
{
    Q_OBJECT
public:
    explicit StatusWindow(QWidget *parent = nullptr);
    ~StatusWindow() override;

    /// For good; without it the window follows the system.
    void setTheme(const Theme &theme);
    QSize sizeHint() const override;

public slots:
    void setStatus(const kirotray::ProxyStatus &status);
    void setApiKey(const kirotray::Secret &key);
    void setAccountTotal(int total);
    void countRequest(const kirotray::FlowRecord &flow);
    /// English sentences of Core::warnings(); they go into the details.
    void setWarnings(const QStringList &warnings);
    void setVaultWaiting(bool waiting);
    /// There is no tray: closing minimises, said once.
    void setTrayMissing(bool missing);
    /// The program ends when the running answers are through; negative: it does not end.
    void setQuitting(int runningAnswers);
    void showOutcomes(const std::vector<kirotray::ImportOutcome> &outcomes);
    void copyAddress();
    void copyKey();

signals:
    void startRequested();
    void stopRequested();
    void importRequested(const QStringList &files);
    void closeRequested(); ///< the window stays until someone hides it
    void quitRequested();
    void quitNowRequested();

protected:
    bool event(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildPage(QVBoxLayout *layout);
    QWidget *buildProxyCard();
    void buildShortcuts();
    void applyTheme(const Theme &theme);
    void retranslate();
    void updateState();
    void updateFigures();
    int neededWidth() const;
    void toggleProxy();
    void copySnippet(Snippet snippet);

    bool m_followsSystem = true;
    Theme m_theme {false};
    ProxyStatus m_status;
    Secret m_key;
    int m_accountTotal = 0;
    qint64 m_requests = 0;
    qint64 m_failed = 0;
    QTimer m_tick; ///< moves the uptime while the window is seen

    QWidget *m_page = nullptr;
    SwitchButton *m_switch = nullptr;
    QLabel *m_lead = nullptr;
    QLabel *m_sub = nullptr;
    QLabel *m_addressLabel = nullptr;
    QLabel *m_keyLabel = nullptr;
    CopyField *m_address = nullptr;
    CopyField *m_keyField = nullptr;
    QPushButton *m_copyAs = nullptr;
    FiguresCard *m_figures = nullptr;
    AccountsCard *m_accounts = nullptr;
    NoticeStack *m_notices = nullptr;
    QLabel *m_promise = nullptr;
};

} // namespace kirotray
