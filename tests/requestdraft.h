// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/requestvalidator.h"

/// Upstream chat requests in pieces, for the rows of the validator's tests. Every piece is JSON.
namespace kirotray::requestdraft {

inline const QByteArray GoodSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";

/// The pieces of a request that the rows vary; together a sound one.
struct Draft
{
    QByteArray history = "[]";
    QByteArray content = R"("hi")";
    QByteArray model = R"("claude-sonnet-4.5")";
    QByteArray messageExtra; ///< members of userInputMessage, with a leading comma
    QByteArray stateExtra;
    QByteArray trigger = R"("MANUAL")";
    QByteArray rootExtra;

    QByteArray json() const;
};

/// A sound one but for one piece.
Draft with(QByteArray Draft::*piece, const QByteArray &json);
Draft withHistory(const QByteArray &history, const QByteArray &messageExtra = {});
Draft withMessage(const QByteArray &messageExtra);

// Messages of the history; `extra` are members, with a leading comma.
QByteArray user(const QByteArray &extra = {});
QByteArray assistant(const QByteArray &extra = {});
QByteArray uses(const QByteArray &list); ///< for assistant()
QByteArray context(const QByteArray &tools, const QByteArray &results = {}); ///< for user()

QByteArray use(const QByteArray &id, const QByteArray &name = "f", const QByteArray &input = "{}");
QByteArray result(const QByteArray &id, const QByteArray &content = R"([{"text":"r"}])");
QByteArray tool(const QByteArray &name = "f", const QByteArray &schema = GoodSchema,
                const QByteArray &description = R"("d")");

HttpHeaders headersWith(const QByteArray &type = "application/json",
                        const QByteArray &agent = "x KiroIDE-1.1.14-0000");

inline const QByteArray Accepted = "accepted";
inline const QByteArray Improper = "400 Improperly formed request.";

/// "accepted", or the reason, or status and message when there is none.
QByteArray verdictOn(const QByteArray &body, const HttpHeaders &headers, const ServiceRules &rules);

// Rows of a body and the verdict on it under the rules as they are.
void addColumns();
void addRow(const char *name, const Draft &draft, const QByteArray &expected);
void checkRow();

} // namespace kirotray::requestdraft
