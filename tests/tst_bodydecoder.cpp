// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/base/result.h"
#include "app/http/bodydecoder.h"

#include <QTest>

#include <zlib.h>
#include <zstd.h>

using namespace kirotray;

using Coding = BodyDecoder::Coding;
using Status = BodyDecoder::Status;

Q_DECLARE_METATYPE(kirotray::BodyDecoder::Coding)

namespace {

QByteArray deflated(const QByteArray &plain, int windowBits)
{
    z_stream stream = {};
    deflateInit2(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
    QByteArray input = plain;
    QByteArray out(static_cast<qsizetype>(deflateBound(&stream, static_cast<uLong>(plain.size()))),
                   '\0');
    stream.next_in = reinterpret_cast<Bytef *>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.truncate(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return out;
}

QByteArray zstandard(const QByteArray &plain, int windowLog = 0)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog);
    // As a client that streams: the frame does not tell its size and keeps the whole window.
    QByteArray out(
        static_cast<qsizetype>(ZSTD_compressBound(static_cast<size_t>(plain.size()))) + 64, '\0');
    ZSTD_inBuffer input {plain.constData(), static_cast<size_t>(plain.size()), 0};
    ZSTD_outBuffer output {out.data(), static_cast<size_t>(out.size()), 0};
    while (ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue) > 0
           && input.pos < input.size) { }
    while (ZSTD_compressStream2(context, &output, &input, ZSTD_e_end) > 0) { }
    ZSTD_freeCCtx(context);
    out.truncate(static_cast<qsizetype>(output.pos));
    return out;
}

QByteArray encoded(Coding coding, const QByteArray &plain)
{
    switch (coding) {
    case Coding::Identity:
        return plain;
    case Coding::Gzip:
        return deflated(plain, 15 + 16);
    case Coding::Deflate:
        return deflated(plain, 15);
    case Coding::Zstd:
        return zstandard(plain);
    }
    return {};
}

struct Decoded
{
    Status status = Status::Ok; ///< the first that was not Ok, or that of finish()
    std::string body;
};

Decoded decodeInSteps(Coding coding, const QByteArray &input, qsizetype step,
                      qsizetype maxSize = limits::MaxBody)
{
    BodyDecoder decoder(coding, maxSize);
    Decoded result;
    for (qsizetype at = 0; at < input.size(); at += step) {
        const QByteArray piece(input.constData() + at, std::min(step, input.size() - at));
        result.status = decoder.append(piece, result.body);
        if (result.status != Status::Ok)
            return result;
    }
    result.status = decoder.finish();
    return result;
}

/// Text that neither compresses to nothing nor stays as it is.
QByteArray sampleText()
{
    QByteArray text;
    for (int i = 0; i < 20000; ++i)
        text += "{\"number\":" + QByteArray::number(i * 7919) + "},";
    return text;
}

void addCodingRows(bool withIdentity)
{
    QTest::addColumn<Coding>("coding");
    if (withIdentity)
        QTest::addRow("identity") << Coding::Identity;
    QTest::addRow("gzip") << Coding::Gzip;
    QTest::addRow("deflate") << Coding::Deflate;
    QTest::addRow("zstd") << Coding::Zstd;
}

} // namespace

class TstBodyDecoder : public QObject
{
    Q_OBJECT
private slots:
    void contentEncodingSelectsTheCoding_data();
    void contentEncodingSelectsTheCoding();
    void bodiesAreRestored_data() { addCodingRows(true); }
    void bodiesAreRestored();
    void exactlyTheBoundIsAccepted_data() { addCodingRows(true); }
    void exactlyTheBoundIsAccepted();
    void bombStopsAtTheBound_data() { addCodingRows(false); }
    void bombStopsAtTheBound();
    void everyTruncationIsCorrupt_data() { addCodingRows(false); }
    void everyTruncationIsCorrupt();
    void garbageIsCorrupt_data() { addCodingRows(false); }
    void garbageIsCorrupt();
    void bytesAfterTheEndAreCorrupt_data() { addCodingRows(false); }
    void bytesAfterTheEndAreCorrupt();
    void flippedByteIsCorrupt_data();
    void flippedByteIsCorrupt();
    void emptyBodyIsEmpty_data() { addCodingRows(true); }
    void emptyBodyIsEmpty();
    void severalMembersAreOneBody_data();
    void severalMembersAreOneBody();
    void anotherCodingIsCorrupt();
    void zstdWindowIsBounded();
};

