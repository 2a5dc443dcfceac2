// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/http/httpmessage.h"
#include "app/simulator/conversationrules.h"
#include "app/simulator/refusal.h"
#include "app/simulator/servicemodels.h"

#include <optional>
#include <string_view>
#include <vector>

namespace kirotray {

/// What the simulated service insists on; `service` of the script (see scenario.h).
struct ServiceRules
{
    bool validate = true; ///< false: anything that is JSON goes (benchmarks)
    bool requireProfileArn = false; ///< as runtime.* does (kiro-protocol §1.6)
    SchemaRule schemas = SchemaRule::Service;
    ConversationBounds bounds;
    int maxHistory = 10'000;
    int maxHistoryWithoutVersion = 198; ///< rule 21
    std::vector<ServiceModel> models = builtInServiceModels();
};

/// A chat request that was let in, or why not. Exactly one of the two is there.
struct CheckedRequest
{
    std::optional<JsonDocument> document;
    std::optional<Refusal> refusal;
};

/// Refuses what the real service is reported to refuse in a body (kiro-protocol §1.4, §1.6, §1.7
/// rules 1 to 14, 16 and 18 to 21, §1.9). Of the headers of §1.3 it needs a JSON Content-Type; a
/// User-Agent that is missing or has no client version only shortens the history that is let in
/// (rule 21), the other recommended ones are not looked at. Nor is who asks: see TokenBook. Pure.
CheckedRequest checkChatRequest(const HttpHeaders &headers, std::string_view body,
                                const ServiceRules &rules);

/// The form of §1.6, for every call that carries one; its region may be any (rule 22).
bool isServiceProfileArn(std::string_view arn);
/// True for a JSON content type (both bindings), with or without parameters.
bool isJsonContentType(const HttpHeaders &headers);

} // namespace kirotray
