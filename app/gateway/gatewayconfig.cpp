// SPDX-License-Identifier: MIT
#include "app/gateway/gatewayconfig.h"

#include "app/base/log.h"
#include "app/base/settings.h"

namespace kirotray {

namespace {

ThinkingStyle styleBy(const Settings &settings, const Key<QLatin1StringView> &key)
{
    const QString name = settings.get(key);
    const std::optional<ThinkingStyle> style = thinkingStyleNamed(name.toStdString());
    if (!style)
        qCWarning(logGateway).noquote()
            << u"setting ignored key="_s + key.name + u" value="_s + name;
    return style.value_or(ThinkingStyle::Native);
}

} // namespace

GatewayPolicy policyBy(const Settings &settings)
{
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    GatewayPolicy policy;
    const QString strategy = settings.get(keys::PoolStrategy);
    if (const auto known = poolStrategyNamed(strategy))
        policy.pool.strategy = *known;
    else
        qCWarning(logGateway).noquote() << u"setting ignored key=pool/strategy value="_s + strategy;
    policy.pool.stickiness = seconds(settings.get(keys::PoolStickySeconds));
    policy.pool.coolDown = seconds(settings.get(keys::PoolCoolDownSeconds));
    policy.pool.maxFailures = settings.get(keys::PoolMaxFailures);
    policy.pacing.enabled = settings.get(keys::PacingEnabled);
    policy.pacing.minGap = milliseconds(settings.get(keys::PacingMinGapMs));
    policy.pacing.burst = settings.get(keys::PacingBurst);
    policy.pacing.perAccount = settings.get(keys::PacingPerAccount);
    policy.pacing.total = settings.get(keys::PacingTotal);
    policy.pacing.concurrency = settings.get(keys::PacingConcurrency);
    policy.pacing.queueLength = settings.get(keys::PacingQueue);
    policy.pacing.maxWait = seconds(settings.get(keys::PacingWaitSeconds));
    policy.context = contextBy(settings);
    policy.recordsBodies = settings.get(keys::FlowBodies);
    return policy;
}

GatewayConfig answersBy(const Settings &settings)
{
    GatewayConfig config;
    config.openAiThinking = styleBy(settings, keys::OpenAiThinking);
    config.anthropicThinking = styleBy(settings, keys::AnthropicThinking);
    config.thinkingSuffix = settings.get(keys::ThinkingSuffix);
    config.fetchesRemoteImages = settings.get(keys::FetchRemoteImages);
    return config;
}

} // namespace kirotray
