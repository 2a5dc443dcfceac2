// SPDX-License-Identifier: MIT
#include "ui/statuswindow.h"

#include "ui/accountscard.h"
#include "ui/clipboard.h"
#include "ui/copyfield.h"
#include "ui/figurescard.h"
#include "ui/glyph.h"
#include "ui/noticestack.h"
#include "ui/snippets.h"
#include "ui/statustext.h"
#include "ui/switchbutton.h"

#include <QApplication>
#include <QCloseEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QShortcut>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace kirotray {

namespace {

constexpr std::chrono::seconds UptimeTick {30};
constexpr int WindowWidth = 460;

QLabel *typedLabel(QWidget *parent, const char *type)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setProperty("type", QLatin1StringView(type));
    return label;
}

QFrame *newCard(QWidget *parent)
{
    auto *card = new QFrame(parent);
    card->setObjectName(u"card"_s);
    return card;
}

} // namespace

StatusWindow::StatusWindow(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(u"statusWindow"_s);
    setWindowTitle(u"KiroTray"_s);
    setWindowIcon(coloredIcon(u"app"_s));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    layout->addWidget(scroll);
    m_page = new QWidget;
    m_page->setObjectName(u"page"_s);
    auto *column = new QVBoxLayout(m_page);
    column->setContentsMargins(16, 16, 16, 12);
    column->setSpacing(12);
    buildPage(column);
    scroll->setWidget(m_page);
    m_page->installEventFilter(this);
    buildShortcuts();
    m_tick.setInterval(UptimeTick);
    connect(&m_tick, &QTimer::timeout, this, &StatusWindow::updateState);
    applyTheme(Theme::fromSystem());
    retranslate();
}

StatusWindow::~StatusWindow() = default;

void StatusWindow::buildPage(QVBoxLayout *layout)
{
    layout->addWidget(buildProxyCard());
    m_notices = new NoticeStack(m_page);
    layout->addWidget(m_notices);
    m_figures = new FiguresCard(m_page);
    layout->addWidget(m_figures);
    m_accounts = new AccountsCard(m_page);
    layout->addWidget(m_accounts);
    connect(m_accounts, &AccountsCard::importRequested, this, &StatusWindow::importRequested);
    connect(m_notices, &NoticeStack::startRequested, this, &StatusWindow::startRequested);
    connect(m_notices, &NoticeStack::chooseFilesRequested, m_accounts, &AccountsCard::chooseFiles);
    connect(m_notices, &NoticeStack::quitNowRequested, this, &StatusWindow::quitNowRequested);
    m_promise = typedLabel(m_page, "small");
    m_promise->setWordWrap(true);
    layout->addWidget(m_promise);
    layout->addStretch();
}

QWidget *StatusWindow::buildProxyCard()
{
    QFrame *card = newCard(m_page);
    auto *column = new QVBoxLayout(card);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(16);
    auto *head = new QHBoxLayout;
    head->setSpacing(16);
    m_switch = new SwitchButton(card);
    m_switch->setObjectName(u"switch"_s);
    connect(m_switch, &SwitchButton::clicked, this, &StatusWindow::toggleProxy);
    head->addWidget(m_switch, 0, Qt::AlignVCenter);
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    m_lead = typedLabel(card, "lead");
    m_lead->setObjectName(u"lead"_s);
    m_sub = typedLabel(card, "small");
    m_sub->setObjectName(u"sub"_s);
    words->addWidget(m_lead);
    words->addWidget(m_sub);
    head->addLayout(words, 1);
    m_copyAs = new QPushButton(card);
    m_copyAs->setObjectName(u"copyAs"_s);
    m_copyAs->setMenu(new QMenu(m_copyAs));
    head->addWidget(m_copyAs, 0, Qt::AlignVCenter);
    column->addLayout(head);

    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(8);
    grid->setColumnStretch(1, 1);
    m_addressLabel = typedLabel(card, "small");
    m_keyLabel = typedLabel(card, "small");
    m_address = new CopyField(CopyField::Kind::Plain, card);
    m_keyField = new CopyField(CopyField::Kind::Secret, card);
    grid->addWidget(m_addressLabel, 0, 0);
    grid->addWidget(m_address, 0, 1);
    grid->addWidget(m_keyLabel, 1, 0);
    grid->addWidget(m_keyField, 1, 1);
    column->addLayout(grid);
    return card;
}

