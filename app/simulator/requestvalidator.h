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

/// Refuses what the real service refuses (kiro-protocol §1.3, §1.4, §1.6, §1.7, §1.9). Who asks is
/// not looked at: see TokenBook. Pure.
CheckedRequest checkChatRequest(const HttpHeaders &headers, std::string_view body,
                                const ServiceRules &rules);

/// Rule 22's form, for every call that carries one.
bool isServiceProfileArn(std::string_view arn);
/// True for a JSON content type (both bindings), with or without parameters.
bool isJsonContentType(const HttpHeaders &headers);

} // namespace kirotray
