// SPDX-License-Identifier: MIT
#include "app/flows/flowexport.h"

namespace kirotray {

namespace {

void writeTexts(JsonWriter &writer, const char *name, const QStringList &list, RedactedTexts &texts)
{
    writer.key(name).beginArray();
    for (const QString &text : list)
        writer.string(texts.of(text).toStdString());
    writer.endArray();
}

void writeTries(JsonWriter &writer, const std::vector<FlowAttempt> &tries, RedactedTexts &texts)
{
    writer.key("tries").beginArray();
    for (const FlowAttempt &attempt : tries) {
        writer.beginObject()
            .member("accountId", attempt.accountId.toStdString())
            .member("host", texts.of(attempt.host).toStdString())
            .memberInteger("status", attempt.status)
            .member("what", texts.of(attempt.what).toStdString())
            .memberInteger("ms", attempt.ms)
            .endObject();
    }
    writer.endArray();
}

void writeViews(JsonWriter &writer, const FlowBodies &bodies)
{
    writer.key("bodies")
        .beginObject()
        .member("clientRequest", bodies.clientRequest.toStdString())
        .member("upstreamRequest", bodies.upstreamRequest.toStdString())
        .member("upstreamEvents", bodies.upstreamEvents.toStdString())
        .member("clientAnswer", bodies.clientAnswer.toStdString())
        .memberBoolean("isCut", bodies.isCut)
        .endObject();
}

} // namespace

void writeFlowMembers(JsonWriter &writer, const FlowEntry &entry, RedactedTexts &texts)
{
    const FlowRecord &record = entry.record;
    const auto text = [&writer, &texts](const char *name, const QString &value) {
        writer.member(name, texts.of(value).toStdString());
    };
    writer.member("id", record.id.toStdString());
    writer.member("startedAt", record.startedAt.toString(Qt::ISODateWithMs).toStdString());
    text("route", record.route);
    text("dialect", record.dialect);
    writer.memberBoolean("stream", record.stream);
    text("modelAsked", record.modelAsked);
    text("modelUsed", record.modelUsed);
    text("client", record.client);
    text("clientKey", record.clientKey);
    writer.member("conversation", record.conversation.toStdString());
    writer.member("accountId", record.accountId.toStdString());
    text("accountReason", record.accountReason);
    writer.memberInteger("status", record.status);
    text("outcome", record.outcome);
    writer.member("replayOf", record.replayOf.toStdString());
    writer.memberInteger("attempts", record.attempts);
    writeTries(writer, record.tries, texts);
    writer.memberInteger("queuedMs", record.queuedMs);
    writer.memberInteger("firstByteMs", record.firstByteMs);
    writer.memberInteger("totalMs", record.totalMs);
    writer.memberInteger("inputTokens", record.inputTokens);
    writer.memberInteger("cachedTokens", record.cachedTokens);
    writer.memberInteger("outputTokens", record.outputTokens);
    writer.memberBoolean("isUsageEstimated", record.isUsageEstimated);
    if (record.credits)
        writer.key("credits").number(*record.credits);
    else
        writer.memberNull("credits");
    writeTexts(writer, "changes", record.changes, texts);
    writer.memberBoolean("bookmarked", entry.bookmarked);
    text("note", entry.note);
    writeTexts(writer, "tags", entry.tags, texts);
}

FlowExportWriter::FlowExportWriter(FlowExport format, FlowBodiesById bodies)
    : m_format(format)
    , m_bodies(std::move(bodies))
{
    if (m_format == FlowExport::Har)
        m_out = "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"KiroTray\","
                "\"version\":\"" KIROTRAY_VERSION "\"},\"entries\":[\n";
}

void FlowExportWriter::add(const FlowEntry &entry)
{
    const FlowBodiesPtr kept = m_bodies.value(entry.record.id);
    const FlowBodies bodies = kept ? redactedBodies(*kept) : FlowBodies {};
    if (m_format == FlowExport::Har && !m_isFirst)
        m_out += ",\n";
    m_isFirst = false;
    JsonWriter writer(m_out);
    switch (m_format) {
    case FlowExport::JsonLines:
        writer.beginObject();
        writeFlowMembers(writer, entry, m_texts);
        if (kept)
            writeViews(writer, bodies);
        writer.endObject();
        m_out += '\n';
        return;
    case FlowExport::Har:
        writeHarEntry(writer, entry, kept ? &bodies : nullptr, m_texts);
        return;
    }
}

QByteArray FlowExportWriter::finish()
{
    if (m_format == FlowExport::Har)
        m_out += "\n]}}\n";
    return QByteArray::fromStdString(m_out);
}

} // namespace kirotray
