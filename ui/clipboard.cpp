// SPDX-License-Identifier: MIT
#include "ui/clipboard.h"

#include "app/base/result.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>

namespace kirotray {

void copyText(const QString &text)
{
    QGuiApplication::clipboard()->setText(text);
}

void copySecretText(const QString &text)
{
    auto *content = new QMimeData;
    content->setText(text);
#if defined(Q_OS_WIN)
    content->setData(
        u"application/x-qt-windows-mime;value=\"ExcludeClipboardContentFromMonitorProcessing\""_s,
        QByteArray(4, '\0'));
#elif defined(Q_OS_MACOS)
    content->setData(u"application/x-nspasteboard-concealed-type"_s, text.toUtf8());
#else
    content->setData(u"x-kde-passwordManagerHint"_s, QByteArrayLiteral("secret"));
#endif
    QGuiApplication::clipboard()->setMimeData(content);
}

} // namespace kirotray
