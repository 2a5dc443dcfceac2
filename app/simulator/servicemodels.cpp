// SPDX-License-Identifier: MIT
#include "app/simulator/servicemodels.h"

#include <algorithm>

namespace kirotray {

const std::vector<ServiceModel> &builtInServiceModels()
{
    using F = ServiceModel::Fields;
    static const std::vector<ServiceModel> models {
        {"auto", "Auto", 1'000'000, 64'000, 1.0, true, F::None},
        {"claude-opus-5.5", "Claude Opus 5.5", 1'000'000, 128'000, 2.2, true, F::ClaudeLargest},
        {"claude-opus-5", "Claude Opus 5", 1'000'000, 128'000, 2.2, true, F::ClaudeLargest},
        {"claude-opus-4.8", "Claude Opus 4.8", 1'000'000, 128'000, 2.2, true, F::ClaudeLargest},
        {"claude-opus-4.7", "Claude Opus 4.7", 1'000'000, 128'000, 2.2, true, F::ClaudeLargest},
        {"claude-opus-4.6", "Claude Opus 4.6", 1'000'000, 64'000, 2.2, true, F::Claude},
        {"claude-opus-4.5", "Claude Opus 4.5", 200'000, 64'000, 2.2, true, F::None},
        {"claude-sonnet-5.5", "Claude Sonnet 5.5", 1'000'000, 128'000, 1.3, true, F::ClaudeLargest},
        {"claude-sonnet-5", "Claude Sonnet 5", 1'000'000, 128'000, 1.3, true, F::ClaudeLargest},
        {"claude-sonnet-4.6", "Claude Sonnet 4.6", 1'000'000, 64'000, 1.3, true, F::Claude},
        {"claude-sonnet-4.5", "Claude Sonnet 4.5", 200'000, 64'000, 1.3, true, F::None},
        {"claude-sonnet-4", "Claude Sonnet 4", 200'000, 64'000, 1.3, true, F::None},
        {"claude-haiku-5.5", "Claude Haiku 5.5", 1'000'000, 128'000, 0.06, true, F::None},
        {"claude-haiku-4.5", "Claude Haiku 4.5", 200'000, 64'000, 0.4, true, F::None},
        {"gpt-5.6-sol", "GPT 5.6 Sol", 272'000, 128'000, 1.3, true, F::Gpt},
        {"gpt-5.6-terra", "GPT 5.6 Terra", 272'000, 128'000, 1.0, true, F::Gpt},
        {"gpt-5.6-luna", "GPT 5.6 Luna", 272'000, 128'000, 0.4, true, F::Gpt},
        {"deepseek-3.2", "DeepSeek 3.2", 164'000, 64'000, 0.25, false, F::None},
        {"minimax-m2.5", "MiniMax M2.5", 196'000, 64'000, 0.25, false, F::None},
        {"minimax-m2.1", "MiniMax M2.1", 196'000, 64'000, 0.15, false, F::None},
        {"glm-5", "GLM 5", 200'000, 64'000, 0.5, false, F::None},
        {"qwen3-coder-next", "Qwen3 Coder Next", 256'000, 64'000, 0.05, false, F::None},
    };
    return models;
}

const ServiceModel *findServiceModel(const std::vector<ServiceModel> &models, std::string_view id)
{
    const auto found = std::find_if(models.begin(), models.end(),
                                    [id](const ServiceModel &model) { return model.id == id; });
    return found == models.end() ? nullptr : &*found;
}

} // namespace kirotray
