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
