// SPDX-License-Identifier: MIT
#include "app/kiro/requestbuilder.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/kiro/cachepoints.h"
#include "app/kiro/documents.h"
#include "app/kiro/images.h"
#include "app/kiro/modelfields.h"
#include "app/kiro/normaliser.h"
#include "app/kiro/sizebudget.h"
#include "app/kiro/statewriter.h"
#include "app/kiro/systemtext.h"
#include "app/kiro/toolspecs.h"

#include <QCryptographicHash>
#include <QUuid>

#include <algorithm>

namespace kirotray {

namespace {

bool usesModelFields(const BuildOptions &options)
{
    return options.useModelFields && options.model != nullptr && !options.model->fields.isEmpty();
}

/// Reasoning goes back only where the model has a field for it. Of an unlisted model nothing is
/// known: a signature tells that it gave reasoning before.
ThinkingReplay replayFor(const BuildOptions &options, bool asksForTags)
{
    if (!options.keepThinking)
        return ThinkingReplay::DropForRetry;
    const bool isUnlisted = options.model == nullptr && options.useModelFields && !asksForTags;
    return usesModelFields(options) || isUnlisted ? ThinkingReplay::Keep
                                                  : ThinkingReplay::DropForModel;
}

bool hasImagesBeforeTheLast(const std::vector<Turn> &turns)
{
    return std::any_of(turns.begin(), turns.end() - 1,
                       [](const Turn &turn) { return !turn.images.empty(); });
}

/// Writes the state, again with less when it turns out too large.
void writeWithinBudget(const ChatRequest &request, const BuildOptions &options,
                       const KiroTables &tables, Conversation &conversation, BuiltRequest &built)
{
    const SchemaLevel level = options.strictSchemas ? SchemaLevel::Strict : SchemaLevel::Safe;
    const int mostPoints =
        std::min(options.model == nullptr ? limits::MaxCachePoints : options.model->maxCachePoints,
                 limits::MaxCachePoints);
    std::vector<NormaliserNote> notes;
    SizeBudget budget;
    for (;;) {
        notes.clear();
        ToolPlan tools = planTools(request, conversation, level, notes);
        const std::string system =
            upstreamSystemText(request, tools.instruction, built.asksForThinkingTags, notes);
        const bool systemPoint = settleCachePoints(conversation, request.systemCachePoint,
                                                   !system.empty(), mostPoints, notes);
        built.conversationState.clear();
        const std::vector<std::size_t> starts = writeState(
            built.conversationState, {conversation, tools, system, systemPoint}, options, tables);
        if (budget.drop(conversation, starts, built.conversationState.size()))
            continue;
        built.hasTools = !tools.specs.empty();
        built.toolNames = std::move(tools.clientNames);
        break;
    }
    built.notes.insert(built.notes.end(), notes.begin(), notes.end());
    budget.writeNote(built.notes);
}

} // namespace

Result<BuiltRequest> buildRequest(const ChatRequest &request, const BuildOptions &options,
                                  const KiroTables &tables)
{
    BuiltRequest built;
    built.asksForThinkingTags = !usesModelFields(options) && wantsThinking(request.reasoning);
    Result<Conversation> repaired =
        repairConversation(request, replayFor(options, built.asksForThinkingTags), built.notes);
    if (!repaired)
        return repaired.error();
    Conversation conversation = std::move(repaired).value();
    if (const auto error = settleImages(conversation, options, built.notes))
        return *error;
    if (const auto error = settleDocuments(conversation, built.notes))
        return *error;
    writeWithinBudget(request, options, tables, conversation, built);
    built.hasHistoryImages = hasImagesBeforeTheLast(conversation.turns);
    if (usesModelFields(options))
        built.modelFields = modelFieldsJson(request, options.model->fields, built.notes);
    return built;
}

QByteArray requestBody(const BuiltRequest &built, const QString &profileArn)
{
    static constexpr std::string_view start = R"({"conversationState":)";
    static constexpr std::string_view fieldsKey = R"(,"additionalModelRequestFields":)";
    static constexpr std::string_view arnKey = R"(,"profileArn":)";
    std::string tail;
    if (!built.modelFields.empty())
        tail.append(fieldsKey).append(built.modelFields);
    if (!profileArn.isEmpty()) {
        tail += arnKey;
        appendJsonString(tail, profileArn.toStdString());
    }
    tail.push_back('}');
    QByteArray body;
    body.reserve(
        static_cast<qsizetype>(start.size() + built.conversationState.size() + tail.size()));
    for (const std::string_view piece :
         {start, std::string_view(built.conversationState), std::string_view(tail)})
        body.append(piece.data(), static_cast<qsizetype>(piece.size()));
    return body;
}

std::string conversationIdFor(const ChatRequest &request, std::string_view installation)
{
    // Any fixed namespace will do; this one is ours.
    static const QUuid conversations(u"{7c0d3f52-9a1e-5d0b-8b64-2f7f0a5b9e31}"_s);
    const auto start = [](std::string_view text) {
        const std::string_view kept = text.substr(0, std::size_t(limits::ConversationKeyBytes));
        return QByteArray(kept.data(), static_cast<qsizetype>(kept.size()));
    };
    QByteArray key = start(installation) + "session\n" + start(request.sessionKey);
    if (request.sessionKey.empty()) {
        key = start(installation) + "start\n" + start(request.system) + '\0';
        for (const Message &message : request.messages) {
            if (message.role != Role::User)
                continue;
            for (const Part &part : message.parts)
                if (const auto *text = std::get_if<TextPart>(&part))
                    key += start(text->text) + '\0';
            break;
        }
    }
    return QUuid::createUuidV5(conversations, key).toString(QUuid::WithoutBraces).toStdString();
}

} // namespace kirotray
