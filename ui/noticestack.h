// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"
#include "ui/theme.h"

#include <QWidget>

namespace kirotray {

class InlineNotice;

/// What needs attention, as inline notices below one another; takes no room when there is nothing.
class NoticeStack : public QWidget
{
    Q_OBJECT
public:
    explicit NoticeStack(QWidget *parent = nullptr);

    void setStatus(const ProxyStatus &status);
    void setAccountTotal(int total);
    /// The same list again does not bring a notice back that was put away.
    void setWarnings(const QStringList &warnings);
    void setVaultWaiting(bool waiting);
    void setTrayMissing(bool missing);
    /// Negative: the program does not end.
    void setQuitting(int runningAnswers);
    void setTheme(const Theme &theme);

signals:
    void startRequested();
    void chooseFilesRequested();
    void quitNowRequested();

protected:
    void changeEvent(QEvent *event) override;

private:
    void updateProblem();
    void retranslate();
    void updateVisible();

    ProxyStatus m_status;
    int m_accountTotal = 0;
    QStringList m_warnings;
    int m_runningAnswers = -1;
    InlineNotice *m_quitting = nullptr;
    InlineNotice *m_problem = nullptr;
    InlineNotice *m_vault = nullptr;
    InlineNotice *m_warning = nullptr;
    InlineNotice *m_tray = nullptr;
};

} // namespace kirotray
