// SPDX-License-Identifier: MIT
#include "app/chat/imagefacts.h"
#include "tests/samplepictures.h"

#include <QRandomGenerator>
#include <QTest>

using namespace kirotray;

namespace {

using Format = ImageFacts::Format;

QByteArray bytesOf(const std::string &base64)
{
    return QByteArray::fromBase64(QByteArray::fromStdString(base64));
}

std::string fileOf(const std::string &base64)
{
    return bytesOf(base64).toStdString();
}

/// A JPEG whose frame header comes behind `segments` pieces of 64 KiB.
std::string jpegBehind(int segments)
{
    std::string file("\xFF\xD8", 2);
    for (int i = 0; i < segments; ++i)
        file += std::string("\xFF\xE2\xFF\xFF", 4) + std::string(65533, '\x11');
    return file + std::string("\xFF\xFF\xC2\x00\x0B\x08\x01\x02\x03\x04\x01\x00\x11\x00", 14);
}

} // namespace

class TstImageFacts : public QObject
{
    Q_OBJECT

private slots:
    void tellsTypeAndSize_data()
    {
        QTest::addColumn<std::string>("base64");
        QTest::addColumn<int>("format");
        QTest::addRow("PNG") << samples::Png << int(Format::Png);
        QTest::addRow("JPEG") << samples::Jpeg << int(Format::Jpeg);
        QTest::addRow("progressive JPEG") << samples::ProgressiveJpeg << int(Format::Jpeg);
        QTest::addRow("GIF") << samples::Gif << int(Format::Gif);
        QTest::addRow("lossy WebP") << samples::WebP << int(Format::WebP);
        QTest::addRow("lossless WebP") << samples::LosslessWebP << int(Format::WebP);
        QTest::addRow("extended WebP") << samples::ExtendedWebP << int(Format::WebP);
    }
    void tellsTypeAndSize()
    {
        QFETCH(std::string, base64);
        QFETCH(int, format);
        const ImageFacts wanted {Format(format), 3, 2};
        const auto facts = imageFactsOfBase64(base64);
        QVERIFY(facts);
        QVERIFY(*facts == wanted);
        QVERIFY(imageFactsOf(fileOf(base64)) == facts);
    }

    void everyCutFileGivesTheSameOrNothing_data() { tellsTypeAndSize_data(); }
    void everyCutFileGivesTheSameOrNothing()
    {
        QFETCH(std::string, base64);
        const std::string file = fileOf(base64);
        const auto whole = imageFactsOf(file);
        bool wasKnown = false;
        for (std::size_t length = 0; length <= file.size(); ++length) {
            const auto facts = imageFactsOf(std::string_view(file).substr(0, length));
            QVERIFY(!facts || facts == whole);
            QVERIFY2(facts || !wasKnown, "more bytes must not tell less");
            wasKnown = facts.has_value();
            const QByteArray text = QByteArray(file.data(), qsizetype(length)).toBase64();
            QVERIFY(imageFactsOfBase64(text.toStdString()) == facts);
        }
        QVERIFY(wasKnown);
        QVERIFY(!imageFactsOf(std::string_view(file).substr(0, 9)));
    }

    void takesNothingElse_data()
    {
        QTest::addColumn<std::string>("file");
        std::string png = fileOf(samples::Png);
        std::string gif = fileOf(samples::Gif);
        std::string jpeg = fileOf(samples::Jpeg);
        std::string webp = fileOf(samples::WebP);
        QTest::addRow("nothing") << std::string();
        QTest::addRow("BMP") << fileOf(samples::Bmp);
        QTest::addRow("SVG") << std::string("<svg width='3' height='2'/>");
        QTest::addRow("PDF") << std::string("%PDF-1.7 and more of it");
        QTest::addRow("PNG without width") << png.replace(16, 4, 4, '\0');
        QTest::addRow("PNG of a negative height") << fileOf(samples::Png).replace(20, 4, 4, '\xFF');
        QTest::addRow("PNG with another first chunk")
            << fileOf(samples::Png).replace(12, 4, "tEXt");
        QTest::addRow("GIF without height") << gif.replace(8, 2, 2, '\0');
        QTest::addRow("GIF of a later year") << std::string("GIF99a\x03\x00\x02\x00", 10);
        QTest::addRow("JPEG that begins with its scan")
            << std::string("\xFF\xD8\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00", 12);
        QTest::addRow("JPEG with an empty segment")
            << std::string("\xFF\xD8\xFF\xE0\x00\x00\xFF\xC0\x00\x0B\x08\x00\x01\x00\x01", 15);
        QTest::addRow("JPEG of filling only") << "\xFF\xD8" + std::string(1 << 20, '\xFF');
        QTest::addRow("JPEG of tables only")
            << std::string("\xFF\xD8\xFF\xC4\x00\x09\x08\x00\x01\x00\x01\x00\x00\xFF\xD9", 15);
        QTest::addRow("WebP with an unknown chunk") << webp.replace(12, 4, "ALPH");
        QTest::addRow("lossy WebP without its code") << fileOf(samples::WebP).replace(23, 1, "x");
        QTest::addRow("lossless WebP without its sign")
            << fileOf(samples::LosslessWebP).replace(20, 1, "x");
    }
    void takesNothingElse()
    {
        QFETCH(std::string, file);
        QVERIFY(!imageFactsOf(file));
    }

