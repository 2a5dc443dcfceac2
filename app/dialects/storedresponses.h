// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <string>
#include <string_view>

/// What OpenAI's Responses API answers about an answer that was kept. Pure; any thread.
namespace kirotray {

/// `{"id","object":"response","deleted":true}`
std::string encodeDeletedResponse(std::string_view id);

/// Which part of the input items is asked for.
struct ItemPage
{
    bool isAscending = false; ///< `order`: asc or desc, the newest first
    int limit = 20; ///< 1…100
    std::string after = {}; ///< id of the item before the first one wanted; empty: from the start
};
/// Error::BadInput with the parameter's name as path. Empty values take the default.
Result<ItemPage> itemPageOf(std::string_view order, std::string_view limit, std::string_view after);

/// A page of `items`, a JSON array, as GET …/input_items answers.
std::string encodeInputItems(const std::string &items, const ItemPage &page);

} // namespace kirotray
