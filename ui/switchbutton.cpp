// SPDX-License-Identifier: MIT
#include "ui/switchbutton.h"

#include <QPainter>

namespace kirotray {

SwitchButton::SwitchButton(QWidget *parent)
    : QCheckBox(parent)
{
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void SwitchButton::setTheme(const Theme &theme)
{
    m_theme = theme;
    updateGeometry();
    update();
}

void SwitchButton::setBusy(bool busy)
{
    m_busy = busy;
    update();
}

QSize SwitchButton::sizeHint() const
{
    return {m_theme.px(56), m_theme.px(32)};
}

bool SwitchButton::hitButton(const QPoint &position) const
{
    return !m_busy && rect().contains(position);
}

void SwitchButton::nextCheckState()
{
    if (!m_busy)
        QCheckBox::nextCheckState();
}

void SwitchButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track = QRectF(rect()).adjusted(2, 2, -2, -2);
    const double radius = track.height() / 2;
    const bool isOn = isChecked() && !m_busy;
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.color(isOn ? Ink::AccentFill : Ink::Edge));
    painter.drawRoundedRect(track, radius, radius);
    const double knob = track.height() - 6;
    double left = isOn ? track.right() - knob - 3 : track.left() + 3;
    if (m_busy)
        left = track.center().x() - knob / 2;
    painter.setBrush(Qt::white);
    painter.drawEllipse(QRectF(left, track.top() + 3, knob, knob));
    if (!hasFocus())
        return;
    painter.setPen(QPen(m_theme.color(Ink::Accent), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), radius + 1, radius + 1);
}

} // namespace kirotray
