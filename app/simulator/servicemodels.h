// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// A model as the simulated service offers it (kiro-protocol §5.2, §9.3).
struct ServiceModel
{
    /// Which additionalModelRequestFields it announces (§1.9).
    enum class Fields { None, Claude, ClaudeLargest, Gpt };
    std::string id;
    std::string name;
    qint64 maxInputTokens = 200'000;
    qint64 maxOutputTokens = 64'000;
    double rate = 1.0; ///< credits per credit
    bool images = true;
    Fields fields = Fields::None;
};

/// The list of autumn 2026, `auto` first. Rates that no source gives are invented.
const std::vector<ServiceModel> &builtInServiceModels();
/// Null when `id` is not in the list.
const ServiceModel *findServiceModel(const std::vector<ServiceModel> &models, std::string_view id);

} // namespace kirotray
