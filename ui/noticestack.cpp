// SPDX-License-Identifier: MIT
#include "ui/noticestack.h"

#include "app/base/limits.h"
#include "ui/inlinenotice.h"
#include "ui/statustext.h"

#include <QEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace kirotray {

NoticeStack::NoticeStack(QWidget *parent)
    : QWidget(parent)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    const auto notice = [this, column](InlineNotice::Kind kind, const QString &name) {
        auto *made = new InlineNotice(kind, this);
        made->setObjectName(name);
        made->hide();
        column->addWidget(made);
        return made;
    };
    m_quitting = notice(InlineNotice::Kind::Info, u"quittingNotice"_s);
    m_problem = notice(InlineNotice::Kind::Danger, u"problemNotice"_s);
    m_vault = notice(InlineNotice::Kind::Warn, u"vaultNotice"_s);
    m_warning = notice(InlineNotice::Kind::Warn, u"warningsNotice"_s);
    m_tray = notice(InlineNotice::Kind::Info, u"trayNotice"_s);
    connect(m_quitting, &InlineNotice::actionRequested, this, &NoticeStack::quitNowRequested);
    connect(m_problem, &InlineNotice::actionRequested, this, [this] {
        if (m_status.state == ProxyState::Failed)
            emit startRequested();
        else
            emit chooseFilesRequested();
    });
    for (InlineNotice *dismissible : {m_warning, m_tray}) {
        connect(dismissible, &InlineNotice::actionRequested, this, [this, dismissible] {
            dismissible->hide();
            updateVisible();
        });
    }
    retranslate();
}

void NoticeStack::setStatus(const ProxyStatus &status)
{
    m_status = status;
    updateProblem();
}

void NoticeStack::setAccountTotal(int total)
{
    m_accountTotal = total;
    updateProblem();
}

void NoticeStack::setWarnings(const QStringList &warnings)
{
    QStringList different = warnings;
    different.removeDuplicates();
    if (different == m_warnings)
        return;
    m_warnings = different;
    m_warning->setVisible(!m_warnings.isEmpty());
    retranslate();
}

void NoticeStack::setVaultWaiting(bool waiting)
{
    m_vault->setVisible(waiting);
    updateVisible();
}

void NoticeStack::setTrayMissing(bool missing)
{
    m_tray->setVisible(missing);
    updateVisible();
}

void NoticeStack::setQuitting(int runningAnswers)
{
    m_runningAnswers = runningAnswers;
    m_quitting->setVisible(runningAnswers >= 0);
    retranslate();
}

void NoticeStack::setTheme(const Theme &theme)
{
    for (InlineNotice *notice : {m_quitting, m_problem, m_vault, m_warning, m_tray})
        notice->setTheme(theme);
}

void NoticeStack::updateProblem()
{
    // Without any account the accounts card says what to do.
    const bool isOnlyEmpty = m_accountTotal == 0 && m_status.state != ProxyState::Failed;
    const bool isShown = hasProblem(m_status) && !isOnlyEmpty;
    m_problem->setVisible(isShown);
    updateVisible();
    if (!isShown)
        return;
    m_problem->setContent(problemTitle(m_status), problemText(m_status), m_status.problem);
    QString action;
    if (m_status.state == ProxyState::Failed)
        action = tr("Try again");
    else if (m_status.usableAccounts == 0)
        action = tr("Import account file…");
    m_problem->setAction(action);
}

void NoticeStack::retranslate()
{
    const int grace = static_cast<int>(limits::StopGrace.count());
    m_quitting->setContent(
        tr("%n answer(s) still arriving", nullptr, std::max(m_runningAnswers, 0)),
        tr("KiroTray quits when they are through, after %n second(s) at the latest.", nullptr,
           grace));
    m_quitting->setAction(tr("Quit now"));
    m_vault->setContent(tr("The system keychain has not answered yet"),
                        tr("It may be asking for your permission in another window. Accounts "
                           "can be used as soon as it answers."));
    m_warning->setContent(
        tr("Started with %n warning(s)", nullptr, static_cast<int>(m_warnings.size())),
        tr("KiroTray works all the same. Details say what is different."), m_warnings.join(u'\n'));
    m_warning->setAction(tr("Ignore"));
    m_tray->setContent(
        tr("No tray found on this desktop"),
        tr("Closing the window minimises it. The proxy goes on until you quit with Ctrl+Q."));
    m_tray->setAction(tr("OK"));
    updateProblem();
}

void NoticeStack::updateVisible()
{
    const auto notices = {m_quitting, m_problem, m_vault, m_warning, m_tray};
    setVisible(std::any_of(notices.begin(), notices.end(),
                           [](const InlineNotice *notice) { return !notice->isHidden(); }));
}

void NoticeStack::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

} // namespace kirotray
