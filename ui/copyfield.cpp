// SPDX-License-Identifier: MIT
#include "ui/copyfield.h"

#include "app/base/result.h"
#include "ui/clipboard.h"
#include "ui/glyph.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>

namespace kirotray {

namespace {

constexpr std::chrono::milliseconds CopiedTick {1500};

/// The prefix up to the first dash and the last four characters, so that two keys can be told
/// apart. Short ones show nothing.
QString maskedKey(const QString &key)
{
    const QString dots(12, u'•');
    if (key.isEmpty())
        return {};
    if (key.size() < 16)
        return dots;
    const qsizetype dash = key.indexOf(u'-');
    const QString prefix = dash >= 0 && dash < 4 ? key.first(dash + 1) : QString();
    return prefix + dots + key.last(4);
}

} // namespace

CopyField::CopyField(Kind kind, QWidget *parent)
    : QFrame(parent)
    , m_kind(kind)
{
    setObjectName(u"field"_s);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(1, 1, 4, 1);
    layout->setSpacing(2);
    m_edit = new QLineEdit(this);
    m_edit->setReadOnly(true);
    layout->addWidget(m_edit, 1);
    if (kind == Kind::Secret) {
        m_eye = new QToolButton(this);
        m_eye->setObjectName(u"reveal"_s);
        m_eye->setFocusPolicy(Qt::StrongFocus);
        layout->addWidget(m_eye);
        connect(m_eye, &QToolButton::clicked, this, [this] { setRevealed(!m_revealed); });
    }
    m_copy = new QToolButton(this);
    m_copy->setObjectName(u"copy"_s);
    m_copy->setFocusPolicy(Qt::StrongFocus);
    layout->addWidget(m_copy);
    connect(m_copy, &QToolButton::clicked, this, &CopyField::copy);
    m_copied.setSingleShot(true);
    connect(&m_copied, &QTimer::timeout, this, &CopyField::updateView);
    updateView();
}

void CopyField::setText(const QString &text)
{
    m_text = text;
    updateView();
}

void CopyField::setSecret(const Secret &secret)
{
    m_secret = secret;
    updateView();
}

void CopyField::setNames(const QString &what, const QString &copyWhat)
{
    m_edit->setAccessibleName(what);
    m_copyWhat = copyWhat;
    updateView();
}

void CopyField::setTheme(const Theme &theme)
{
    m_theme = theme;
    m_edit->setFont(theme.monoFont());
    updateView();
}

void CopyField::copy()
{
    if (value().isEmpty())
        return;
    if (m_kind == Kind::Secret)
        copySecretText(value());
    else
        copyText(value());
    m_copied.start(CopiedTick);
    updateView();
}

void CopyField::setRevealed(bool revealed)
{
    if (m_kind == Kind::Plain || m_revealed == revealed)
        return;
    m_revealed = revealed;
    updateView();
}

QString CopyField::value() const
{
    return m_kind == Kind::Secret ? QString::fromUtf8(m_secret.reveal()) : m_text;
}

void CopyField::updateView()
{
    const QString text = value();
    const bool isMasked = m_kind == Kind::Secret && !m_revealed;
    const QString shown = text.isEmpty() ? u"—"_s : isMasked ? maskedKey(text) : text;
    if (m_edit->text() != shown) {
        m_edit->setText(shown);
        m_edit->setCursorPosition(0);
    }
    const QColor ink = m_theme.color(Ink::Text2);
    if (m_eye) {
        m_eye->setIcon(glyphIcon(m_revealed ? u"eye-off"_s : u"eye"_s, ink));
        m_eye->setToolTip(m_revealed ? tr("Hide key") : tr("Show key"));
        m_eye->setAccessibleName(m_eye->toolTip());
        m_eye->setEnabled(!text.isEmpty());
    }
    const bool isTicked = m_copied.isActive();
    m_copy->setIcon(isTicked ? glyphIcon(u"check"_s, m_theme.color(Ink::Accent))
                             : glyphIcon(u"copy"_s, ink));
    m_copy->setToolTip(isTicked ? tr("Copied") : m_copyWhat);
    m_copy->setAccessibleName(m_copy->toolTip());
    m_copy->setEnabled(!text.isEmpty());
}

} // namespace kirotray
