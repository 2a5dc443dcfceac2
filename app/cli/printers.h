// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

namespace kirotray {

// What the answers of the admin API look like on a terminal: lines for people.

void printAccount(const JsonValue &account);
void printAccounts(const JsonValue &answer);
void printEach(const JsonValue &answer); ///< results by account
void printQuota(const JsonValue &quota);
void printQuotas(const JsonValue &answer);
void printFlow(const JsonValue &flow);
void printFlows(const JsonValue &answer);
void printStatistics(const JsonValue &answer);
void printKey(const JsonValue &key);
void printKeys(const JsonValue &answer);
void printProviders(const JsonValue &answer);
void printSettings(const JsonValue &answer);
void printReport(const JsonValue &answer); ///< the doctor's
void printReplay(const JsonValue &answer);
void printNothing(const JsonValue &answer); ///< "done"

QString textAt(const JsonValue &object, std::string_view name);

} // namespace kirotray
