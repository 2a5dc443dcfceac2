// SPDX-License-Identifier: MIT
#include "app/gateway/preparedcall.h"

#include "app/base/limits.h"
#include "app/chat/tokenestimate.h"
#include "app/gateway/poolwork.h"

#include <algorithm>

namespace kirotray {

namespace {

struct TranslatedBytes
{
    std::size_t operator()(const TextPart &part) const { return part.text.size(); }
    std::size_t operator()(const ThinkingPart &part) const
    {
        return part.text.size() + part.redactedData.size();
    }
    std::size_t operator()(const ToolUsePart &part) const { return part.inputJson.size(); }
    std::size_t operator()(const ToolResultPart &part) const
    {
        std::size_t sum = part.text.size();
        for (const ImagePart &image : part.images)
            sum += image.data.size();
        for (const DocumentPart &document : part.documents)
            sum += document.data.size();
        return sum;
    }
    std::size_t operator()(const ImagePart &part) const { return part.data.size(); }
    std::size_t operator()(const DocumentPart &part) const { return part.data.size(); }
};

bool hasImages(const ChatRequest &request)
{
    const auto isPictured = [](const Part &part) {
        const auto *result = std::get_if<ToolResultPart>(&part);
        return std::holds_alternative<ImagePart>(part)
            || (result != nullptr && !result->images.empty());
    };
    return std::any_of(request.messages.begin(), request.messages.end(), [&](const Message &one) {
        return std::any_of(one.parts.begin(), one.parts.end(), isPictured);
    });
}

struct Translation
{
    std::variant<std::shared_ptr<const BuiltRequest>, ChatError> built;
    qint64 promptTokens = 0;
};

Translation translated(const ChatRequest &request, const BuildOptions &options,
                       const KiroTables &tables)
{
    Result<BuiltRequest> built = buildRequest(request, options, tables);
    if (!built)
        return {toChatError(built.error()), 0};
    return {std::make_shared<const BuiltRequest>(std::move(built).value()),
            estimatePromptTokens(request)};
}

std::optional<ChatError> adopt(const Translation &translation, PreparedCall &call)
{
    if (const auto *refusal = std::get_if<ChatError>(&translation.built))
        return *refusal;
    call.built = std::get<std::shared_ptr<const BuiltRequest>>(translation.built);
    call.promptTokens = translation.promptTokens;
    return std::nullopt;
}

} // namespace

ChatError toChatError(const Error &error)
{
    return {
        ChatError::Kind::InvalidRequest, error.what.toStdString(), error.path.toStdString(), {}};
}

std::variant<ChatRequest, ChatError> decodeCall(std::string body, const Dialect &dialect,
                                                const CallTarget &target)
{
    const Result<JsonDocument> document = JsonDocument::parse(std::move(body));
    if (!document)
        return toChatError(document.error());
    Result<ChatRequest> request = dialect.decode(document.value(), target);
    if (!request)
        return toChatError(request.error());
    return std::move(request).value();
}

void buildCall(QObject *context, const PreparedCallPtr &call, const KiroTablesPtr &tables,
               std::function<void(const std::optional<ChatError> &)> done)
{
    // A small file may be a large picture: scaling one takes a tenth of a second.
    const bool mayScale = call->options.imageScaler && hasImages(call->request);
    if (!mayScale && translationBytes(call->request) <= limits::PrepareInline) {
        done(buildCallHere(*call, *tables));
        return;
    }
    runOnPool<Translation>(
        context,
        [call, options = call->options, tables] {
            return translated(call->request, options, *tables);
        },
        [call, done = std::move(done)](const Translation &translation) {
            done(adopt(translation, *call));
        });
}

std::optional<ChatError> buildCallHere(PreparedCall &call, const KiroTables &tables)
{
    return adopt(translated(call.request, call.options, tables), call);
}

std::variant<qint64, ChatError> countTokens(std::string body, const Dialect &dialect,
                                            const CallTarget &target)
{
    const Result<JsonDocument> document = JsonDocument::parse(std::move(body));
    if (!document)
        return toChatError(document.error());
    const Result<ChatRequest> request = dialect.decodeTokenCount(document.value(), target);
    if (!request)
        return toChatError(request.error());
    return countPromptTokens(request.value());
}

void recordChanges(const PreparedCall &call, QStringList &changes)
{
    constexpr qsizetype MaxChanges = 200; // a flow of a hostile request must stay small
    constexpr std::size_t MaxChange = 400; // bytes
    const auto add = [&changes](const std::string &text) {
        if (changes.size() >= MaxChanges)
            return;
        const QString change = QString::fromStdString(text.substr(0, MaxChange));
        if (!changes.contains(change))
            changes.append(change);
    };
    for (const std::string &note : call.request.notes)
        add(note);
    for (const NormaliserNote &note : call.built->notes)
        add(note.what);
}

qsizetype translationBytes(std::span<const Message> messages)
{
    std::size_t sum = messages.size_bytes();
    for (const Message &message : messages)
        for (const Part &part : message.parts)
            sum += sizeof(Part) + std::visit(TranslatedBytes {}, part);
    return static_cast<qsizetype>(sum);
}

qsizetype translationBytes(const ChatRequest &request)
{
    std::size_t sum = request.system.size();
    for (const Tool &tool : request.tools)
        sum += tool.description.size() + tool.inputSchemaJson.size();
    return static_cast<qsizetype>(sum) + translationBytes(request.messages);
}

} // namespace kirotray
