// SPDX-License-Identifier: MIT
#include "app/flows/flowquery.h"

#include "app/base/json.h"
#include "app/flows/flowstore.h"

#include <QSqlRecord>
#include <QVariant>

namespace kirotray {

namespace {

// In the order of bindFlow() and of flowOf().
const QStringList &flowFields()
{
    static const QStringList fields {
        u"id"_s,          u"started"_s,    u"route"_s,  u"dialect"_s,    u"stream"_s,
        u"model_asked"_s, u"model_used"_s, u"client"_s, u"client_key"_s, u"conversation"_s,
        u"account"_s,     u"reason"_s,     u"status"_s, u"outcome"_s,    u"replay_of"_s,
        u"attempts"_s,    u"tries"_s,      u"queued"_s, u"first_byte"_s, u"total"_s,
        u"input"_s,       u"cached"_s,     u"output"_s, u"estimated"_s,  u"credits"_s,
        u"changes"_s,
    };
    return fields;
}

// SQLite keeps a null QString as NULL, which no comparison finds.
QString written(const QString &text)
{
    return text.isNull() ? u""_s : text;
}

QString triesJson(const std::vector<FlowAttempt> &tries)
{
    if (tries.empty())
        return u""_s;
    std::string out;
    JsonWriter writer(out);
    writer.beginArray();
    for (const FlowAttempt &attempt : tries) {
        writer.beginObject()
            .member("account", attempt.accountId.toStdString())
            .member("host", attempt.host.toStdString())
            .memberInteger("status", attempt.status)
            .member("what", attempt.what.toStdString())
            .memberInteger("ms", attempt.ms)
            .endObject();
    }
    writer.endArray();
    return QString::fromStdString(out);
}

QString textOf(const JsonValue &value)
{
    const std::string_view text = value.string();
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::vector<FlowAttempt> triesOf(const QString &json)
{
    std::vector<FlowAttempt> tries;
    if (json.isEmpty())
        return tries;
    const Result<JsonDocument> document = JsonDocument::parse(json.toStdString());
    if (!document)
        return tries;
    for (const JsonValue &item : document.value().root()) {
        FlowAttempt attempt;
        attempt.accountId = textOf(item["account"]);
        attempt.host = textOf(item["host"]);
        attempt.status = static_cast<int>(item["status"].integer().value_or(0));
        attempt.what = textOf(item["what"]);
        attempt.ms = item["ms"].integer().value_or(0);
        tries.push_back(std::move(attempt));
    }
    return tries;
}

QString linesOf(const QStringList &texts)
{
    QStringList lines = texts;
    for (QString &line : lines)
        line.replace(u'\n', u' ');
    return written(lines.join(u'\n'));
}

} // namespace

QStringList flowSchema()
{
    return {
        u"CREATE TABLE flows ("
        "seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started INTEGER NOT NULL, "
        "route TEXT NOT NULL, dialect TEXT NOT NULL, stream INTEGER NOT NULL, "
        "model_asked TEXT NOT NULL, model_used TEXT NOT NULL, client TEXT NOT NULL, "
        "client_key TEXT NOT NULL, conversation TEXT NOT NULL, account TEXT NOT NULL, "
        "reason TEXT NOT NULL, status INTEGER NOT NULL, outcome TEXT NOT NULL, "
        "replay_of TEXT NOT NULL, attempts INTEGER NOT NULL, tries TEXT NOT NULL, "
        "queued INTEGER NOT NULL, first_byte INTEGER NOT NULL, total INTEGER NOT NULL, "
        "input INTEGER NOT NULL, cached INTEGER NOT NULL, output INTEGER NOT NULL, "
        "estimated INTEGER NOT NULL, credits REAL, changes TEXT NOT NULL, "
        "failed INTEGER NOT NULL, bookmarked INTEGER NOT NULL DEFAULT 0, "
        "note TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '', search TEXT NOT NULL)"_s,
        u"CREATE INDEX flows_started ON flows (started)"_s,
        u"CREATE INDEX flows_account ON flows (account, started)"_s,
        u"CREATE INDEX flows_model_used ON flows (model_used, started)"_s,
        u"CREATE INDEX flows_model_asked ON flows (model_asked, started)"_s,
        u"CREATE INDEX flows_client ON flows (client, started)"_s,
    };
}

FlowCondition conditionOf(const FlowFilter &filter)
{
    FlowCondition condition {u"1"_s, {}};
    const auto also = [&condition](const QString &where, const QVariantList &values) {
        condition.where += u" AND "_s + where;
        condition.values += values;
    };
    const auto equals = [&also](const QString &column, const QString &value) {
        if (!value.isEmpty())
            also(column + u" = ?"_s, {value});
    };
    equals(u"account"_s, filter.accountId);
    equals(u"client"_s, filter.client);
    equals(u"client_key"_s, filter.clientKey);
    equals(u"dialect"_s, filter.dialect);
    if (!filter.model.isEmpty())
        also(u"(model_used = ? OR model_asked = ?)"_s, {filter.model, filter.model});
    if (filter.failed)
        also(u"failed = ?"_s, {*filter.failed ? 1 : 0});
    if (filter.bookmarked)
        also(u"bookmarked = ?"_s, {*filter.bookmarked ? 1 : 0});
    if (!filter.tag.isEmpty())
        also(u"instr(tags, ?) > 0"_s, {tagsColumn({filter.tag})});
    if (filter.from.isValid())
        also(u"started >= ?"_s, {filter.from.toMSecsSinceEpoch()});
    if (filter.to.isValid())
        also(u"started < ?"_s, {filter.to.toMSecsSinceEpoch()});
    if (!filter.before.isEmpty())
        also(u"(started, seq) < (SELECT started, seq FROM flows WHERE id = ?)"_s, {filter.before});
    if (!filter.text.isEmpty())
        also(u"instr(search, ?) > 0"_s, {filter.text.toCaseFolded()});
    return condition;
}

QString flowInsert()
{
    const QStringList columns = flowFields() + QStringList {u"failed"_s, u"search"_s};
    QStringList places;
    places.fill(u"?"_s, columns.size());
    return u"INSERT INTO flows (%1) VALUES (%2)"_s.arg(columns.join(u", "), places.join(u", "));
}

void bindFlow(QSqlQuery &query, const FlowRecord &record)
{
    FlowEntry entry;
    entry.record = record;
    const QVariantList values {
        record.id,
        record.startedAt.toMSecsSinceEpoch(),
        written(record.route),
        written(record.dialect),
        record.stream ? 1 : 0,
        written(record.modelAsked),
        written(record.modelUsed),
        written(record.client),
        written(record.clientKey),
        written(record.conversation),
        written(record.accountId),
        written(record.accountReason),
        record.status,
        written(record.outcome),
        written(record.replayOf),
        record.attempts,
        triesJson(record.tries),
        record.queuedMs,
        record.firstByteMs,
        record.totalMs,
        record.inputTokens,
        record.cachedTokens,
        record.outputTokens,
        record.isUsageEstimated ? 1 : 0,
        record.credits ? QVariant(*record.credits) : QVariant(QMetaType(QMetaType::Double)),
        linesOf(record.changes),
        isFailure(record) ? 1 : 0,
        searchTextOf(entry),
    };
    for (qsizetype i = 0; i < values.size(); ++i)
        query.bindValue(static_cast<int>(i), values[i]);
}

QString flowColumns()
{
    return flowFields().join(u", ") + u", bookmarked, note, tags"_s;
}

FlowEntry flowOf(const QSqlQuery &query)
{
    int column = 0;
    const auto text = [&query, &column] { return query.value(column++).toString(); };
    const auto number = [&query, &column] { return query.value(column++).toLongLong(); };
    const auto small = [&query, &column] { return query.value(column++).toInt(); };
    FlowEntry entry;
    FlowRecord &record = entry.record;
    record.id = text();
    record.startedAt = QDateTime::fromMSecsSinceEpoch(number(), Qt::UTC);
    record.route = text();
    record.dialect = text();
    record.stream = small() != 0;
    record.modelAsked = text();
    record.modelUsed = text();
    record.client = text();
    record.clientKey = text();
    record.conversation = text();
    record.accountId = text();
    record.accountReason = text();
    record.status = small();
    record.outcome = text();
    record.replayOf = text();
    record.attempts = small();
    record.tries = triesOf(text());
    record.queuedMs = number();
    record.firstByteMs = number();
    record.totalMs = number();
    record.inputTokens = number();
    record.cachedTokens = number();
    record.outputTokens = number();
    record.isUsageEstimated = small() != 0;
    const QVariant credits = query.value(column++);
    if (!credits.isNull())
        record.credits = credits.toDouble();
    record.changes = text().split(u'\n', Qt::SkipEmptyParts);
    entry.bookmarked = small() != 0;
    entry.note = text();
    entry.tags = text().split(u'\n', Qt::SkipEmptyParts);
    return entry;
}

QString sampleColumns()
{
    return u"started, account, model_used, model_asked, client, failed, input, cached, output, "
           "credits, first_byte"_s;
}

FlowSample sampleOf(const QSqlQuery &query)
{
    FlowSample sample;
    sample.startedMs = query.value(0).toLongLong();
    sample.account = query.value(1).toString();
    sample.model = query.value(2).toString();
    if (sample.model.isEmpty())
        sample.model = query.value(3).toString();
    sample.client = query.value(4).toString();
    sample.failed = query.value(5).toInt() != 0;
    sample.inputTokens = query.value(6).toLongLong();
    sample.cachedTokens = query.value(7).toLongLong();
    sample.outputTokens = query.value(8).toLongLong();
    sample.credits = query.value(9).toDouble();
    sample.firstByteMs = query.value(10).toLongLong();
    return sample;
}

QString tagsColumn(const QStringList &tags)
{
    return tags.isEmpty() ? u""_s : u'\n' + tags.join(u'\n') + u'\n';
}

} // namespace kirotray
