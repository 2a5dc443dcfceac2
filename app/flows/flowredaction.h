// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowbodies.h"
#include "app/flows/flowrecord.h"

#include <QByteArray>
#include <QHash>
#include <QString>

#include <utility>
#include <vector>

namespace kirotray {

/// True for names whose value is a secret: authorization, cookie, x-api-key, accessToken, …: those
/// that redacted() of app/base/secret.h masks, which also does the rest of the work here.
bool isSecretName(const QString &name);

/// The same fields in the same order; values of secret names become ***, others are redacted().
std::vector<std::pair<QByteArray, QByteArray>>
redactedHeaders(const std::vector<std::pair<QByteArray, QByteArray>> &headers);

/// A body without credentials: JSON stays JSON, lines of JSON and server-sent events stay such, and
/// other text is redacted() as it is. Runs of 200 letters and digits and more (pictures, files)
/// become *** too. Not for the interface's thread: two MiB take tenths of a second.
QByteArray redactedBody(const QByteArray &body);

FlowBodies redactedBodies(const FlowBodies &bodies); ///< all four

/// redacted() of many texts that repeat, such as the fields of records.
class RedactedTexts
{
public:
    QString of(const QString &text);

private:
    QHash<QString, QString> m_known; ///< bounded
};

/// What clients and the upstream wrote into a record, such as an error's sentence, redacted.
FlowRecord redactedRecord(const FlowRecord &record, RedactedTexts &texts);

} // namespace kirotray
