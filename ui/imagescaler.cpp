// SPDX-License-Identifier: MIT
#include "ui/imagescaler.h"

#include <QBuffer>
#include <QImage>
#include <QImageReader>
#include <QImageWriter>

namespace kirotray {

namespace {

constexpr int JpegQuality = 85;
constexpr int MinSide = 64; ///< pixels; smaller shows nothing any more
/// Scaling works with four bytes a pixel and a copy: about 1 GB for this many.
constexpr qint64 MaxPixels = 128 * 1000 * 1000;

QImage decodedImage(std::string_view file)
{
    const QByteArray bytes =
        QByteArray::fromRawData(file.data(), static_cast<qsizetype>(file.size()));
    QBuffer buffer;
    buffer.setData(bytes);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer);
    reader.setAutoTransform(true);
    const QSize size = reader.size();
    if (!size.isValid() || qint64(size.width()) * size.height() > MaxPixels)
        return {};
    return reader.read();
}

QByteArray encodedImage(const QImage &image, const QByteArray &format)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QImageWriter writer(&buffer, format);
    if (format == "jpeg")
        writer.setQuality(JpegQuality);
    return writer.write(image) ? bytes : QByteArray();
}

} // namespace

std::string scaleImage(std::string_view file, int maxSide, qsizetype maxBytes)
{
    const QImage original = decodedImage(file);
    if (original.isNull())
        return {};
    const QList<QByteArray> formats =
        original.hasAlphaChannel() ? QList<QByteArray> {"png"} : QList<QByteArray> {"png", "jpeg"};
    for (int side = qMin(maxSide, qMax(original.width(), original.height())); side >= MinSide;
         side = side * 3 / 4) {
        const QImage scaled = qMax(original.width(), original.height()) <= side
            ? original
            : original.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
        for (const QByteArray &format : formats) {
            const QByteArray bytes = encodedImage(scaled, format);
            if (!bytes.isEmpty() && bytes.size() <= maxBytes)
                return bytes.toStdString();
        }
    }
    return {};
}

} // namespace kirotray
