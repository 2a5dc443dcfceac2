// SPDX-License-Identifier: MIT
#pragma once

#include "ui/theme.h"

#include <QCheckBox>

namespace kirotray {

/// An on/off switch; to assistive programs a check box. Only clicked() tells of the user.
class SwitchButton : public QCheckBox
{
    Q_OBJECT
public:
    explicit SwitchButton(QWidget *parent = nullptr);
    void setTheme(const Theme &theme);
    /// Between on and off: the knob stands in the middle and clicks do nothing.
    void setBusy(bool busy);
    bool isBusy() const { return m_busy; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    bool hitButton(const QPoint &position) const override;
    void nextCheckState() override;
    void paintEvent(QPaintEvent *event) override;

private:
    Theme m_theme {false};
    bool m_busy = false;
};

} // namespace kirotray
