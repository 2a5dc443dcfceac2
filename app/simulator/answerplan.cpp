// SPDX-License-Identifier: MIT
#include "app/simulator/answerplan.h"

#include "app/base/secret.h"
#include "app/simulator/eventstreamencoder.h"

#include <algorithm>

namespace kirotray {

namespace {

std::size_t characterLength(std::string_view text, std::size_t at)
{
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        ++end;
    return end - at;
}

bool isSpaceAt(std::string_view text, std::size_t at)
{
    return text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
}

std::size_t wordEnd(std::string_view text, std::size_t at)
{
    static constexpr unsigned char FirstWide = 0xE3; // lead byte of U+3000 and above
    static constexpr int WideWord = 2;
    int wide = 0;
    while (at < text.size() && !isSpaceAt(text, at) && wide < WideWord) {
        wide += static_cast<unsigned char>(text[at]) >= FirstWide ? 1 : 0;
        at += characterLength(text, at);
    }
    while (at < text.size() && isSpaceAt(text, at))
        ++at;
    return at;
}

/// Appends what each kind of step sends.
class PlanCompiler
{
public:
    explicit PlanCompiler(AnswerPlan &plan)
        : m_plan(plan)
    {
    }

    void operator()(const step::Text &text)
    {
        forPieces(text.text, text.pace,
                  [&](std::string_view piece) { write(textFrame(piece, text.modelId)); });
    }
    void operator()(const step::Thinking &thinking)
    {
        if (!thinking.text.empty()) {
            forPieces(thinking.text, thinking.pace, [this](std::string_view piece) {
                writeMember("reasoningContentEvent", "text", piece);
            });
        }
        if (!thinking.signature.empty())
            writeMember("reasoningContentEvent", "signature", thinking.signature);
    }
    void operator()(const step::Redacted &redacted)
    {
        writeMember("reasoningContentEvent", "redactedContent", redacted.base64);
    }
    void operator()(const step::ToolCall &call)
    {
        const std::string id =
            call.id.empty() ? "tooluse_" + randomToken(16).toStdString() : call.id;
        toolFrame(call, id, {}, false);
        const int characters =
            static_cast<int>(std::count_if(call.input.begin(), call.input.end(), [](char byte) {
                return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
            }));
        if (!call.input.empty()) {
            step::Pace pace;
            pace.chunk = std::max(1, (characters + call.fragments - 1) / call.fragments);
            for (const std::string_view piece : textPieces(call.input, pace))
                toolFrame(call, id, piece, false);
        }
        if (call.stop)
            toolFrame(call, id, {}, true);
    }
    void operator()(const step::Metadata &metadata)
    {
        std::string payload;
        JsonWriter writer(payload);
        writer.beginObject();
        if (!metadata.stopReason.empty())
            writer.member("stopReason", metadata.stopReason);
        if (metadata.usage) {
            const step::Metadata::Usage &usage = *metadata.usage;
            writer.key("tokenUsage").beginObject();
            writer.memberInteger("uncachedInputTokens", usage.inputTokens);
            writer.memberInteger("cacheReadInputTokens", usage.cacheReadTokens);
            writer.memberInteger("cacheWriteInputTokens", usage.cacheWriteTokens);
            writer.memberInteger("outputTokens", usage.outputTokens);
            writer.memberInteger("totalTokens",
                                 usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
                                     + usage.outputTokens);
            writer.endObject();
        }
        writer.endObject();
        write(encodeEvent("metadataEvent", payload));
    }
    void operator()(const step::ContextUsage &usage)
    {
        std::string payload;
        JsonWriter(payload)
            .beginObject()
            .key("contextUsagePercentage")
            .number(usage.percent)
            .endObject();
        write(encodeEvent("contextUsageEvent", payload));
    }
    void operator()(const step::Metering &metering)
    {
        std::string payload;
        JsonWriter(payload)
            .beginObject()
            .member("unit", "credit")
            .member("unitPlural", "credits")
            .key("usage")
            .number(metering.credits)
            .endObject();
        m_plan.credits += metering.credits;
        write(encodeEvent("meteringEvent", payload));
    }
    void operator()(const step::RawEvent &event) { write(encodeEvent(event.type, event.payload)); }
    void operator()(const step::Exception &exception)
    {
        write(encodeException(exception.type, exception.payload));
    }
    void operator()(const step::ErrorFrame &error)
    {
        write(encodeErrorFrame(error.code, error.message));
    }
    void operator()(const step::BadFrame &bad) { write(damagedFrame(bad.kind)); }
    void operator()(const step::Delay &delay) { add(PlanItem::Kind::Wait, delay.time); }
    void operator()(const step::Burst &burst)
    {
        m_plan.items.push_back(
            {PlanItem::Kind::Write, textFrame(burst.text, {}), burst.interval, burst.count});
    }
    void operator()(const step::Begin &) { add(PlanItem::Kind::Begin); }
    void operator()(const step::Drop &) { add(PlanItem::Kind::Drop); }
    void operator()(const step::Hang &) { add(PlanItem::Kind::Hang); }

private:
    void add(PlanItem::Kind kind, std::chrono::milliseconds time = {})
    {
        m_plan.items.push_back({kind, {}, time, 1});
    }

    void write(std::string bytes)
    {
        m_plan.items.push_back({PlanItem::Kind::Write, std::move(bytes), {}, 1});
    }

    void writeMember(std::string_view event, std::string_view key, std::string_view text)
    {
        std::string payload;
        JsonWriter(payload).beginObject().member(key, text).endObject();
        write(encodeEvent(event, payload));
    }