void StatusWindow::buildShortcuts()
{
    const auto shortcut = [this](const QKeySequence &keys, void (StatusWindow::*slot)()) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, slot);
    };
    shortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), &StatusWindow::copyAddress);
    shortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), &StatusWindow::toggleProxy);
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_W), &StatusWindow::closeRequested);
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_Q), &StatusWindow::quitRequested);
}

QSize StatusWindow::sizeHint() const
{
    const int room = screen()->availableGeometry().height() - m_theme.px(60);
    // Before the first sight no layout has heard of fonts and hidden parts: tell them, inner first.
    m_page->ensurePolished();
    const QList<QWidget *> parts = m_page->findChildren<QWidget *>();
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        if ((*part)->layout())
            (*part)->layout()->activate();
    m_page->layout()->activate();
    const int width = std::max(m_theme.px(WindowWidth), neededWidth());
    const int height = m_page->heightForWidth(width);
    return {width, std::min(height, room)};
}

int StatusWindow::neededWidth() const
{
    return std::max(m_theme.px(400),
                    m_page->minimumSizeHint().width()
                        + style()->pixelMetric(QStyle::PM_ScrollBarExtent));
}

void StatusWindow::setTheme(const Theme &theme)
{
    m_followsSystem = false;
    applyTheme(theme);
}

void StatusWindow::applyTheme(const Theme &theme)
{
    m_theme = theme;
    setPalette(theme.palette());
    setFont(theme.textFont());
    setStyleSheet(theme.styleSheet());
    setMinimumHeight(theme.px(320));
    m_copyAs->menu()->setPalette(theme.palette());
    m_switch->setTheme(theme);
    m_address->setTheme(theme);
    m_keyField->setTheme(theme);
    m_accounts->setTheme(theme);
    m_notices->setTheme(theme);
    m_copyAs->setIcon(glyphIcon(u"chevron-down"_s, theme.color(Ink::Text2)));
    m_copyAs->setLayoutDirection(Qt::RightToLeft); // the arrow follows the text
    m_copyAs->menu()->setLayoutDirection(Qt::LeftToRight);
}

void StatusWindow::setStatus(const ProxyStatus &status)
{
    m_status = status;
    m_accounts->setCounts(m_accountTotal, status.usableAccounts);
    m_address->setText(addressText(status.baseUrl));
    updateState();
    updateFigures();
    m_notices->setStatus(status);
}

void StatusWindow::setApiKey(const Secret &key)
{
    m_key = key;
    m_keyField->setSecret(key);
}

void StatusWindow::setAccountTotal(int total)
{
    m_accountTotal = total;
    m_accounts->setCounts(total, m_status.usableAccounts);
    m_notices->setAccountTotal(total);
}

void StatusWindow::countRequest(const FlowRecord &flow)
{
    ++m_requests;
    // A client that hangs up is no failure of ours.
    if (flow.outcome != "ok"_L1 && flow.outcome != "client-gone"_L1)
        ++m_failed;
    updateFigures();
}

void StatusWindow::setWarnings(const QStringList &warnings)
{
    m_notices->setWarnings(warnings);
}

void StatusWindow::setVaultWaiting(bool waiting)
{
    m_notices->setVaultWaiting(waiting);
}

void StatusWindow::setTrayMissing(bool missing)
{
    m_notices->setTrayMissing(missing);
}

void StatusWindow::setQuitting(int runningAnswers)
{
    m_notices->setQuitting(runningAnswers);
}

void StatusWindow::showOutcomes(const std::vector<ImportOutcome> &outcomes)
{
    m_accounts->showOutcomes(outcomes);
}

void StatusWindow::copyAddress()
{
    m_address->copy();
}

void StatusWindow::copyKey()
{
    m_keyField->copy();
}

