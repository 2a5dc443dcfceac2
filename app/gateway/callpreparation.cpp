// SPDX-License-Identifier: MIT
#include "app/gateway/callpreparation.h"

#include "app/gateway/requestcompletion.h"
#include "app/kiro/modelchoice.h"

#include <QUuid>

namespace kirotray {

QString CallPreparation::likelyModel(const QString &asked) const
{
    return chooseModel(*config.tables, {}, asked, config.thinkingSuffix).id;
}

ThinkingStyle CallPreparation::thinkingStyle() const
{
    switch (dialect) {
    case DialectId::AnthropicMessages:
        return config.anthropicThinking;
    case DialectId::OpenAiChat:
        return config.openAiThinking;
    case DialectId::OpenAiResponses:
    case DialectId::Gemini:
        break;
    }
    return ThinkingStyle::Native;
}

void CallPreparation::settle(PreparedCall &call, const AccountSnapshot &account,
                             FlowRecord &flow) const
{
    ChatRequest &request = call.request;
    BuildOptions &options = call.options;
    const GatewayModels::List listed = models.listOf(account.identity.accountId);
    const KiroTables &tables = account.ownTables ? *account.ownTables : *config.tables;
    const ModelChoice choice = chooseModel(tables, *listed, flow.modelAsked, config.thinkingSuffix);
    options.modelId = choice.id;
    options.model = models.usable(choice.model);
    options.imageScaler = config.imageScaler;
    if (choice.wantsThinking && request.reasoning.mode == Reasoning::Mode::Default)
        request.reasoning.mode = Reasoning::Mode::Adaptive;
    if (dialect != DialectId::AnthropicMessages && choice.model)
        markForCaching(request);
    call.contextWindow = (choice.model ? choice.model->info : ModelInfo {}).maxInputTokens;
    options.conversationId = call.inheritedConversation.empty()
        ? conversationIdFor(request, account.identity.machineId.toStdString())
        : call.inheritedConversation;
    options.continuationId = QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
    flow.modelUsed = choice.id;
}

} // namespace kirotray
