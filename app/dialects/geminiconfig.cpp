// SPDX-License-Identifier: MIT
#include "app/dialects/geminiconfig.h"

#include "app/dialects/dialectparts.h"
#include "app/dialects/geminifields.h"
#include "app/dialects/geminischema.h"

#include <array>

namespace kirotray {

namespace {

using Type = JsonValue::Type;

constexpr std::array GeminiIdleSettings {
    IdleMember {"audioTimestamp"},
    IdleMember {"audio_timestamp"},
    IdleMember {"audioTranscriptionConfig"},
    IdleMember {"enableAffectiveDialog"},
    IdleMember {"enableEnhancedCivicAnswers"},
    IdleMember {"enable_enhanced_civic_answers"},
    IdleMember {"frequencyPenalty", Type::Number},
    IdleMember {"frequency_penalty", Type::Number},
    IdleMember {"generationOutputConfig"},
    IdleMember {"imageConfig"},
    IdleMember {"image_config"},
    IdleMember {"logprobs"},
    IdleMember {"mediaResolution"},
    IdleMember {"media_resolution"},
    IdleMember {"modelSelectionConfig"},
    IdleMember {"presencePenalty", Type::Number},
    IdleMember {"presence_penalty", Type::Number},
    IdleMember {"responseLogprobs"},
    IdleMember {"response_logprobs"},
    IdleMember {"routingConfig"},
    IdleMember {"seed", Type::Number},
    IdleMember {"speechConfig"},
    IdleMember {"speech_config"},
    IdleMember {"temperature", Type::Number},
    IdleMember {"topK", Type::Number},
    IdleMember {"top_k", Type::Number},
    IdleMember {"topP", Type::Number},
    IdleMember {"top_p", Type::Number},
};

class GeminiConfigReader
{
public:
    GeminiConfigReader(JsonReader &reader, ChatRequest &request)
        : m_reader(reader)
        , m_request(request)
    {
    }
    void read(const JsonValue &config);

private:
    void readModalities(const JsonValue &modalities);
    void readFormat(const JsonValue &config);
    JsonValue readSchema(const JsonValue &config);
    void askForOneOf(const JsonValue &schema);
    void readThinking(const JsonValue &thinking);
    void readBudget(const JsonValue &budget, qint64 tokens);

    JsonReader &m_reader;
    ChatRequest &m_request;
};

void GeminiConfigReader::read(const JsonValue &config)
{
    m_request.maxTokens = readPositive(m_reader, config, geminiKey(config, "maxOutputTokens"));
    m_request.stopSequences = readStopSequences(
        m_reader, m_reader.optionalArray(config, geminiKey(config, "stopSequences")));
    const std::string_view candidates = geminiKey(config, "candidateCount");
    if (m_reader.optionalInteger(config, candidates).value_or(1) > 1)
        m_reader.fail(config[candidates], "only one candidate is supported");
    readModalities(m_reader.optionalArray(config, geminiKey(config, "responseModalities")));
    readFormat(config);
    readThinking(m_reader.optionalObject(config, geminiKey(config, "thinkingConfig")));
    readIdleMembers(m_reader, config, GeminiIdleSettings, m_request.notes);
}

void GeminiConfigReader::readModalities(const JsonValue &modalities)
{
    for (const JsonValue &modality : modalities) {
        if (!m_reader.expect(modality, Type::String))
            return;
        const std::string name = geminiLowered(modality.string());
        if (name != "text" && name != "modality_unspecified")
            m_reader.fail(modality, "only TEXT is supported");
    }
}

void GeminiConfigReader::readFormat(const JsonValue &config)
{
    const std::string_view key = geminiKey(config, "responseMimeType");
    const std::string type = m_reader.optionalString(config, key).value_or("");
    const JsonValue schema = readSchema(config);
    if (type == "text/x.enum") {
        askForOneOf(schema);
    } else if (!type.empty() && type != "text/plain" && type != "application/json") {
        m_reader.fail(config[key], "expected 'text/plain', 'application/json' or 'text/x.enum'");
    } else if (schema.isObject()) {
        m_request.format = {OutputFormat::Kind::JsonSchema, geminiJsonSchema(schema)};
    } else if (type == "application/json") {
        m_request.format.kind = OutputFormat::Kind::JsonObject;
    }
}

JsonValue GeminiConfigReader::readSchema(const JsonValue &config)
{
    JsonValue schema;
    // The underscore is that of older SDKs.
    for (const std::string_view name :
         {"responseSchema", "responseJsonSchema", "_responseJsonSchema"}) {
        const JsonValue given = m_reader.optionalObject(config, geminiKey(config, name));
        if (given.isObject())
            schema = given;
    }
    return schema;
}

/// The answer is one of the values, bare: no JSON.
void GeminiConfigReader::askForOneOf(const JsonValue &schema)
{
    const JsonValue values = schema["enum"];
    if (!values.isArray()) {
        addNote(m_request.notes, "text/x.enum without a schema's enum has no effect");
        return;
    }
    addSystemText(m_request,
                  "Answer with exactly one of these values, without quotes and with nothing else: "
                      + std::string(values.raw()));
}

void GeminiConfigReader::readThinking(const JsonValue &thinking)
{
    Reasoning &reasoning = m_request.reasoning;
    // Thoughts are shown to those that ask for them, as in the API.
    reasoning.isShown =
        m_reader.optionalBoolean(thinking, geminiKey(thinking, "includeThoughts")).value_or(false);
    const std::string_view budgetKey = geminiKey(thinking, "thinkingBudget");
    if (const std::optional<qint64> budget = m_reader.optionalInteger(thinking, budgetKey))
        readBudget(thinking[budgetKey], *budget);
    const std::string_view levelKey = geminiKey(thinking, "thinkingLevel");
    const std::string level =
        geminiLowered(m_reader.optionalString(thinking, levelKey).value_or(""));
    if (level.empty() || level == "thinking_level_unspecified")
        return;
    if (level != "minimal" && level != "low" && level != "medium" && level != "high") {
        m_reader.fail(thinking[levelKey], "expected 'MINIMAL', 'LOW', 'MEDIUM' or 'HIGH'");
        return;
    }
    if (reasoning.mode != Reasoning::Mode::Default)
        addNote(m_request.notes, thinking[budgetKey], "has no effect beside a thinking level");
    reasoning.mode = Reasoning::Mode::Adaptive;
    reasoning.budgetTokens = 0;
    reasoning.effort = level;
}

void GeminiConfigReader::readBudget(const JsonValue &budget, qint64 tokens)
{
    Reasoning &reasoning = m_request.reasoning;
    if (tokens < -1) {
        m_reader.fail(budget, "must be -1, 0 or a number of tokens");
    } else if (tokens == -1) {
        reasoning.mode = Reasoning::Mode::Adaptive;
    } else if (tokens == 0) {
        reasoning.mode = Reasoning::Mode::Off;
    } else {
        reasoning.mode = Reasoning::Mode::Budget;
        reasoning.budgetTokens = tokens;
    }
}

} // namespace

void readGeminiConfig(JsonReader &reader, const JsonValue &root, ChatRequest &request)
{
    GeminiConfigReader(reader, request)
        .read(reader.optionalObject(root, geminiKey(root, "generationConfig")));
}

} // namespace kirotray