void StatusWindow::copySnippet(Snippet snippet)
{
    copySecretText(snippetText(snippet, m_status.baseUrl, m_key));
}

void StatusWindow::toggleProxy()
{
    if (m_status.state == ProxyState::Running)
        emit stopRequested();
    else if (m_status.state == ProxyState::Stopped || m_status.state == ProxyState::Failed)
        emit startRequested();
}

void StatusWindow::updateState()
{
    const ProxyState state = m_status.state;
    const bool isRunning = state == ProxyState::Running;
    const bool isBetween = state == ProxyState::Starting || state == ProxyState::Stopping;
    m_switch->setBusy(isBetween);
    m_switch->setChecked(isRunning);
    m_switch->setToolTip(isBetween ? stateWord(state) : QString());
    m_lead->setText(isRunning                          ? tr("Proxy is running")
                        : state == ProxyState::Stopped ? tr("Proxy is stopped")
                                                       : stateWord(state));
    const QString reach = isThisComputerOnly(m_status.baseUrl)
        ? tr("this computer only")
        : tr("other devices on this network can connect");
    const qint64 seconds = m_status.since.secsTo(QDateTime::currentDateTimeUtc());
    QString sub = tr("Apps get no answer");
    if (isRunning)
        sub = tr("Up %1").arg(durationText(seconds)) + u" · "_s + reach;
    else if (isBetween && m_status.activeRequests > 0)
        sub = tr("%n answer(s) still arriving", nullptr, m_status.activeRequests);
    m_sub->setText(sub);
    m_copyAs->setEnabled(isRunning);
    m_copyAs->setToolTip(isRunning ? QString() : tr("The proxy has no address while it is off"));
}

void StatusWindow::updateFigures()
{
    const bool isAnswering =
        m_status.state == ProxyState::Running || m_status.state == ProxyState::Stopping;
    m_figures->setFigures(isAnswering ? std::optional(m_status.activeRequests) : std::nullopt,
                          m_requests, m_failed);
}

void StatusWindow::retranslate()
{
    m_switch->setAccessibleName(tr("Proxy"));
    m_addressLabel->setText(tr("Address"));
    m_keyLabel->setText(tr("Key"));
    m_address->setNames(tr("Address"), tr("Copy address"));
    m_keyField->setNames(tr("Key"), tr("Copy key"));
    m_copyAs->setText(tr("Copy as…"));
    QMenu *menu = m_copyAs->menu();
    menu->clear();
    menu->addAction(tr("Claude Code, bash or zsh"), this,
                    [this] { copySnippet(Snippet::ClaudeBash); });
    menu->addAction(tr("Claude Code, PowerShell"), this,
                    [this] { copySnippet(Snippet::ClaudePowerShell); });
    menu->addAction(tr("curl, to try it"), this, [this] { copySnippet(Snippet::Curl); });
    m_promise->setText(
        tr("For your own accounts only. Not affiliated with Kiro or AWS; their terms apply."));
    updateState();
}

bool StatusWindow::event(QEvent *event)
{
    if (event->type() == QEvent::ApplicationPaletteChange && m_followsSystem)
        applyTheme(Theme::fromSystem());
    return QWidget::event(event);
}

bool StatusWindow::eventFilter(QObject *watched, QEvent *event)
{
    // Longer words, of another language or a new notice, widen the window; it never scrolls
    // sideways.
    if (watched == m_page && event->type() == QEvent::LayoutRequest)
        setMinimumWidth(neededWidth());
    return QWidget::eventFilter(watched, event);
}

void StatusWindow::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::ActivationChange && !isActiveWindow())
        m_keyField->setRevealed(false);
    QWidget::changeEvent(event);
}

void StatusWindow::closeEvent(QCloseEvent *event)
{
    event->ignore();
    emit closeRequested();
}

void StatusWindow::showEvent(QShowEvent *event)
{
    updateState();
    m_tick.start();
    QWidget::showEvent(event);
}

void StatusWindow::hideEvent(QHideEvent *event)
{
    m_tick.stop();
    m_keyField->setRevealed(false);
    QWidget::hideEvent(event);
}

} // namespace kirotray
