// SPDX-License-Identifier: MIT
#include "ui/imagescaler.h"

#include <QBuffer>
#include <QImage>
#include <QRandomGenerator>
#include <QTest>

using namespace kirotray;

namespace {

/// Noise does not compress: its file is as large as a photograph's.
std::string noisyImage(QSize size, QImage::Format format, const char *fileFormat)
{
    QImage image(size, format);
    QRandomGenerator random(7);
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            image.setPixel(x, y, random.generate());
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, fileFormat);
    return bytes.toStdString();
}

QImage imageIn(const std::string &file)
{
    return QImage::fromData(QByteArray(file.data(), static_cast<qsizetype>(file.size())));
}

} // namespace

class TstImageScaler : public QObject
{
    Q_OBJECT

private slots:
    void makesImagesFit_data();
    void makesImagesFit();
    void keepsTransparency();
    void leavesASmallImageItsSize();
    void givesNothingForWhatIsNoImage();
};

void TstImageScaler::makesImagesFit_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("maxSide");
    QTest::addColumn<int>("maxBytes");
    QTest::addColumn<QSize>("expected"); // empty: only the bounds hold
    QTest::addRow("wide") << QSize(800, 200) << 400 << 10'000'000 << QSize(400, 100);
    QTest::addRow("tall") << QSize(200, 800) << 400 << 10'000'000 << QSize(100, 400);
    QTest::addRow("too many bytes as PNG, not as JPEG")
        << QSize(300, 300) << 300 << 150'000 << QSize(300, 300);
    QTest::addRow("too many bytes in both") << QSize(500, 500) << 500 << 20'000 << QSize();
}

void TstImageScaler::makesImagesFit()
{
    QFETCH(const QSize, size);
    QFETCH(const int, maxSide);
    QFETCH(const int, maxBytes);
    QFETCH(const QSize, expected);
    const std::string scaled =
        scaleImage(noisyImage(size, QImage::Format_RGB32, "PNG"), maxSide, maxBytes);
    QVERIFY(!scaled.empty());
    QVERIFY(scaled.size() <= std::size_t(maxBytes));
    const QImage image = imageIn(scaled);
    QVERIFY(!image.isNull());
    QVERIFY(qMax(image.width(), image.height()) <= maxSide);
    if (expected.isValid())
        QCOMPARE(image.size(), expected);
}

void TstImageScaler::keepsTransparency()
{
    const std::string scaled =
        scaleImage(noisyImage(QSize(400, 400), QImage::Format_ARGB32, "PNG"), 100, 10'000'000);
    QVERIFY(imageIn(scaled).hasAlphaChannel());
}

void TstImageScaler::leavesASmallImageItsSize()
{
    const std::string file = noisyImage(QSize(90, 30), QImage::Format_RGB32, "PNG");
    QCOMPARE(imageIn(scaleImage(file, 400, 10'000'000)).size(), QSize(90, 30));
}

void TstImageScaler::givesNothingForWhatIsNoImage()
{
    QVERIFY(scaleImage("no image", 400, 10'000).empty());
    QVERIFY(scaleImage({}, 400, 10'000).empty());
    const std::string file = noisyImage(QSize(200, 200), QImage::Format_RGB32, "PNG");
    QVERIFY(scaleImage(file, 400, 100).empty()); // nothing recognisable is that small
}

QTEST_GUILESS_MAIN(TstImageScaler)
#include "tst_imagescaler.moc"
