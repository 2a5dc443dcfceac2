// SPDX-License-Identifier: MIT
#include "app/kiro/eventstream.h"
#include "tests/framebuilder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

struct OwnedHeader
{
    QByteArray name;
    EventStreamHeader::Type type = EventStreamHeader::Type::String;
    QByteArray value;
    bool operator==(const OwnedHeader &) const = default;
};
struct OwnedFrame
{
    std::vector<OwnedHeader> headers;
    QByteArray payload;
    bool operator==(const OwnedFrame &) const = default;
};
struct Outcome
{
    std::vector<OwnedFrame> frames;
    std::optional<EventStreamError> error;
};

QByteArray owned(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// Feeds `bytes` in pieces of the given sizes, the last one as often as needed.
Outcome decodePieces(const QByteArray &bytes, const std::vector<qsizetype> &sizes)
{
    Outcome outcome;
    EventStreamDecoder decoder;
    const auto keep = [&outcome](const EventStreamFrame &frame) {
        OwnedFrame copy;
        for (const EventStreamHeader &header : frame.headers)
            copy.headers.push_back({owned(header.name), header.type, owned(header.value)});
        copy.payload = owned(frame.payload);
        outcome.frames.push_back(copy);
    };
    qsizetype at = 0;
    for (std::size_t piece = 0; at < bytes.size(); ++piece) {
        const qsizetype size = sizes[std::min(piece, sizes.size() - 1)];
        // A copy of its own, so that reading past the piece is seen by the sanitizer.
        const QByteArray part = bytes.mid(at, size);
        decoder.feed({part.constData(), static_cast<std::size_t>(part.size())}, keep);
        at += size;
    }
    outcome.error = decoder.finish();
    return outcome;
}

Outcome decodeWhole(const QByteArray &bytes)
{
    return decodePieces(bytes, {std::max<qsizetype>(bytes.size(), 1)});
}

QByteArray bigEndianBytes(qint64 number, int count)
{
    QByteArray bytes;
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8)
        bytes.append(static_cast<char>((number >> shift) & 0xFF));
    return bytes;
}

OwnedHeader headerOf(const QJsonObject &json)
{
    using Type = EventStreamHeader::Type;
    const QString type = json["type"_L1].toString();
    const QJsonValue value = json["value"_L1];
    const QByteArray name = json["name"_L1].toString().toUtf8();
    if (type == u"boolean")
        return {name, value.toBool() ? Type::True : Type::False, {}};
    if (type == u"byte")
        return {name, Type::Byte, bigEndianBytes(value.toInteger(), 1)};
    if (type == u"short")
        return {name, Type::Short, bigEndianBytes(value.toInteger(), 2)};
    if (type == u"integer")
        return {name, Type::Integer, bigEndianBytes(value.toInteger(), 4)};
    if (type == u"long")
        return {name, Type::Long, bigEndianBytes(value.toString().toLongLong(), 8)};
    if (type == u"binary")
        return {name, Type::Bytes, QByteArray::fromHex(value.toString().toLatin1())};
    if (type == u"timestamp")
        return {name, Type::Timestamp, bigEndianBytes(value.toInteger(), 8)};
    if (type == u"uuid")
        return {name, Type::Uuid, QByteArray::fromHex(value.toString().toLatin1())};
    return {name, Type::String, value.toString().toUtf8()};
}

OwnedFrame frameFrom(const QJsonObject &message)
{
    OwnedFrame frame;
    for (const QJsonValue header : message["headers"_L1].toArray())
        frame.headers.push_back(headerOf(header.toObject()));
    frame.payload = message.contains("payloadHex"_L1)
        ? QByteArray::fromHex(message["payloadHex"_L1].toString().toLatin1())
        : message["payloadText"_L1].toString().toUtf8();
    return frame;
}

std::vector<qsizetype> sizesOf(const QJsonObject &plan, qsizetype total)
{
    std::vector<qsizetype> sizes;
    if (plan.contains("repeat"_L1))
        return {plan["repeat"_L1].toInteger()};
    for (const QJsonValue size : plan["sizes"_L1].toArray())
        sizes.push_back(std::max<qsizetype>(size.toInteger(), 1));
    const QJsonArray cycle = plan["cycle"_L1].toArray();
    for (qsizetype sum = 0, i = 0; !cycle.isEmpty() && sum < total; ++i) {
        sizes.push_back(cycle[i % cycle.size()].toInteger());
        sum += sizes.back();
    }
    return sizes;
}

