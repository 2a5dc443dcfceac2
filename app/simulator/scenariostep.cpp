// SPDX-License-Identifier: MIT
#include "app/simulator/scenarioreader.h"

#include <array>

namespace kirotray {

namespace {

step::Pace readPace(const JsonValue &value, ScenarioReader &reader)
{
    step::Pace pace;
    pace.chunk = reader.integer(value, "chunk", 0, 1);
    pace.words = reader.flag(value, "words", false);
    pace.interval = reader.milliseconds(value, "intervalMs");
    return pace;
}

ScenarioStep readText(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"text", "modelId", "chunk", "words", "intervalMs"});
    return step::Text {reader.requiredString(value, "text"), reader.text(value, "modelId"),
                       readPace(value, reader)};
}

ScenarioStep readThinking(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"thinking", "signature", "chunk", "words", "intervalMs"});
    return step::Thinking {reader.requiredString(value, "thinking"),
                           reader.text(value, "signature"), readPace(value, reader)};
}

ScenarioStep readRedacted(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"redacted"});
    return step::Redacted {reader.requiredString(value, "redacted")};
}

ScenarioStep readToolCall(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"toolCall"});
    const JsonValue call = value["toolCall"];
    reader.objectWith(call, {"id", "name", "input", "inputText", "fragments", "stop"});
    step::ToolCall result;
    result.id = reader.text(call, "id");
    result.name = reader.requiredString(call, "name");
    result.input = reader.text(call, "inputText");
    if (const JsonValue input = reader.optionalObject(call, "input"); !input.isAbsent()) {
        if (!call["inputText"].isMissing())
            reader.fail(call["inputText"], "excludes input");
        result.input = input.raw();
    }
    result.fragments = reader.integer(call, "fragments", 1, 1);
    result.stop = reader.flag(call, "stop", true);
    return result;
}

ScenarioStep readMetadata(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"usage", "stopReason"});
    step::Metadata metadata;
    metadata.stopReason = reader.text(value, "stopReason");
    const JsonValue usage = reader.optionalObject(value, "usage");
    if (usage.isAbsent())
        return metadata;
    reader.objectWith(usage,
                      {"inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"});
    metadata.usage = step::Metadata::Usage {reader.integer(usage, "inputTokens", 0, 0),
                                            reader.integer(usage, "outputTokens", 0, 0),
                                            reader.integer(usage, "cacheReadTokens", 0, 0),
                                            reader.integer(usage, "cacheWriteTokens", 0, 0)};
    return metadata;
}

double requiredNumber(const JsonValue &object, std::string_view key, ScenarioReader &reader)
{
    const std::optional<double> number = reader.optionalNumber(object, key);
    if (!number)
        reader.fail(object[key], "expected a number");
    return number.value_or(0);
}

ScenarioStep readContextUsage(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"contextUsage"});
    return step::ContextUsage {requiredNumber(value, "contextUsage", reader)};
}

ScenarioStep readMetering(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"metering"});
    return step::Metering {requiredNumber(value, "metering", reader)};
}

ScenarioStep readRawEvent(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"event"});
    const JsonValue event = value["event"];
    reader.objectWith(event, {"type", "payload"});
    const JsonValue payload = event["payload"];
    return step::RawEvent {reader.requiredString(event, "type"),
                           std::string(payload.isMissing() ? "" : payload.raw())};
}

ScenarioStep readException(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"exception"});
    const JsonValue exception = value["exception"];
    reader.objectWith(exception, {"type", "message", "reason"});
    std::string payload;
    JsonWriter writer(payload);
    writer.beginObject().member("message", reader.text(exception, "message"));
    if (const std::string reason = reader.text(exception, "reason"); !reason.empty())
        writer.member("reason", reason);
    else
        writer.memberNull("reason");
    writer.endObject();
    return step::Exception {reader.requiredString(exception, "type"), payload};
}

ScenarioStep readErrorFrame(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"error"});
    const JsonValue error = value["error"];
    reader.objectWith(error, {"code", "message"});
    return step::ErrorFrame {reader.requiredString(error, "code"), reader.text(error, "message")};
}

ScenarioStep readBadFrame(const JsonValue &value, ScenarioReader &reader)
{
    using Kind = step::BadFrame::Kind;
    static constexpr std::array<std::pair<std::string_view, Kind>, 4> Kinds {
        {{"preludeCrc", Kind::PreludeCrc},
         {"messageCrc", Kind::MessageCrc},
         {"garbage", Kind::Garbage},
         {"truncated", Kind::Truncated}}};
    reader.objectWith(value, {"badFrame"});
    const std::string name = reader.requiredString(value, "badFrame");
    for (const auto &[known, kind] : Kinds) {
        if (name == known)
            return step::BadFrame {kind};
    }
    reader.fail(value["badFrame"], "expected preludeCrc, messageCrc, garbage or truncated");
    return step::BadFrame {};
}

ScenarioStep readDelay(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"delayMs"});
    return step::Delay {reader.milliseconds(value, "delayMs")};
}

ScenarioStep readBurst(const JsonValue &value, ScenarioReader &reader)
{
    reader.objectWith(value, {"burst"});
    const JsonValue burst = value["burst"];
    reader.objectWith(burst, {"text", "count", "intervalMs"});
    return step::Burst {reader.requiredString(burst, "text"), reader.integer(burst, "count", 1, 1),
                        reader.milliseconds(burst, "intervalMs")};
}

/// Steps whose member is just `true`.
template <typename Step>
ScenarioStep readMark(const JsonValue &value, ScenarioReader &reader)
{
    const JsonValue mark = *value.begin();
    if (value.size() != 1 || !mark.boolean())
        reader.fail(mark, "expected true and no other member");
    return Step {};
}

struct StepForm
{
    std::string_view key;
    ScenarioStep (*read)(const JsonValue &, ScenarioReader &);
};

constexpr std::array<StepForm, 17> StepForms {{{"text", readText},
                                               {"thinking", readThinking},
                                               {"redacted", readRedacted},
                                               {"toolCall", readToolCall},
                                               {"usage", readMetadata},
                                               {"stopReason", readMetadata},
                                               {"contextUsage", readContextUsage},
                                               {"metering", readMetering},
                                               {"event", readRawEvent},
                                               {"exception", readException},
                                               {"error", readErrorFrame},
                                               {"badFrame", readBadFrame},
                                               {"delayMs", readDelay},
                                               {"burst", readBurst},
                                               {"begin", readMark<step::Begin>},
                                               {"drop", readMark<step::Drop>},
                                               {"hang", readMark<step::Hang>}}};

} // namespace

ScenarioStep readStep(const JsonValue &value, ScenarioReader &reader)
{
    if (reader.expect(value, JsonValue::Type::Object)) {
        for (const StepForm &form : StepForms) {
            if (!value[form.key].isMissing())
                return form.read(value, reader);
        }
        reader.fail(value, "no known kind of step");
    }
    return step::Begin {};
}

} // namespace kirotray
