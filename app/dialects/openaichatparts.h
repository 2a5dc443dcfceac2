// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatevent.h"

#include <string_view>

/// What the chunks of a chat stream and a whole chat answer are made of. Pure; any thread.
namespace kirotray {

/// `legacyCall`: the answer calls a function in the form of `functions`.
std::string_view openAiFinishReason(StopReason reason, bool legacyCall);

/// The member `usage`.
void writeOpenAiUsage(JsonWriter &writer, const Usage &usage);

/// `{"type":"url_citation",…}`; its offsets count within the whole `content`.
void writeOpenAiAnnotation(JsonWriter &writer, const TextCitation &citation);

/// `"function":{"name":…,"arguments":…}`, or `function_call` where the client asked in that way.
void writeOpenAiFunction(JsonWriter &writer, std::string_view member, std::string_view name,
                         std::string_view arguments);

/// `"custom":{"name":…,"input":…}`.
void writeOpenAiCustom(JsonWriter &writer, std::string_view name, std::string_view input);

/// One of `reasoning_details`: `{"type":"reasoning.encrypted",…}`. `number`: of those before it.
void writeOpenAiThought(JsonWriter &writer, std::string_view packed, int number);

/// Where citations stand in a message's `content`. Chat joins all texts of an answer, while the
/// offsets of a TextCitation count within its running text.
class OpenAiCitationPlaces
{
public:
    void addText(std::string_view text);
    /// Something other than text has come: the offsets of citations count from here.
    void endText() { m_start = m_end; }
    TextCitation placed(TextCitation citation) const;

private:
    qint64 m_start = 0; ///< of the running text, in code points
    qint64 m_end = 0;
};

} // namespace kirotray
