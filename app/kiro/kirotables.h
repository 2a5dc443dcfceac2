// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/chat/chaterror.h"
#include "app/chat/modelinfo.h"

#include <QString>
#include <QStringList>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kirotray {

/// Base URLs by purpose, in the order of preference; "{region}" is replaced (kiro-protocol §1.1).
struct KiroEndpoints
{
    QStringList chat; ///< tried in this order for an account with a profile ARN
    QStringList chatWithoutArn; ///< and in this one without; an override of `chat` replaces both
    QStringList control; ///< usage, models, profiles
    QStringList mcp;
    QStringList socialAuth;
    QStringList oidc;
    QStringList portal;
    QStringList ssoPortal = {}; ///< session calls of AWS SSO (§4.5)
    /// Origins of identity providers that may get a refresh token (§4.7); plain http is for this
    /// machine, in an override only.
    QStringList identityProviders = {};
};

/// Values that imitate a current client (§1.3).
struct KiroClientIdentity
{
    QString kiroVersion;
    QString sdkChat, sdkRuntime, sdkOidc; ///< aws-sdk-js versions
    QString nodeVersion;
    QString os; ///< such as linux#6.8.0; the running system's own when empty in the table
    QString agentMode;
    QString origin;
    bool optOut = true;
    QString sharedSocialArn; ///< profile of all accounts of this kind (§1.6); empty: none
    QString sharedBuilderIdArn;
};

/// Which additionalModelRequestFields a model takes (§1.9). All empty: none; it is asked to think
/// by prompt tags instead.
struct KiroModelFields
{
    std::vector<std::string> thinkingTypes; ///< of `thinking.type`
    std::vector<std::string> thinkingDisplays; ///< of `thinking.display`
    std::vector<std::string> efforts; ///< in rising order
    bool effortInReasoning = false; ///< `reasoning.effort`; else `output_config.effort`
    std::optional<qint64> maxTokensMin, maxTokensMax; ///< of `max_tokens`
    bool operator==(const KiroModelFields &) const = default;
    bool isEmpty() const { return *this == KiroModelFields {}; }
};

struct KiroModel
{
    ModelInfo info;
    bool thirdParty = false; ///< needs runtime.* (§11 no. 40)
    KiroModelFields fields = {};
    int maxCachePoints = 4; ///< a request; 0: the model has no prompt cache
    bool operator==(const KiroModel &) const = default;
};

struct KiroModelAlias
{
    QString pattern; ///< client name in lower case; * matches anything, the empty text included
    QString model; ///< the upstream's id
};

/// What to do when the upstream refuses (§3.2).
enum class KiroAction {
    Fail, ///< tell the client
    RefreshOnce, ///< renew the token, then try once more
    RetryBackoff, ///< same account, after a pause
    RetryNextHost, ///< next base URL of the list, at once
    RetryStrictSchema, ///< once, with the strict schema level, when tools are present
    RetryWithoutThinking, ///< once, history reasoning removed
    RetryNewConversation, ///< once, under a new conversation id
    RetryWithoutModelFields, ///< once, with prompt tags instead of additionalModelRequestFields
    RetryWithoutImages, ///< once, history images removed
    RetryWithProfile, ///< once, with a profile ARN, or at the next base URL
    RetryWithoutProfile, ///< once, without a profile ARN at q.*, or at the next base URL
};

/// What it means for the account, once the action did not help; the pool acts on it.
enum class AccountEffect {
    None,
    AuthProblem,
    Suspended,
    MonthlyExhausted,
    CoolDown,
    DailyExhausted
};

/// One row. Empty match fields match everything; the first matching row wins, so order is
/// reason → class → status → message, as §3.1 says.
struct KiroReaction
{
    QString reason; ///< exact
    QString errorClass; ///< exact, such as ThrottlingException
    int status = 0; ///< exact; 5 matches 5xx
    QString messageContains; ///< without case
    KiroAction action = KiroAction::Fail;
    AccountEffect effect = AccountEffect::None;
    std::chrono::seconds coolDown {0};
    ChatError::Kind client = ChatError::Kind::Upstream;
    QString clientMessage; ///< empty: the upstream's own message
    /// How many other accounts may be asked the same. Absent: all, where the account is to blame
    /// (`effect`) or a busy service may treat another one better; else none.
    std::optional<int> otherAccounts = {};
};

/// The tables of resources/kiro/*.json (design §6). Immutable once loaded; shared between threads.
struct KiroTables
{
    KiroEndpoints endpoints;
    KiroClientIdentity client;
    std::vector<KiroModel> models;
    std::vector<KiroModelAlias> aliases;
    QString defaultModel;
    std::vector<KiroReaction> reactions;
};
using KiroTablesPtr = std::shared_ptr<const KiroTables>;

struct KiroTablesLoad
{
    KiroTablesPtr tables;
    /// One for each override file that was refused; the built-in table is used instead.
    std::vector<Error> problems;
};

/// Reads the built-in tables and replaces each by endpoints.json, client.json, models.json or
/// reactions.json of `dataDir` when it is there and valid. endpoints.json and client.json may name
/// only some keys: the others keep their built-in values. Error::path is "file: JSON path".
KiroTablesLoad loadKiroTables(const QString &dataDir);

/// The list with "{region}" replaced. A base URL that names another data-plane region is left out:
/// token, ARN and host must belong to one region (kiro-protocol §1.1).
QStringList baseUrlsFor(const QStringList &list, const QString &region);

/// The table's row of an upstream id; null for one that is not listed.
const KiroModel *findModel(const KiroTables &tables, const QString &kiroId);

} // namespace kirotray