    template <typename Emit>
    void forPieces(std::string_view text, const step::Pace &pace, const Emit &emitPiece)
    {
        bool first = true;
        for (const std::string_view piece : textPieces(text, pace)) {
            if (!first && pace.interval.count() > 0)
                add(PlanItem::Kind::Wait, pace.interval);
            first = false;
            emitPiece(piece);
        }
    }

    static std::string textFrame(std::string_view text, std::string_view modelId)
    {
        std::string payload;
        JsonWriter writer(payload);
        writer.beginObject().member("content", text);
        if (!modelId.empty())
            writer.member("modelId", modelId);
        writer.endObject();
        return encodeEvent("assistantResponseEvent", payload);
    }

    void toolFrame(const step::ToolCall &call, std::string_view id, std::string_view input,
                   bool stop)
    {
        std::string payload;
        JsonWriter writer(payload);
        writer.beginObject().member("name", call.name).member("toolUseId", id);
        if (!input.empty())
            writer.member("input", input);
        if (stop)
            writer.memberBoolean("stop", true);
        writer.endObject();
        write(encodeEvent("toolUseEvent", payload));
    }

    static std::string damagedFrame(step::BadFrame::Kind kind)
    {
        static constexpr std::size_t PreludeCrcOffset = 8;
        std::string frame = textFrame("damaged", {});
        switch (kind) {
        case step::BadFrame::Kind::PreludeCrc:
            frame[PreludeCrcOffset] = static_cast<char>(frame[PreludeCrcOffset] ^ 1);
            break;
        case step::BadFrame::Kind::MessageCrc:
            frame.back() = static_cast<char>(frame.back() ^ 1);
            break;
        case step::BadFrame::Kind::Garbage:
            frame = "<html><body>502 Bad Gateway</body></html>";
            break;
        case step::BadFrame::Kind::Truncated:
            frame.resize(frame.size() / 2);
            break;
        }
        return frame;
    }

    AnswerPlan &m_plan;
};

/// Re-cuts a sequence of writes.
class PlanCutter
{
public:
    PlanCutter(AnswerPlan &plan, const std::vector<int> &sizes, std::chrono::milliseconds interval)
        : m_plan(plan)
        , m_sizes(sizes)
        , m_interval(interval)
    {
    }

    void add(std::string_view bytes)
    {
        m_pending.append(bytes);
        while (m_pending.size() >= currentSize()) {
            const std::size_t size = currentSize();
            emitWrite(m_pending.substr(0, size));
            m_pending.erase(0, size);
            if (m_next + 1 < m_sizes.size())
                ++m_next;
        }
    }
    void add(const PlanItem &item)
    {
        finish();
        m_plan.items.push_back(item);
    }
    void finish()
    {
        if (!m_pending.empty())
            emitWrite(std::exchange(m_pending, {}));
    }

private:
    std::size_t currentSize() const { return static_cast<std::size_t>(m_sizes[m_next]); }

    void emitWrite(std::string bytes)
    {
        m_plan.items.push_back({PlanItem::Kind::Write, std::move(bytes), {}, 1});
        m_plan.items.push_back({PlanItem::Kind::Turn, {}, m_interval, 1});
    }

    AnswerPlan &m_plan;
    const std::vector<int> &m_sizes;
    std::chrono::milliseconds m_interval;
    std::string m_pending;
    std::size_t m_next = 0;
};

} // namespace

std::vector<std::string_view> textPieces(std::string_view text, const step::Pace &pace)
{
    std::vector<std::string_view> pieces;
    if (pace.chunk <= 0 && !pace.words)
        return {text};
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        if (pace.chunk > 0) {
            for (int i = 0; i < pace.chunk && end < text.size(); ++i)
                end += characterLength(text, end);
        } else {
            end = wordEnd(text, at);
        }
        pieces.push_back(text.substr(at, end - at));
        at = end;
    }
    return pieces.empty() ? std::vector<std::string_view> {text} : pieces;
}

AnswerPlan compilePlan(const std::vector<ScenarioStep> &steps)
{
    AnswerPlan plan;
    PlanCompiler compiler(plan);
    for (const ScenarioStep &step : steps)
        std::visit(compiler, step);
    return plan;
}

AnswerPlan repeatedPlan(const AnswerPlan &plan, int times)
{
    AnswerPlan result;
    for (int i = 0; i < times; ++i) {
        result.items.insert(result.items.end(), plan.items.begin(), plan.items.end());
        result.credits += plan.credits;
    }
    return result;
}

AnswerPlan cutPlan(const AnswerPlan &plan, const std::vector<int> &sizes,
                   std::chrono::milliseconds interval)
{
    AnswerPlan result;
    result.credits = plan.credits;
    PlanCutter cutter(result, sizes, interval);
    for (const PlanItem &item : plan.items) {
        if (item.kind != PlanItem::Kind::Write) {
            cutter.add(item);
            continue;
        }
        for (int i = 0; i < item.count; ++i) {
            if (i > 0 && item.time.count() > 0)
                cutter.add(PlanItem {PlanItem::Kind::Wait, {}, item.time, 1});
            cutter.add(std::string_view(item.bytes));
        }
    }
    cutter.finish();
    return result;
}

bool isConstant(const std::vector<ScenarioStep> &steps)
{
    return std::none_of(steps.begin(), steps.end(), [](const ScenarioStep &step) {
        const auto *call = std::get_if<step::ToolCall>(&step);
        return call != nullptr && call->id.empty();
    });
}

} // namespace kirotray
