// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <string>

namespace kirotray {

/// One model as the model lists of the client APIs show it.
struct ModelInfo
{
    std::string id; ///< the upstream's id, such as claude-sonnet-4.5
    std::string displayName;
    qint64 maxInputTokens = 200'000;
    qint64 maxOutputTokens = 64'000;
    qint64 created = 0; ///< Unix seconds of the release; 0 when unknown
    bool takesImages = true;
    bool operator==(const ModelInfo &) const = default;
};

} // namespace kirotray
