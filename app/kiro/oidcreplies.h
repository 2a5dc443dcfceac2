// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/kiro/oidccalls.h"

/// What the calls of OidcCalls send and how their replies are read. Pure.
namespace kirotray::oidcreplies {

inline constexpr char DeviceGrantType[] = "urn:ietf:params:oauth:grant-type:device_code";

QByteArray registrationBody(const OidcSite &site, OidcGrant grant);

/// The error of a call that is not about a token: what the service calls an invalid request is the
/// user's to put right (a wrong region, §4.4).
Error refusal(const HttpReply &reply, const QString &call);
/// The object of a 200 reply.
Result<JsonDocument> objectOf(const Result<HttpReply> &reply, const QString &call);
/// A member that must be there and not empty.
QString text(JsonReader &reader, const JsonValue &root, std::string_view key);

OidcRegistration registration(JsonReader &reader, const JsonValue &root);
DeviceAuthorization device(JsonReader &reader, const JsonValue &root);
OidcTokenReply tokenReply(const Result<HttpReply> &reply);

} // namespace kirotray::oidcreplies
