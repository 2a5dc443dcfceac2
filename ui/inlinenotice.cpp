// SPDX-License-Identifier: MIT
#include "ui/inlinenotice.h"

#include "app/base/result.h"
#include "ui/clipboard.h"
#include "ui/glyph.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace kirotray {

namespace {

struct NoticeLook
{
    QLatin1StringView name; ///< of the style sheet
    QLatin1StringView glyph;
    Ink ink;
};

NoticeLook noticeLook(InlineNotice::Kind kind)
{
    switch (kind) {
    case InlineNotice::Kind::Danger:
        return {"danger"_L1, "status-error"_L1, Ink::Danger};
    case InlineNotice::Kind::Warn:
        return {"warn"_L1, "status-warn"_L1, Ink::Warn};
    case InlineNotice::Kind::Info:
        break;
    }
    return {"info"_L1, "status-info"_L1, Ink::Info};
}

} // namespace

InlineNotice::InlineNotice(Kind kind, QWidget *parent)
    : QFrame(parent)
    , m_kind(kind)
{
    setProperty("notice", QString(noticeLook(kind).name));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(12, 10, 12, 10);
    row->setSpacing(10);
    m_icon = new QLabel(this);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    auto *column = new QVBoxLayout;
    column->setSpacing(4);
    row->addLayout(column, 1);
    for (QLabel **label : {&m_title, &m_text, &m_details}) {
        *label = new QLabel(this);
        (*label)->setWordWrap(true);
        (*label)->setTextFormat(Qt::PlainText);
        column->addWidget(*label);
    }
    m_title->setProperty("type", u"strong"_s);
    m_details->setProperty("type", u"details"_s);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->setContentsMargins(0, 4, 0, 0);
    column->addLayout(buttons);
    for (QPushButton **button : {&m_action, &m_toggle, &m_copy}) {
        *button = new QPushButton(this);
        buttons->addWidget(*button);
    }
    buttons->addStretch();
    m_action->hide();
    m_action->setObjectName(u"action"_s);
    m_toggle->setObjectName(u"details"_s);
    m_toggle->setProperty("kind", u"quiet"_s);
    m_copy->setProperty("kind", u"quiet"_s);
    connect(m_action, &QPushButton::clicked, this, &InlineNotice::actionRequested);
    connect(m_toggle, &QPushButton::clicked, this, [this] {
        m_detailsShown = !m_detailsShown;
        updateView();
    });
    connect(m_copy, &QPushButton::clicked, this, [this] { copyText(m_details->text()); });
    updateView();
}

void InlineNotice::setContent(const QString &title, const QString &text, const QString &details)
{
    m_title->setText(title);
    m_text->setText(text);
    m_details->setText(details);
    setAccessibleName(title);
    updateView();
}

void InlineNotice::setAction(const QString &label)
{
    m_action->setText(label);
    updateView();
}

void InlineNotice::setTheme(const Theme &theme)
{
    m_theme = theme;
    updateView();
}

void InlineNotice::updateView()
{
    const NoticeLook look = noticeLook(m_kind);
    m_icon->setPixmap(
        glyphPixmap(look.glyph, m_theme.color(look.ink), m_theme.px(18), devicePixelRatioF()));
    m_text->setVisible(!m_text->text().isEmpty());
    const bool hasDetails = !m_details->text().isEmpty();
    m_details->setVisible(hasDetails && m_detailsShown);
    m_action->setVisible(!m_action->text().isEmpty());
    m_toggle->setVisible(hasDetails);
    m_toggle->setText(m_detailsShown ? tr("Hide details") : tr("Details"));
    m_copy->setVisible(hasDetails);
    m_copy->setText(tr("Copy details"));
}

void InlineNotice::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        updateView();
    QFrame::changeEvent(event);
}

} // namespace kirotray
