// SPDX-License-Identifier: MIT
#pragma once

#include "ui/theme.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace kirotray {

/// A problem on the page: cause, consequence, at most one action; details can be shown and copied.
/// It stays until it is solved.
class InlineNotice : public QFrame
{
    Q_OBJECT
public:
    enum class Kind { Danger, Warn, Info };
    explicit InlineNotice(Kind kind, QWidget *parent = nullptr);

    /// `details`: the exact words, English; empty for none.
    void setContent(const QString &title, const QString &text, const QString &details = {});
    /// An empty label takes the button away.
    void setAction(const QString &label);
    void setTheme(const Theme &theme);

signals:
    void actionRequested();

protected:
    void changeEvent(QEvent *event) override;

private:
    void updateView();

    Kind m_kind;
    Theme m_theme {false};
    QLabel *m_icon = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_text = nullptr;
    QLabel *m_details = nullptr;
    QPushButton *m_action = nullptr;
    QPushButton *m_toggle = nullptr;
    QPushButton *m_copy = nullptr;
    bool m_detailsShown = false;
};

} // namespace kirotray
