// SPDX-License-Identifier: MIT
#include "app/gateway/flowcapture.h"

#include "app/base/jsoncopy.h"
#include "app/base/limits.h"
#include "app/kiro/eventstream.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

std::string_view viewOf(QByteArrayView bytes)
{
    return {bytes.data(), static_cast<std::size_t>(bytes.size())};
}

/// JSON as it is, on one line; anything else as a string.
void writePayload(JsonWriter &writer, std::string_view payload)
{
    const Result<JsonDocument> document = JsonDocument::parse(payload);
    if (document)
        copyJson(writer, document.value().root(), false);
    else
        writer.string(QString::fromUtf8(payload.data(), static_cast<qsizetype>(payload.size()))
                          .toStdString());
}

} // namespace

FlowCapture::FlowCapture(QByteArrayView clientRequest)
{
    append(m_bodies.clientRequest, viewOf(clientRequest));
}

/// False: not all of them fitted. A character is not cut in two.
bool FlowCapture::append(QByteArray &view, std::string_view bytes)
{
    const auto size = static_cast<qsizetype>(bytes.size());
    qsizetype fits = std::min(size, limits::MaxFlowBody - view.size());
    const auto continues = [&bytes](qsizetype at) {
        return (static_cast<unsigned char>(bytes[static_cast<std::size_t>(at)]) & 0xc0) == 0x80;
    };
    while (fits < size && fits > 0 && continues(fits))
        --fits;
    view.append(bytes.data(), fits);
    m_bodies.isCut = m_bodies.isCut || fits < size;
    return fits == size;
}

void FlowCapture::attemptStarts(const QByteArray &body)
{
    m_bodies.upstreamRequest.clear();
    m_bodies.upstreamEvents.clear();
    append(m_bodies.upstreamRequest, viewOf(body));
}

void FlowCapture::frameArrived(const EventStreamFrame &frame)
{
    std::string_view type = frame.header(":event-type");
    if (type.empty())
        type = frame.header(":exception-type");
    if (type.empty())
        type = frame.header(":message-type");
    addEvent(type, frame.payload);
}

void FlowCapture::refused(int status, const QByteArray &body)
{
    addEvent("refusal", viewOf(body), status);
}

/// Whole lines only: what reads them need not expect half a one.
void FlowCapture::addEvent(std::string_view type, std::string_view payload, int status)
{
    std::string line;
    JsonWriter writer(line);
    writer.beginObject().member("type", type);
    if (status != 0)
        writer.memberInteger("status", status);
    writer.key("payload");
    writePayload(writer, payload);
    writer.endObject();
    line += '\n';
    QByteArray &view = m_bodies.upstreamEvents;
    if (view.size() + static_cast<qsizetype>(line.size()) > limits::MaxFlowBody)
        m_bodies.isCut = true;
    else
        append(view, line);
}

void FlowCapture::answered(QByteArrayView bytes)
{
    if (!m_isAnswerFull)
        m_isAnswerFull = !append(m_bodies.clientAnswer, viewOf(bytes));
}

FlowBodiesPtr FlowCapture::take()
{
    return std::make_shared<const FlowBodies>(std::move(m_bodies));
}

} // namespace kirotray
