// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/flows/flowrecord.h"
#include "app/gateway/gatewaymodels.h"
#include "app/gateway/preparedcall.h"

namespace kirotray {

/// Makes a request ready for the account that is to answer it: the model of its list, the build's
/// options, the conversation. Done anew for each further account. Gateway thread.
struct CallPreparation
{
    const GatewayConfig &config;
    const GatewayModels &models;
    DialectId dialect = DialectId::OpenAiChat;

    /// The upstream id that the table gives for a client's name: for the choice of the account,
    /// whose own list may know a better one.
    QString likelyModel(const QString &asked) const;
    ThinkingStyle thinkingStyle() const; ///< as the user wants it for this API
    /// Everything of `call` but `built`; also FlowRecord::modelUsed.
    void settle(PreparedCall &call, const AccountSnapshot &account, FlowRecord &flow) const;
};

} // namespace kirotray
