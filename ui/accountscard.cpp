// SPDX-License-Identifier: MIT
#include "ui/accountscard.h"

#include "ui/errortext.h"
#include "ui/glyph.h"

#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace kirotray {

namespace {

constexpr size_t MaxOutcomeRows = 8; ///< more files are only counted

QLabel *plainLabel(QWidget *parent, const char *type)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setProperty("type", QLatin1StringView(type));
    return label;
}

} // namespace

AccountsCard::AccountsCard(QWidget *parent)
    : QFrame(parent)
{
    setObjectName(u"card"_s);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(10);
    buildHead(layout);
    buildEmptyState(layout);
    m_list = new QWidget(this);
    layout->addWidget(m_list);
    m_list->hide();
    retranslate();
}

void AccountsCard::buildHead(QVBoxLayout *layout)
{
    auto *head = new QHBoxLayout;
    head->setSpacing(8);
    m_title = plainLabel(this, "subtitle");
    m_count = plainLabel(this, "small");
    m_count->setObjectName(u"accountCount"_s);
    m_import = new QPushButton(this);
    m_import->setObjectName(u"import"_s);
    head->addWidget(m_title);
    head->addWidget(m_count, 1);
    head->addWidget(m_import);
    layout->addLayout(head);
    connect(m_import, &QPushButton::clicked, this, &AccountsCard::chooseFiles);
}

void AccountsCard::buildEmptyState(QVBoxLayout *layout)
{
    m_empty = new QWidget(this);
    m_empty->setObjectName(u"emptyState"_s);
    auto *column = new QVBoxLayout(m_empty);
    column->setContentsMargins(0, 4, 0, 8);
    column->setSpacing(6);
    m_emptyGlyph = new QLabel(m_empty);
    m_emptyTitle = plainLabel(m_empty, "subtitle");
    m_emptyText = plainLabel(m_empty, "small");
    m_emptyText->setWordWrap(true);
    m_emptyText->setAlignment(Qt::AlignHCenter);
    m_importFirst = new QPushButton(m_empty);
    m_importFirst->setObjectName(u"importFirst"_s);
    m_importFirst->setProperty("kind", u"primary"_s);
    column->addWidget(m_emptyGlyph, 0, Qt::AlignHCenter);
    column->addWidget(m_emptyTitle, 0, Qt::AlignHCenter);
    column->addWidget(m_emptyText);
    column->addSpacing(4);
    column->addWidget(m_importFirst, 0, Qt::AlignHCenter);
    layout->addWidget(m_empty);
    connect(m_importFirst, &QPushButton::clicked, this, &AccountsCard::chooseFiles);
}

void AccountsCard::setCounts(int total, int usable)
{
    m_total = total;
    m_usable = usable;
    retranslate();
}

void AccountsCard::showOutcomes(const std::vector<ImportOutcome> &outcomes)
{
    m_outcomes = outcomes;
    std::stable_partition(m_outcomes.begin(), m_outcomes.end(),
                          [](const ImportOutcome &outcome) { return outcome.error.has_value(); });
    rebuildOutcomes();
}

void AccountsCard::setTheme(const Theme &theme)
{
    m_theme = theme;
    m_import->setIcon(glyphIcon(u"import"_s, theme.color(Ink::Text)));
    m_importFirst->setIcon(glyphIcon(u"import"_s, theme.color(Ink::OnAccent)));
    m_emptyGlyph->setPixmap(
        glyphPixmap(u"nav-accounts"_s, theme.color(Ink::Text2), theme.px(28), devicePixelRatioF()));
    rebuildOutcomes();
}

void AccountsCard::chooseFiles()
{
    auto *dialog = new QFileDialog(this, tr("Import account files"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters({tr("Account files (*.json)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::filesSelected, this, &AccountsCard::importRequested);
    dialog->open();
}

void AccountsCard::retranslate()
{
    const bool isEmpty = m_total == 0;
    m_title->setText(tr("Accounts"));
    m_count->setText(tr("%1, %2 of them usable").arg(m_total).arg(m_usable));
    m_count->setVisible(!isEmpty);
    m_import->setText(tr("Import account file…"));
    m_import->setVisible(!isEmpty);
    m_empty->setVisible(isEmpty);
    m_emptyTitle->setText(tr("No accounts yet"));
    m_emptyText->setText(tr("Import the account file that Kiro or another tool has saved. The "
                            "file itself is not changed."));
    m_importFirst->setText(tr("Import account file…"));
}

void AccountsCard::rebuildOutcomes()
{
    qDeleteAll(m_list->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly));
    delete m_list->layout();
    auto *grid = new QGridLayout(m_list);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(2);
    grid->setColumnStretch(1, 1);
    const size_t rows = std::min(m_outcomes.size(), MaxOutcomeRows);
    for (size_t i = 0; i < rows; ++i)
        addOutcomeRow(m_outcomes[i]);
    if (rows < m_outcomes.size()) {
        QLabel *more = plainLabel(m_list, "small");
        more->setText(
            tr("and %n more file(s)", nullptr, static_cast<int>(m_outcomes.size() - rows)));
        grid->addWidget(more, grid->rowCount(), 1);
    }
    m_list->setVisible(!m_outcomes.empty());
}

void AccountsCard::addOutcomeRow(const ImportOutcome &outcome)
{
    auto *grid = static_cast<QGridLayout *>(m_list->layout());
    const int row = grid->rowCount();
    const bool isNothing = !outcome.error && outcome.added + outcome.updated == 0;
    QString text = tr("%1 added, %2 updated").arg(outcome.added).arg(outcome.updated);
    if (outcome.error && outcome.error->code == Error::Code::BadInput)
        text = tr("Not an account file that KiroTray knows. Nothing was taken from it.");
    else if (outcome.error)
        text = errorText(outcome.error->code);
    else if (isNothing)
        text = tr("No account in it");

    auto *icon = new QLabel(m_list);
    const Ink ink = outcome.error ? Ink::Danger : isNothing ? Ink::Warn : Ink::Accent;
    const QString glyph = outcome.error ? u"status-error"_s
        : isNothing                     ? u"status-warn"_s
                                        : u"status-ok"_s;
    icon->setPixmap(glyphPixmap(glyph, m_theme.color(ink), m_theme.px(16), devicePixelRatioF()));
    QLabel *name = plainLabel(m_list, "strong");
    name->setText(fontMetrics().elidedText(QFileInfo(outcome.file).fileName(), Qt::ElideMiddle,
                                           m_theme.px(320)));
    name->setToolTip(outcome.file);
    QLabel *sentence = plainLabel(m_list, "small");
    sentence->setObjectName(u"outcome"_s);
    sentence->setWordWrap(true);
    sentence->setText(text);
    const int gap = row > 1 ? m_theme.px(8) : 0; // to the file above
    icon->setContentsMargins(0, gap, 0, 0);
    name->setContentsMargins(0, gap, 0, 0);
    grid->addWidget(icon, row, 0, Qt::AlignTop);
    grid->addWidget(name, row, 1);
    grid->addWidget(sentence, row + 1, 1);
    if (!outcome.error || outcome.error->what.isEmpty())
        return;
    QLabel *details = plainLabel(m_list, "details");
    details->setWordWrap(true);
    details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    details->setText(describe(*outcome.error));
    details->setFont(m_theme.monoFont());
    grid->addWidget(details, row + 2, 1);
}

void AccountsCard::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        rebuildOutcomes();
    }
    QFrame::changeEvent(event);
}

} // namespace kirotray
