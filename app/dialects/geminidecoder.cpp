// SPDX-License-Identifier: MIT
#include "app/dialects/dialectparts.h"
#include "app/dialects/gemini.h"
#include "app/dialects/geminiconfig.h"
#include "app/dialects/geminifields.h"
#include "app/dialects/geminimedia.h"
#include "app/dialects/geminitools.h"
#include "app/dialects/packedthinking.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace kirotray {

namespace {

constexpr std::array GeminiIdleMembers {
    IdleMember {"labels"},      IdleMember {"safetySettings"}, IdleMember {"safety_settings"},
    IdleMember {"serviceTier"}, IdleMember {"service_tier"},   IdleMember {"store"},
};

std::string geminiModelName(std::string_view name)
{
    constexpr std::string_view Prefix = "models/";
    return std::string(name.starts_with(Prefix) ? name.substr(Prefix.size()) : name);
}

class GeminiDecoder
{
public:
    Result<ChatRequest> decode(const JsonValue &root, const CallTarget &target);

private:
    void readModel(const JsonValue &root, const CallTarget &target);
    void readSystem(const JsonValue &system);
    void readContents(const JsonValue &contents);
    void readContent(const JsonValue &content);
    void beginTurn(Role role);
    void readPart(const JsonValue &part, Message &message);
    void readThinking(const JsonValue &part, Message &message);
    void readCall(const JsonValue &call, Message &message);
    void readResult(const JsonValue &result, Message &message);
    std::string resultId(const JsonValue &result);
    void readResponse(const JsonValue &response, ToolResultPart &part);
    void readText(const JsonValue &text, Message &message);
    void readBlob(const JsonValue &blob, Message &message);
    void readFile(const JsonValue &file, Message &message);
    void readCode(const JsonValue &code, Message &message);
    void readCodeResult(const JsonValue &result, Message &message);
    void note(const JsonValue &at, std::string_view what) { addNote(m_request.notes, at, what); }

