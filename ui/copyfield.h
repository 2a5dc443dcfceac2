// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/secret.h"
#include "ui/theme.h"

#include <QFrame>
#include <QTimer>

class QLineEdit;
class QToolButton;

namespace kirotray {

/// A read-only value with a copy button. A secret value is hidden until the user asks, has an eye
/// button, and is copied with the marks of copySecretText().
class CopyField : public QFrame
{
    Q_OBJECT
public:
    enum class Kind { Plain, Secret };
    explicit CopyField(Kind kind, QWidget *parent = nullptr);

    void setText(const QString &text);
    void setSecret(const Secret &secret);
    /// `what` is the accessible name of the value ("Address"), `copyWhat` of the copy button
    /// ("Copy address").
    void setNames(const QString &what, const QString &copyWhat);
    void setTheme(const Theme &theme);

public slots:
    void copy();
    void setRevealed(bool revealed);

private:
    void updateView();
    QString value() const;

    Kind m_kind;
    QString m_text;
    Secret m_secret;
    QString m_copyWhat;
    Theme m_theme {false};
    bool m_revealed = false;
    QLineEdit *m_edit = nullptr;
    QToolButton *m_eye = nullptr; ///< null for a plain value
    QToolButton *m_copy = nullptr;
    QTimer m_copied; ///< runs while the button shows its tick
};

} // namespace kirotray