QByteArray hexOf(const QJsonObject &entry)
{
    return QByteArray::fromHex(entry["hex"_L1].toString().toLatin1());
}

QByteArray nameOf(const std::optional<EventStreamError> &error)
{
    return error ? QByteArray(toString(*error)) : QByteArray();
}

} // namespace

class TstEventStream : public QObject
{
    Q_OBJECT

    QJsonObject m_vectors;
    QHash<QString, QJsonObject> m_messages;

private slots:
    void initTestCase();
    void decodesEveryFrame_data();
    void decodesEveryFrame();
    void decodesStreamsHoweverTheyAreCut_data();
    void decodesStreamsHoweverTheyAreCut();
    void stopsAtDamage_data();
    void stopsAtDamage();
    void staysFailed();
    void readsOnlyStringHeadersAsText();
    void refusesAnEventWithoutType();
    void refusesALengthOverItsLimit();
    void keepsNoMoreThanTheOpenFrame();
};

void TstEventStream::initTestCase()
{
    QFile file(QStringLiteral(KIROTRAY_FIXTURES "/eventstream-vectors.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_vectors = QJsonDocument::fromJson(file.readAll()).object();
    for (const QJsonValue message : m_vectors["messages"_L1].toArray())
        m_messages.insert(message["id"_L1].toString(), message.toObject());
    QCOMPARE(m_messages.size(), 55);
    QCOMPARE(m_vectors["streams"_L1].toArray().size(), 14);
    QCOMPARE(m_vectors["corrupt"_L1].toArray().size(), 27);
}

void TstEventStream::decodesEveryFrame_data()
{
    QTest::addColumn<QJsonObject>("message");
    for (const QJsonValue message : m_vectors["messages"_L1].toArray())
        QTest::addRow("%s", qPrintable(message["id"_L1].toString())) << message.toObject();
}

void TstEventStream::decodesEveryFrame()
{
    QFETCH(const QJsonObject, message);
    const QByteArray bytes = hexOf(message);
    // Two frames are sound but say nothing about what they are.
    const bool isTyped = message["kind"_L1].toString() != u"frame";
    for (const Outcome &outcome : {decodeWhole(bytes), decodePieces(bytes, {1})}) {
        QCOMPARE(nameOf(outcome.error), isTyped ? QByteArray() : QByteArray("PROTOCOL"));
        QCOMPARE(outcome.frames.size(), isTyped ? 1U : 0U);
        if (isTyped)
            QVERIFY(outcome.frames.front() == frameFrom(message));
    }
}

void TstEventStream::decodesStreamsHoweverTheyAreCut_data()
{
    QTest::addColumn<QJsonObject>("stream");
    QTest::addColumn<std::vector<qsizetype>>("sizes");
    for (const QJsonValue value : m_vectors["streams"_L1].toArray()) {
        const QJsonObject stream = value.toObject();
        const QByteArray id = stream["id"_L1].toString().toUtf8();
        const qsizetype total = stream["byteLength"_L1].toInteger();
        for (const QJsonValue plan : stream["chunkPlans"_L1].toArray())
            QTest::addRow("%s, %s", id.constData(), qPrintable(plan["name"_L1].toString()))
                << stream << sizesOf(plan.toObject(), total);
        QTest::addRow("%s, in one piece", id.constData())
            << stream << std::vector<qsizetype> {std::max<qsizetype>(total, 1)};
        QTest::addRow("%s, byte by byte", id.constData()) << stream << std::vector<qsizetype> {1};
    }
}

void TstEventStream::decodesStreamsHoweverTheyAreCut()
{
    QFETCH(const QJsonObject, stream);
    QFETCH(const std::vector<qsizetype>, sizes);
    const Outcome outcome = decodePieces(hexOf(stream), sizes);
    QCOMPARE(nameOf(outcome.error), QByteArray());
    const QJsonArray expected = stream["expectedMessages"_L1].toArray();
    QCOMPARE(static_cast<qsizetype>(outcome.frames.size()), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY(outcome.frames[static_cast<std::size_t>(i)]
                == frameFrom(m_messages.value(expected[i].toString())));
}

void TstEventStream::stopsAtDamage_data()
{
    QTest::addColumn<QJsonObject>("damaged");
    for (const QJsonValue damaged : m_vectors["corrupt"_L1].toArray())
        QTest::addRow("%s", qPrintable(damaged["id"_L1].toString())) << damaged.toObject();
}

void TstEventStream::stopsAtDamage()
{
    QFETCH(const QJsonObject, damaged);
    const QByteArray bytes = hexOf(damaged);
    for (const Outcome &outcome :
         {decodeWhole(bytes), decodePieces(bytes, {1}), decodePieces(bytes, {7})}) {
        QCOMPARE(nameOf(outcome.error), damaged["expectedError"_L1].toString().toLatin1());
        QCOMPARE(static_cast<qint64>(outcome.frames.size()),
                 damaged["deliveredBeforeError"_L1].toInteger());
    }
}

void TstEventStream::staysFailed()
{
    EventStreamDecoder decoder;
    int frames = 0;
    const auto count = [&frames](const EventStreamFrame &) { ++frames; };
    std::string damaged = eventFrame("x", "{}");
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    QCOMPARE(nameOf(decoder.feed(damaged, count)), QByteArray("MESSAGE_CRC"));
    QCOMPARE(nameOf(decoder.feed(eventFrame("x", "{}"), count)), QByteArray("MESSAGE_CRC"));
    QCOMPARE(nameOf(decoder.finish()), QByteArray("MESSAGE_CRC"));
    QCOMPARE(frames, 0);
}

void TstEventStream::readsOnlyStringHeadersAsText()
{
    const QByteArray bytes = hexOf(m_messages.value(u"hd-all-types"_s));
    EventStreamDecoder decoder;
    int frames = 0;
    decoder.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())},
                 [&frames](const EventStreamFrame &frame) {
                     ++frames;
                     QCOMPARE(owned(frame.header("t7")), QByteArray("值"));
                     QCOMPARE(owned(frame.header(":event-type")), QByteArray("x"));
                     QVERIFY(frame.header("t6").empty());
                     QVERIFY(frame.header(":Event-Type").empty());
                 });
    QCOMPARE(frames, 1);
}