    JsonReader m_reader;
    ChatRequest m_request;
    std::unordered_set<std::string> m_openIds; ///< calls of the last model turn without a result
    std::unordered_map<std::string, std::deque<std::string>> m_calls; ///< theirs by name, in order
    std::set<std::string> m_callIds; ///< of the whole conversation
    std::set<std::string> m_signatures; ///< of this turn: some clients copy them to every call
    int m_inventedIds = 0;
    Role m_turn = Role::User;
};

Result<ChatRequest> GeminiDecoder::decode(const JsonValue &root, const CallTarget &target)
{
    if (!m_reader.expect(root, JsonValue::Type::Object))
        return m_reader.error();
    readModel(root, target);
    m_request.stream = target.stream.value_or(false);
    const auto memory = std::make_shared<GeminiMemory>();
    memory->serverSentEvents = target.serverSentEvents;
    m_request.memory = memory;
    readSystem(geminiMember(root, "systemInstruction"));
    readContents(root["contents"]);
    readGeminiTools(m_reader, root, m_request);
    readGeminiConfig(m_reader, root, m_request);
    const JsonValue cached = geminiMember(root, "cachedContent");
    if (!cached.isAbsent() && (!cached.isString() || !cached.string().empty()))
        m_reader.fail(cached, "cached contents are not supported; send them with the request");
    readIdleMembers(m_reader, root, GeminiIdleMembers, m_request.notes);
    if (m_reader.failed())
        return m_reader.error();
    return std::move(m_request);
}

/// The URL names the model; the request within a token count names it too.
void GeminiDecoder::readModel(const JsonValue &root, const CallTarget &target)
{
    const std::string named = m_reader.optionalString(root, "model").value_or("");
    m_request.model = geminiModelName(target.model.empty() ? named : target.model);
    if (m_request.model.empty())
        m_reader.fail(root["model"], "is required");
}

void GeminiDecoder::readSystem(const JsonValue &system)
{
    if (system.isString()) {
        addSystemText(m_request, system.string());
        return;
    }
    const bool isContent = system.isObject() && !system["parts"].isMissing();
    for (const JsonValue &part : geminiItems(m_reader, isContent ? system["parts"] : system)) {
        if (part["text"].isString())
            addSystemText(m_request, part["text"].string());
        else if (part.size() > 0)
            m_reader.fail(part, "only text is supported in a system instruction");
    }
}

void GeminiDecoder::readContents(const JsonValue &contents)
{
    const std::vector<JsonValue> items = geminiItems(m_reader, contents);
    if (items.empty())
        m_reader.fail(contents, "at least one content is required");
    m_request.messages.reserve(items.size());
    for (const JsonValue &content : items) {
        readContent(content);
        if (m_reader.failed())
            return;
    }
}

void GeminiDecoder::readContent(const JsonValue &content)
{
    const std::string role = m_reader.optionalString(content, "role").value_or("user");
    const bool isUser = role.empty() || role == "user" || role == "function" || role == "tool";
    if (!isUser && role != "model") {
        m_reader.fail(content["role"], "expected 'user' or 'model'");
        return;
    }
    beginTurn(isUser ? Role::User : Role::Assistant);
    const std::vector<JsonValue> parts = geminiItems(m_reader, content["parts"]);
    if (parts.empty()) {
        note(content, "a content without parts is left out");
        return;
    }
    std::vector<Message> &messages = m_request.messages;
    if (isUser || messages.empty() || messages.back().role == Role::User)
        messages.push_back({m_turn, {}, false, content.path()});
    for (const JsonValue &part : parts) {
        readPart(part, messages.back());
        if (m_reader.failed())
            return;
    }
}

/// Clients echo a stream as one content a chunk: a turn lasts until the other side speaks.
void GeminiDecoder::beginTurn(Role role)
{
    if (std::exchange(m_turn, role) == role || role == Role::User)
        return;
    m_openIds.clear();
    m_calls.clear();
    m_signatures.clear();
}

void GeminiDecoder::readPart(const JsonValue &part, Message &message)
{
    using Read = void (GeminiDecoder::*)(const JsonValue &, Message &);
    struct PartReader
    {
        std::string_view member;
        Read read;
    };
    static constexpr std::array Readers {
        PartReader {"functionCall", &GeminiDecoder::readCall},
        PartReader {"functionResponse", &GeminiDecoder::readResult},
        PartReader {"inlineData", &GeminiDecoder::readBlob},
        PartReader {"fileData", &GeminiDecoder::readFile},
        PartReader {"executableCode", &GeminiDecoder::readCode},
        PartReader {"codeExecutionResult", &GeminiDecoder::readCodeResult},
        PartReader {"text", &GeminiDecoder::readText},
    };
    readThinking(part, message);
    if (m_reader.optionalBoolean(part, "thought").value_or(false))
        return;
    for (const std::string_view idle : {"videoMetadata", "mediaResolution"})
        if (const JsonValue given = geminiMember(part, idle); !given.isAbsent())
            note(given, "has no effect");
    for (const PartReader &reader : Readers)
        if (const JsonValue given = geminiMember(part, reader.member); !given.isAbsent())
            return (this->*reader.read)(given, message);
    if (geminiMember(part, "thoughtSignature").isMissing())
        note(part, "a part of an unknown kind is left out");
}

void GeminiDecoder::readThinking(const JsonValue &part, Message &message)
{
    const std::string signature =
        m_reader.optionalString(part, geminiKey(part, "thoughtSignature")).value_or("");
    if (message.role != Role::Assistant || signature.empty()
        || !m_signatures.insert(signature).second)
        return;
    for (ThinkingPart &block : unpackThinking(signature))
        message.parts.emplace_back(std::move(block));
}

void GeminiDecoder::readText(const JsonValue &text, Message &message)
{
    if (!m_reader.expect(text, JsonValue::Type::String) || text.string().empty())
        return;
    auto *last = message.parts.empty() ? nullptr : std::get_if<TextPart>(&message.parts.back());
    // The pieces of a stream: a line break between them would change what the model has said.
    if (message.role == Role::Assistant && last != nullptr)
        last->text += text.string();
    else
        message.parts.emplace_back(TextPart {std::string(text.string())});
}

void GeminiDecoder::readCall(const JsonValue &call, Message &message)
{
    if (!m_reader.expect(call, JsonValue::Type::Object))
        return;
    ToolUsePart part;
    part.name = readName(m_reader, call, "name");
    part.id = m_reader.optionalString(call, "id").value_or("");
    // A running number stays the same while the conversation grows.
    if (part.id.empty())
        part.id = "gemini_call_" + std::to_string(++m_inventedIds);
    const JsonValue args = m_reader.optionalObject(call, "args");
    part.inputJson = args.isMissing() ? "{}" : args.raw();
    m_openIds.insert(part.id);
    m_calls[part.name].push_back(part.id);
    m_callIds.insert(part.id);
    message.parts.emplace_back(std::move(part));
}

void GeminiDecoder::readResult(const JsonValue &result, Message &message)
{
    if (!m_reader.expect(result, JsonValue::Type::Object))
        return;
    ToolResultPart part;
    part.toolUseId = resultId(result);
    readResponse(result["response"], part);
    for (const JsonValue &each : geminiItems(m_reader, result["parts"])) {
        const JsonValue blob = geminiMember(each, "inlineData");
        const JsonValue file = geminiMember(each, "fileData");
        std::optional<Part> media;
        if (!blob.isMissing())
            media = readGeminiBlob(m_reader, blob);
        else if (!file.isMissing())
            media = readGeminiFile(m_reader, file);
        else if (each["text"].isString())
            media = TextPart {std::string(each["text"].string())};
        else
            note(each, "a part of an unknown kind is left out");
        if (media)
            addToResult(part, std::move(*media));
    }
    message.parts.emplace_back(std::move(part));
}

/// By id, else the oldest open call of that name.
std::string GeminiDecoder::resultId(const JsonValue &result)
{
    std::string id = m_reader.optionalString(result, "id").value_or("");
    const std::string name = m_reader.optionalString(result, "name").value_or("");
    if (id.empty() && name.empty())
        m_reader.fail(result["name"], "is required");
    if (m_callIds.contains(id)) {
        m_openIds.erase(id);
        return id;
    }
    std::deque<std::string> &calls = m_calls[name];
    while (!calls.empty()) {
        const std::string oldest = std::move(calls.front());
        calls.pop_front();
        if (m_openIds.erase(oldest) > 0)
            return oldest;
    }
    return id.empty() ? "gemini_call_" + std::to_string(++m_inventedIds) : id;
}

/// FunctionResponse: `output` or `error` alone hold the result; without them the whole object is
/// one.
void GeminiDecoder::readResponse(const JsonValue &response, ToolResultPart &part)
{
    if (response.isAbsent())
        return;
    if (response.isString()) {
        part.text = response.string();
        return;
    }
    if (!m_reader.expect(response, JsonValue::Type::Object))
        return;
    part.isError = !response["error"].isAbsent();
    part.text = response.raw();
    if (response.size() != 1)
        return;
    for (const std::string_view name : {"output", "result", "error"})
        if (response[name].isString())
            part.text = response[name].string();
}

void GeminiDecoder::readBlob(const JsonValue &blob, Message &message)
{
    if (std::optional<Part> part = readGeminiBlob(m_reader, blob))
        message.parts.push_back(std::move(*part));
}

void GeminiDecoder::readFile(const JsonValue &file, Message &message)
{
    if (std::optional<Part> part = readGeminiFile(m_reader, file))
        message.parts.push_back(std::move(*part));
}

/// Code that ran at Google in an earlier turn.
void GeminiDecoder::readCode(const JsonValue &code, Message &message)
{
    if (!m_reader.expect(code, JsonValue::Type::Object))
        return;
    const std::string language =
        geminiLowered(m_reader.optionalString(code, "language").value_or(""));
    const std::string text = m_reader.requiredString(code, "code");
    note(code, "code that ran at Google is sent as text");
    message.parts.emplace_back(TextPart {"```" + language + '\n' + text + "\n```\n"});
}

void GeminiDecoder::readCodeResult(const JsonValue &result, Message &message)
{
    if (!m_reader.expect(result, JsonValue::Type::Object))
        return;
    const std::string outcome = m_reader.optionalString(result, "outcome").value_or("");
    const std::string output = m_reader.optionalString(result, "output").value_or("");
    note(result, "the output of code that ran at Google is sent as text");
    message.parts.emplace_back(TextPart {outcome + "\n```\n" + output + "\n```\n"});
}

} // namespace

Result<ChatRequest> decodeGemini(const JsonValue &root, const CallTarget &target)
{
    return GeminiDecoder().decode(root, target);
}

} // namespace kirotray
