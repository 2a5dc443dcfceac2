// SPDX-License-Identifier: MIT
#include "ui/glyph.h"

#include "app/base/result.h"

#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace kirotray {

namespace {

QPixmap renderedSvg(const QString &name, const QSize &size)
{
    if (size.isEmpty())
        return {}; // a button that has no room yet
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer renderer(u":/icons/"_s + name + u".svg"_s);
    renderer.setAspectRatioMode(Qt::KeepAspectRatio);
    renderer.render(&painter);
    return pixmap;
}

/// QtSvg knows no currentColor: the strokes' alpha is filled with the colour.
QPixmap tintedSvg(const QString &name, const QColor &color, const QSize &size)
{
    const QString key = u"kirotray/%1/%2/%3x%4"_s.arg(name, color.name(QColor::HexArgb))
                            .arg(size.width())
                            .arg(size.height());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = renderedSvg(name, size);
    if (pixmap.isNull())
        return pixmap;
    QPainter painter(&pixmap);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(pixmap.rect(), color);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

class GlyphEngine : public QIconEngine
{
public:
    GlyphEngine(QString name, QColor color)
        : m_name(std::move(name))
        , m_color(color)
    {
    }
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const QSize size = rect.size() * painter->device()->devicePixelRatioF();
        painter->drawPixmap(rect, pixmap(size, mode, state));
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State) override
    {
        QColor color = m_color;
        if (mode == QIcon::Disabled)
            color.setAlphaF(0.5F);
        return tintedSvg(m_name, color, size);
    }
    QIconEngine *clone() const override { return new GlyphEngine(*this); }

private:
    QString m_name;
    QColor m_color;
};

} // namespace

QIcon glyphIcon(const QString &name, const QColor &color)
{
    return QIcon(new GlyphEngine(name, color));
}

QPixmap glyphPixmap(const QString &name, const QColor &color, int size, qreal devicePixelRatio)
{
    QPixmap pixmap = tintedSvg(name, color, QSize(size, size) * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

QIcon coloredIcon(const QString &name)
{
    QIcon icon;
    for (const int size : {16, 20, 22, 24, 32, 44, 48, 64})
        icon.addPixmap(renderedSvg(name, {size, size}));
    return icon;
}

} // namespace kirotray
