// SPDX-License-Identifier: MIT
#pragma once

#include "app/admin/adminservices.h"
#include "app/base/json.h"

namespace kirotray {

/// The values of the admin API as JSON: schemas of the same names in resources/api/openapi.json.
/// None of them holds a secret. Each writes one value; absent times and numbers are null.

void writeAccount(JsonWriter &json, const AdminServices &services, const Account &account);
void writeQuota(JsonWriter &json, const AdminServices &services, const Account &account);
void writeHealth(JsonWriter &json, const AccountHealth &health);
void writeFlow(JsonWriter &json, const FlowEntry &flow);
void writeStatistics(JsonWriter &json, const FlowStatistics &statistics);
void writeKey(JsonWriter &json, const ClientKey &key);
void writeLogin(JsonWriter &json, const LoginStatus &login);
void writeStatus(JsonWriter &json, const ProxyStatus &status, const QStringList &warnings);
void writeError(JsonWriter &json, const Error &error); ///< an object with what and path

/// ISO 8601 in UTC; null for one that is invalid.
void writeTime(JsonWriter &json, std::string_view name, const QDateTime &time);

} // namespace kirotray