void TstBodyDecoder::contentEncodingSelectsTheCoding_data()
{
    QTest::addColumn<QByteArrayList>("values");
    QTest::addColumn<bool>("isKnown");
    QTest::addColumn<Coding>("coding");
    QTest::addRow("none") << QByteArrayList() << true << Coding::Identity;
    QTest::addRow("empty") << QByteArrayList {""} << true << Coding::Identity;
    QTest::addRow("identity") << QByteArrayList {"identity"} << true << Coding::Identity;
    QTest::addRow("gzip") << QByteArrayList {"gzip"} << true << Coding::Gzip;
    QTest::addRow("old gzip") << QByteArrayList {"X-GZip"} << true << Coding::Gzip;
    QTest::addRow("deflate") << QByteArrayList {"Deflate"} << true << Coding::Deflate;
    QTest::addRow("zstd") << QByteArrayList {"zstd"} << true << Coding::Zstd;
    QTest::addRow("brotli") << QByteArrayList {"br"} << false << Coding::Identity;
    QTest::addRow("stacked") << QByteArrayList {"gzip, zstd"} << false << Coding::Identity;
    QTest::addRow("two fields") << QByteArrayList {"gzip", "gzip"} << false << Coding::Identity;
}

void TstBodyDecoder::contentEncodingSelectsTheCoding()
{
    QFETCH(const QByteArrayList, values);
    QFETCH(const bool, isKnown);
    QFETCH(const Coding, coding);
    HttpHeaders headers;
    for (const QByteArray &value : values)
        headers.append("content-encoding", value);
    const std::optional<Coding> found = BodyDecoder::codingOf(headers);
    QCOMPARE(found.has_value(), isKnown);
    if (isKnown)
        QVERIFY(*found == coding);
}

void TstBodyDecoder::bodiesAreRestored()
{
    QFETCH(const Coding, coding);
    const QByteArray plain = sampleText();
    const QByteArray input = encoded(coding, plain);
    if (coding != Coding::Identity)
        QVERIFY(input.size() < plain.size() / 2);
    for (const qsizetype step : {input.size(), qsizetype(1), qsizetype(1000)}) {
        const Decoded decoded = decodeInSteps(coding, input, step);
        QVERIFY(decoded.status == Status::Ok);
        QVERIFY(decoded.body == plain.toStdString());
    }
}

void TstBodyDecoder::exactlyTheBoundIsAccepted()
{
    QFETCH(const Coding, coding);
    const QByteArray plain = sampleText();
    const QByteArray input = encoded(coding, plain);
    for (const qsizetype step : {input.size(), qsizetype(1)}) {
        QVERIFY(decodeInSteps(coding, input, step, plain.size()).status == Status::Ok);
        const Decoded larger = decodeInSteps(coding, input, step, plain.size() - 1);
        QVERIFY(larger.status == Status::TooLarge);
        QVERIFY(larger.body.size() < static_cast<size_t>(plain.size()));
    }
}

void TstBodyDecoder::bombStopsAtTheBound()
{
    QFETCH(const Coding, coding);
    const QByteArray bomb = encoded(coding, QByteArray(64 * limits::MiB, '\0'));
    QVERIFY(bomb.size() < limits::MiB);
    for (const qsizetype step : {bomb.size(), qsizetype(100)}) {
        const Decoded decoded = decodeInSteps(coding, bomb, step, limits::MiB);
        QVERIFY(decoded.status == Status::TooLarge);
        QVERIFY(decoded.body.size() <= static_cast<size_t>(limits::MiB));
        QVERIFY(decoded.body.capacity() <= static_cast<size_t>(3 * limits::MiB));
    }
}

void TstBodyDecoder::everyTruncationIsCorrupt()
{
    QFETCH(const Coding, coding);
    const QByteArray input = encoded(coding, "a small body that is compressed, compressed");
    QVERIFY(decodeInSteps(coding, input, 1).status == Status::Ok);
    for (qsizetype size = 1; size < input.size(); ++size) {
        QVERIFY(decodeInSteps(coding, input.left(size), size).status == Status::Corrupt);
        QVERIFY(decodeInSteps(coding, input.left(size), 1).status == Status::Corrupt);
    }
}

