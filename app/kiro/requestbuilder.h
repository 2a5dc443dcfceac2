// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"
#include "app/kiro/identity.h"
#include "app/kiro/kirotables.h"

#include <QByteArray>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kirotray {

/// One thing that was changed or dropped so that the upstream accepts the request (§1.7).
struct NormaliserNote
{
    int rule =
        0; ///< row of kiro-protocol §1.7; 0: system text, tool choice or reasoning (§1.5, §1.9)
    std::string what; ///< "tool 'x' renamed to 'y'"; no message text
    bool operator==(const NormaliserNote &) const = default;
};

/// Makes a picture fit: at most `maxSide` pixels a side and `maxBytes` of file. Gives the new file,
/// empty when it cannot. Called on pool threads. The console program has none: it links no Gui.
using ImageScaler =
    std::function<std::string(std::string_view file, int maxSide, qsizetype maxBytes)>;

struct BuildOptions
{
    QString modelId; ///< the upstream's id, resolved
    std::string conversationId; ///< UUID; see conversationIdFor()
    std::string continuationId; ///< UUID, new for each user turn
    bool strictSchemas = false; ///< second attempt of rule 14
    bool keepThinking = true; ///< false: strip all history reasoning
    std::shared_ptr<const KiroModel> model = {}; ///< null: unlisted, nothing is assumed of it
    bool useModelFields = true; ///< false: second attempt, prompt tags instead
    bool keepHistoryImages = true; ///< false: second attempt, pictures of the last turn only
    ImageScaler imageScaler = {}; ///< null: what is too large is an error
};

/// The normalised request as the upstream's JSON, without the profile ARN (it depends on host and
/// attempt).
struct BuiltRequest
{
    std::string conversationState; ///< JSON object
    /// Upstream tool name → the client's, for those that were renamed (rule 10).
    std::unordered_map<std::string, std::string> toolNames;
    std::vector<NormaliserNote> notes;
    std::string modelFields; ///< additionalModelRequestFields, a JSON object; empty: none
    bool hasTools = false;
    bool hasHistoryImages = false;
    bool asksForThinkingTags = false; ///< the answer text may begin with <thinking>
};

/// Normalises and serialises in the order §1.7 recommends. Pure; any thread. Error::BadInput when
/// nothing is left to send, with the path `messages`.
Result<BuiltRequest> buildRequest(const ChatRequest &request, const BuildOptions &options,
                                  const KiroTables &tables);

/// The body: conversationState and, when not empty, additionalModelRequestFields and profileArn.
QByteArray requestBody(const BuiltRequest &built, const QString &profileArn);

/// A stable UUID for the client's session, or for the start of the conversation when it sends none
/// (§1.8).
std::string conversationIdFor(const ChatRequest &request, std::string_view installation = {});

enum class KiroCallKind { Chat, Control, Oidc, SocialAuth };
/// The headers of §1.3 in the order the official client sends them.
std::vector<std::pair<QByteArray, QByteArray>>
kiroHeaders(const KiroTables &tables, const KiroIdentity &identity, KiroCallKind kind,
            const QByteArray &invocationId, const QString &profileArn);

} // namespace kirotray