    void findsASizeBehindLongMetadata()
    {
        const std::string file = jpegBehind(40);
        const ImageFacts wanted {Format::Jpeg, 0x304, 0x102};
        QVERIFY(imageFactsOf(file) == wanted);
        const QByteArray base64 = QByteArray::fromStdString(file).toBase64();
        QVERIFY(imageFactsOfBase64(base64.toStdString()) == wanted);
    }

    void survivesAnyBytes()
    {
        QRandomGenerator random(7);
        const std::vector<std::string> seeds {samples::Png,
                                              samples::Jpeg,
                                              samples::Gif,
                                              samples::WebP,
                                              samples::LosslessWebP,
                                              samples::Bmp,
                                              samples::ProgressiveJpeg};
        int known = 0;
        for (int round = 0; round < 20'000; ++round) {
            std::string file = fileOf(seeds[std::size_t(round) % seeds.size()]);
            for (int left = random.bounded(6); left > 0; --left)
                file[std::size_t(random.bounded(int(file.size())))] = char(random.bounded(256));
            file.resize(std::size_t(random.bounded(int(file.size()) + 1)));
            const auto facts = imageFactsOf(file);
            known += facts ? 1 : 0;
            QVERIFY(!facts || (facts->width > 0 && facts->height > 0));
            const QByteArray base64 = QByteArray::fromStdString(file).toBase64();
            QVERIFY(imageFactsOfBase64(base64.toStdString()) == facts);
        }
        QVERIFY(known > 1000 && known < 19'000);
    }

    void bringsBase64ToItsNormalForm_data()
    {
        QTest::addColumn<std::string>("given");
        QTest::addColumn<std::string>("normal"); // empty: refused
        const auto row = [](const char *name, const std::string &given, const std::string &normal) {
            QTest::addRow("%s", name) << given << normal;
        };
        row("as it should be", "+/+/", "+/+/");
        row("one sign of padding", "AAA=", "AAA=");
        row("two signs of padding", "AA==", "AA==");
        row("no padding", "AA", "AA==");
        row("half the padding", "AA=", "AA==");
        row("too much padding", "AAA====", "AAA=");
        row("URL-safe", "-_-_", "+/+/");
        row("line breaks", "AA\r\nAA\n", "AAAA");
        row("blanks and tabs", " A A\tA =", "AAA=");
        row("bits behind the end", "AB==", "AA==");
        row("more bits behind the end", "AAB=", "AAA=");
        row("data URL", "data:image/png;base64,AAAA", "AAAA");
        row("data URL without a comma", "data:image/png", "");
        row("empty data URL", "data:image/png;base64,", "");
        row("empty", "", "");
        row("padding only", "====", "");
        row("white space only", " \n", "");
        row("one sign", "A", "");
        row("five signs", "AAAAA", "");
        row("another sign", "AA*A", "");
        row("padding inside", "AA==AA==", "");
        row("U+0000", std::string("AA\0A", 4), "");
        row("not ASCII", "AA\xC3\xA9", "");
    }
    void bringsBase64ToItsNormalForm()
    {
        QFETCH(std::string, given);
        QFETCH(std::string, normal);
        std::deque<std::string> owned;
        const auto found = normalBase64(given, owned);
        QCOMPARE(std::string(found.value_or(std::string_view())), normal);
        QCOMPARE(found.has_value(), !normal.empty());
        if (given == normal)
            QVERIFY2(owned.empty(), "nothing to copy");
    }

    void decodesWhatIsNormal()
    {
        QRandomGenerator random(3);
        for (int length = 1; length < 300; ++length) {
            std::string bytes;
            for (int i = 0; i < length; ++i)
                bytes.push_back(char(random.bounded(256)));
            const QByteArray base64 = QByteArray::fromStdString(bytes).toBase64();
            QCOMPARE(fromNormalBase64(base64.toStdString()), bytes);
        }
    }
};

QTEST_APPLESS_MAIN(TstImageFacts)
#include "tst_imagefacts.moc"
