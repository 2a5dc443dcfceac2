// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/kiro/eventstream.h"
#include "app/kiro/upstreamfailure.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace kirotray {

/// Turns the frames of one answer into chat events (kiro-protocol §2.3–2.7): tool calls are
/// assembled by id and never interleave, names are mapped back, the stop reason and the usage are
/// decided at the end. No thread affinity.
class AnswerTranslator
{
public:
    struct Options
    {
        std::unordered_map<std::string, std::string> toolNames; ///< BuiltRequest::toolNames
        qint64 contextWindow = 200'000; ///< tokens, for contextUsagePercentage
        qint64 promptTokensEstimate = 0;
        bool parallelToolCalls = true; ///< false: calls after the first are dropped
        bool parsesThinkingTags = false; ///< BuiltRequest::asksForThinkingTags
    };
    explicit AnswerTranslator(Options options);

    /// Decodes a sound frame and appends the events it gives. Unknown events are skipped and
    /// counted.
    void add(const EventStreamFrame &frame, std::vector<ChatEvent> &out);
    /// Clean end of the transport: appends what is open and Finished. Nothing when a refusal or an
    /// empty answer was seen: look at refusal() and isEmpty(). Call it once.
    void finish(std::vector<ChatEvent> &out);

    bool hasContent() const; ///< something was emitted that a client can see
    /// §2.6: no content, and no word of the upstream on why the turn ended. Before finish().
    bool isEmpty() const;
    /// Metadata, context usage or metering was seen: what the service sends last.
    bool hasClosingEvents() const;
    bool hasOpenCall() const; ///< a tool call has begun and not ended. Before finish().
    /// An exception or error frame, or invalidStateEvent.
    const std::optional<UpstreamRefusal> &refusal() const;
    /// A payload that is not UTF-8 or not JSON.
    const std::optional<EventStreamError> &payloadError() const;
    int unknownEvents() const;
    std::string servedModel() const; ///< the model that really answered, when the upstream says

    ~AnswerTranslator();
    AnswerTranslator(AnswerTranslator &&) noexcept;
    AnswerTranslator &operator=(AnswerTranslator &&) noexcept;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
