// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/simulator/eventstreamencoder.h"

#include <QFile>
#include <QTest>
#include <QUuid>

#include <deque>

using namespace kirotray;

namespace {

std::string bigEndian(qint64 value, int bytes)
{
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((value >> shift) & 0xFF));
    return out;
}

std::string fromHex(std::string_view hex)
{
    return QByteArray::fromHex(
               QByteArray::fromRawData(hex.data(), static_cast<qsizetype>(hex.size())))
        .toStdString();
}

std::string wireValue(const JsonValue &header, EventStreamHeader::Type type)
{
    using Type = EventStreamHeader::Type;
    const JsonValue value = header["value"];
    const qint64 number = value.isString()
        ? QByteArray::fromStdString(std::string(value.string())).toLongLong()
        : value.integer().value_or(0);
    switch (type) {
    case Type::True:
    case Type::False:
        return {};
    case Type::Byte:
        return bigEndian(number, 1);
    case Type::Short:
        return bigEndian(number, 2);
    case Type::Integer:
        return bigEndian(number, 4);
    case Type::Long:
    case Type::Timestamp:
        return bigEndian(number, 8);
    case Type::Bytes:
        return fromHex(value.string());
    case Type::String:
        return std::string(value.string());
    case Type::Uuid:
        break;
    }
    return QUuid(QString::fromStdString(std::string(value.string()))).toRfc4122().toStdString();
}

EventStreamHeader::Type wireType(const JsonValue &header)
{
    using Type = EventStreamHeader::Type;
    const std::string_view name = header["type"].string();
    if (name == "boolean")
        return header["value"].boolean() ? Type::True : Type::False;
    if (name == "byte")
        return Type::Byte;
    if (name == "short")
        return Type::Short;
    if (name == "integer")
        return Type::Integer;
    if (name == "long")
        return Type::Long;
    if (name == "binary")
        return Type::Bytes;
    if (name == "timestamp")
        return Type::Timestamp;
    return name == "uuid" ? Type::Uuid : Type::String;
}

} // namespace

/// The frame writer against frames made by another implementation.
class TstEventStreamEncoder : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void writesEveryVector_data();
    void writesEveryVector();
    void writesTheFramesOfTheService_data();
    void writesTheFramesOfTheService();

private:
    std::optional<JsonDocument> m_vectors;
};

void TstEventStreamEncoder::initTestCase()
{
    QFile file(QStringLiteral(KIROTRAY_FIXTURES "/eventstream-vectors.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    Result<JsonDocument> document = JsonDocument::parse(file.readAll().toStdString());
    QVERIFY(document);
    m_vectors = std::move(document).value();
}

void TstEventStreamEncoder::writesEveryVector_data()
{
    QTest::addColumn<int>("index");
    int index = 0;
    for (const JsonValue message : m_vectors->root()["messages"]) {
        QTest::addRow("%s", std::string(message["id"].string()).c_str()) << index;
        ++index;
    }
    QVERIFY(index >= 50);
}

void TstEventStreamEncoder::writesEveryVector()
{
    QFETCH(int, index);
    JsonValue message;
    for (const JsonValue candidate : m_vectors->root()["messages"]) {
        if (index-- == 0)
            message = candidate;
    }
    std::deque<std::string> values; // keeps what the headers point at
    std::vector<EventStreamHeader> headers;
    for (const JsonValue header : message["headers"]) {
        const EventStreamHeader::Type type = wireType(header);
        values.push_back(wireValue(header, type));
        headers.push_back({header["name"].string(), type, values.back()});
    }
    // The largest one is given as text only.
    const std::string payload = message["payloadHex"].isString()
        ? fromHex(message["payloadHex"].string())
        : std::string(message["payloadText"].string());
    const std::string frame = encodeFrame(headers, payload);
    QCOMPARE(QByteArray::fromStdString(frame).toHex(),
             QByteArray::fromStdString(std::string(message["hex"].string())));
}

void TstEventStreamEncoder::writesTheFramesOfTheService_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<QByteArray>("headers");
    const auto bytes = [](const std::string &text) { return QByteArray::fromStdString(text); };
    QTest::addRow("event") << bytes(
        encodeEvent("assistantResponseEvent", R"({"content":"Hello, "})"))
                           << QByteArray("000000810000005c8b795b94");
    QTest::addRow("exception") << bytes(encodeException("ThrottlingException", "{}"))
                               << QByteArray();
    QTest::addRow("error") << bytes(encodeErrorFrame("InternalError", "boom")) << QByteArray();
}

void TstEventStreamEncoder::writesTheFramesOfTheService()
{
    QFETCH(QByteArray, frame);
    QFETCH(QByteArray, headers);
    QVERIFY(frame.toHex().startsWith(headers));
    const auto total = static_cast<qsizetype>(frame.left(4).toHex().toUInt(nullptr, 16));
    QCOMPARE(total, frame.size());
    QVERIFY(frame.contains(QTest::currentDataTag()));
}

QTEST_APPLESS_MAIN(TstEventStreamEncoder)
#include "tst_eventstreamencoder.moc"
