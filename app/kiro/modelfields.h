// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"
#include "app/kiro/kirotables.h"
#include "app/kiro/requestbuilder.h"

namespace kirotray {

/// Reads additionalModelRequestFieldsSchema of a model list (kiro-protocol §5.2, §1.9). Where it
/// names a field without saying which values it takes, those of `known` stand, else those that all
/// models of such a field are known to take. What is in no known shape is passed over. Pure.
KiroModelFields modelFieldsFromSchema(const JsonValue &schema, const KiroModelFields &known,
                                      qint64 maxOutputTokens);

/// The place of an effort in the rising order none, minimal, low, medium, high, xhigh, max;
/// negative for any other word.
int effortRank(std::string_view effort);

/// additionalModelRequestFields for what the client asks, a JSON object; empty when it asks for
/// nothing. Each value is brought to the nearest that `fields` lists, with a note (rule 18). Pure.
std::string modelFieldsJson(const ChatRequest &request, const KiroModelFields &fields,
                            std::vector<NormaliserNote> &notes);

} // namespace kirotray
