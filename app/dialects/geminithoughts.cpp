// SPDX-License-Identifier: MIT
#include "app/dialects/geminithoughts.h"

#include "app/base/json.h"
#include "app/base/limits.h"

#include <QByteArray>

#include <utility>

namespace kirotray {

namespace {

constexpr std::string_view OurMark = "kirotray";
/// `{"kirotray":` in base64: twelve bytes make whole groups.
constexpr std::string_view OurStart = "eyJraXJvdHJheSI6";
/// A client sends it back with every further turn; a long thought has about 100 KiB.
constexpr std::size_t MaxCarriedThinking = static_cast<std::size_t>(limits::MiB);

} // namespace

void GeminiThoughts::addText(std::string_view text)
{
    if (m_bytes <= MaxCarriedThinking)
        m_text += text;
    m_bytes += text.size();
}

void GeminiThoughts::sign(std::string_view signature)
{
    ThinkingPart block {std::exchange(m_text, {}), std::string(signature), {}};
    m_bytes += signature.size();
    if (!signature.empty())
        addBlock(std::move(block));
}

void GeminiThoughts::addRedacted(std::string_view data)
{
    m_text.clear();
    m_bytes += data.size();
    addBlock({{}, {}, std::string(data)});
}

void GeminiThoughts::addBlock(ThinkingPart block)
{
    if (m_bytes <= MaxCarriedThinking)
        m_blocks.push_back(std::move(block));
}

std::string GeminiThoughts::take()
{
    const std::vector<ThinkingPart> blocks = std::exchange(m_blocks, {});
    m_text.clear();
    // One block less would make the upstream refuse the others.
    if (std::exchange(m_bytes, 0) > MaxCarriedThinking || blocks.empty())
        return {};
    std::string json;
    JsonWriter writer(json);
    writer.beginObject().key(OurMark).beginArray();
    for (const ThinkingPart &block : blocks) {
        writer.beginObject();
        if (block.redactedData.empty())
            writer.member("text", block.text).member("signature", block.signature);
        else
            writer.member("redacted", block.redactedData);
        writer.endObject();
    }
    writer.endArray().endObject();
    return QByteArray::fromStdString(json).toBase64().toStdString();
}

std::vector<ThinkingPart> geminiThinkingIn(std::string_view signature)
{
    if (!signature.starts_with(OurStart))
        return {};
    QByteArray base64(signature.data(), static_cast<qsizetype>(signature.size()));
    // Google's SDK for Python gives it back in the alphabet for URLs.
    base64.replace('-', '+').replace('_', '/');
    const Result<JsonDocument> json =
        JsonDocument::parse(QByteArray::fromBase64(base64).toStdString());
    if (!json)
        return {};
    std::vector<ThinkingPart> blocks;
    for (const JsonValue &each : json.value().root()[OurMark]) {
        ThinkingPart block {std::string(each["text"].string()),
                            std::string(each["signature"].string()),
                            std::string(each["redacted"].string())};
        if (block.signature.empty() == block.redactedData.empty())
            return {};
        blocks.push_back(std::move(block));
    }
    return blocks;
}

} // namespace kirotray