void TstBodyDecoder::garbageIsCorrupt()
{
    QFETCH(const Coding, coding);
    const QByteArray garbage = "{\"model\":\"not compressed at all\"}";
    QVERIFY(decodeInSteps(coding, garbage, garbage.size()).status == Status::Corrupt);
    QVERIFY(decodeInSteps(coding, garbage, 1).status == Status::Corrupt);
}

void TstBodyDecoder::bytesAfterTheEndAreCorrupt()
{
    QFETCH(const Coding, coding);
    const QByteArray input = encoded(coding, "body") + "GET / HTTP/1.1\r\n\r\n";
    QVERIFY(decodeInSteps(coding, input, input.size()).status == Status::Corrupt);
    QVERIFY(decodeInSteps(coding, input, 1).status == Status::Corrupt);
}

void TstBodyDecoder::flippedByteIsCorrupt_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::addColumn<int>("fromEnd");
    QTest::addRow("gzip length") << Coding::Gzip << 1;
    QTest::addRow("gzip checksum") << Coding::Gzip << 5;
    QTest::addRow("deflate checksum") << Coding::Deflate << 1;
}

void TstBodyDecoder::flippedByteIsCorrupt()
{
    QFETCH(const Coding, coding);
    QFETCH(const int, fromEnd);
    QByteArray input = encoded(coding, sampleText());
    char &byte = input[input.size() - fromEnd];
    byte = static_cast<char>(byte ^ 1);
    QVERIFY(decodeInSteps(coding, input, input.size()).status == Status::Corrupt);
    QVERIFY(decodeInSteps(coding, input, 1).status == Status::Corrupt);
}

void TstBodyDecoder::emptyBodyIsEmpty()
{
    QFETCH(const Coding, coding);
    QVERIFY(decodeInSteps(coding, {}, 1).status == Status::Ok); // no bytes at all
    const Decoded decoded = decodeInSteps(coding, encoded(coding, {}), 1); // nothing, compressed
    QVERIFY(decoded.status == Status::Ok);
    QVERIFY(decoded.body.empty());
}

void TstBodyDecoder::severalMembersAreOneBody_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::addRow("gzip members") << Coding::Gzip;
    QTest::addRow("zstd frames") << Coding::Zstd;
}

void TstBodyDecoder::severalMembersAreOneBody()
{
    QFETCH(const Coding, coding);
    const QByteArray input = encoded(coding, "one, ") + encoded(coding, "two");
    for (const qsizetype step : {input.size(), qsizetype(1)}) {
        const Decoded decoded = decodeInSteps(coding, input, step);
        QVERIFY(decoded.status == Status::Ok);
        QCOMPARE(QByteArray::fromStdString(decoded.body), "one, two");
        const Decoded cut = decodeInSteps(coding, input.chopped(1), step);
        QVERIFY(cut.status == Status::Corrupt);
    }
}

void TstBodyDecoder::anotherCodingIsCorrupt()
{
    const QByteArray body = "body";
    QVERIFY(decodeInSteps(Coding::Gzip, encoded(Coding::Deflate, body), 9).status
            == Status::Corrupt);
    QVERIFY(decodeInSteps(Coding::Deflate, encoded(Coding::Gzip, body), 9).status
            == Status::Corrupt);
    QVERIFY(decodeInSteps(Coding::Zstd, encoded(Coding::Gzip, body), 9).status == Status::Corrupt);
    QVERIFY(decodeInSteps(Coding::Deflate, deflated(body, -15), 9).status == Status::Corrupt);
}

void TstBodyDecoder::zstdWindowIsBounded()
{
    const QByteArray plain(16 * limits::MiB, 'a');
    QVERIFY(decodeInSteps(Coding::Zstd, zstandard(plain, 23), 4096).status == Status::Ok);
    QVERIFY(decodeInSteps(Coding::Zstd, zstandard(plain, 24), 4096).status == Status::Corrupt);
}

QTEST_GUILESS_MAIN(TstBodyDecoder)
#include "tst_bodydecoder.moc"
