// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowlog.h"

namespace kirotray {

inline QDateTime flowTime(qint64 secondsAgo)
{
    return QDateTime::currentDateTimeUtc().addSecs(-secondsAgo);
}

/// A record that went well.
inline FlowRecord flowRecord(const QString &id, const QDateTime &startedAt)
{
    FlowRecord record;
    record.id = id;
    record.startedAt = startedAt;
    record.route = QStringLiteral("POST /v1/messages");
    record.dialect = QStringLiteral("anthropic");
    record.stream = true;
    record.modelAsked = QStringLiteral("claude-sonnet-4-5");
    record.modelUsed = QStringLiteral("CLAUDE_SONNET_4_5");
    record.client = QStringLiteral("claude-code");
    record.clientKey = QStringLiteral("laptop");
    record.conversation = QStringLiteral("c0ffee");
    record.accountId = QStringLiteral("account-1");
    record.accountReason = QStringLiteral("the first in order");
    record.status = 200;
    record.outcome = QStringLiteral("ok");
    record.attempts = 1;
    record.tries = {{record.accountId, QStringLiteral("q.example"), 200, record.outcome, 40}};
    record.queuedMs = 5;
    record.firstByteMs = 120;
    record.totalMs = 900;
    record.inputTokens = 1000;
    record.cachedTokens = 600;
    record.outputTokens = 50;
    record.isUsageEstimated = false;
    record.credits = 0.25;
    record.changes = {QStringLiteral("a tool name was shortened")};
    return record;
}

/// `count` records, one second apart, the first the oldest: ids 00000000, 00000001, …
inline std::vector<FlowRecord> flowRecords(int count)
{
    std::vector<FlowRecord> records;
    for (int i = 0; i < count; ++i)
        records.push_back(
            flowRecord(QStringLiteral("%1").arg(i, 8, 16, QLatin1Char('0')), flowTime(count - i)));
    return records;
}

inline FlowBodiesPtr flowBodies(qsizetype size)
{
    FlowBodies bodies;
    bodies.clientRequest = QByteArray(size, 'r');
    return std::make_shared<const FlowBodies>(bodies);
}

} // namespace kirotray
