// SPDX-License-Identifier: MIT
#include "ui/figurescard.h"

#include "app/base/result.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>

namespace kirotray {

FiguresCard::FiguresCard(QWidget *parent)
    : QFrame(parent)
{
    setObjectName(u"card"_s);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(16, 10, 16, 10);
    row->setSpacing(16);
    for (const auto &name : {u"now"_s, u"requests"_s, u"failed"_s}) {
        if (!m_figures.empty()) {
            auto *rule = new QFrame(this);
            rule->setObjectName(u"rule"_s);
            rule->setFixedWidth(1);
            row->addWidget(rule);
        }
        auto *cell = new QVBoxLayout;
        cell->setSpacing(2);
        auto *caption = new QLabel(this);
        caption->setProperty("type", u"small"_s);
        auto *number = new QLabel(this);
        number->setProperty("type", u"number"_s);
        number->setObjectName(name);
        cell->addWidget(caption);
        cell->addWidget(number);
        row->addLayout(cell, 1);
        m_figures.push_back({caption, number});
    }
    retranslate();
}

void FiguresCard::setFigures(std::optional<int> now, qint64 requests, qint64 failed)
{
    m_now = now;
    m_requests = requests;
    m_failed = failed;
    const QLocale locale;
    m_figures[0].number->setText(now ? locale.toString(*now) : u"—"_s);
    m_figures[1].number->setText(locale.toString(requests));
    m_figures[2].number->setText(locale.toString(failed));
}

void FiguresCard::retranslate()
{
    m_figures[0].caption->setText(tr("Right now"));
    m_figures[1].caption->setText(tr("Requests since start"));
    m_figures[2].caption->setText(tr("Of which failed"));
    setFigures(m_now, m_requests, m_failed);
}

void FiguresCard::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QFrame::changeEvent(event);
}

} // namespace kirotray