void TstEventStream::refusesAnEventWithoutType()
{
    const std::string frame = frameOf({{":message-type", "event"}}, "{}");
    EventStreamDecoder decoder;
    QCOMPARE(nameOf(decoder.feed(frame, [](const EventStreamFrame &) {})), QByteArray("PROTOCOL"));
}

void TstEventStream::refusesALengthOverItsLimit()
{
    const std::string frame = eventFrame("x", "{}");
    const auto ignore = [](const EventStreamFrame &) {};
    EventStreamDecoder exact(static_cast<std::uint32_t>(frame.size()));
    QVERIFY(!exact.feed(frame, ignore));
    EventStreamDecoder smaller(static_cast<std::uint32_t>(frame.size()) - 1);
    QCOMPARE(nameOf(smaller.feed(frame.substr(0, 12), ignore)), QByteArray("TOO_LARGE"));
}

void TstEventStream::keepsNoMoreThanTheOpenFrame()
{
    EventStreamDecoder decoder;
    const std::string frame = eventFrame("x", std::string(1000, ' ') + "{}");
    std::size_t frames = 0;
    const auto count = [&frames](const EventStreamFrame &) { ++frames; };
    std::string bytes;
    for (int i = 0; i < 500; ++i)
        bytes += frame;
    // Pieces that never end with a frame: the buffer has to be compacted on the way.
    constexpr std::size_t Piece = 997;
    for (std::size_t at = 0; at < bytes.size(); at += Piece) {
        decoder.feed(std::string_view(bytes).substr(at, Piece), count);
        QVERIFY(decoder.bufferedBytes() < frame.size());
    }
    QCOMPARE(frames, 500U);
    QVERIFY(!decoder.finish());
}

QTEST_GUILESS_MAIN(TstEventStream)
#include "tst_eventstream.moc"
