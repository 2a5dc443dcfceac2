// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/simulator/loginrules.h"
#include "app/simulator/oidcrules.h"
#include "app/simulator/requestvalidator.h"
#include "app/simulator/tokenbook.h"

#include <QByteArray>

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The script of the simulator: one JSON object, every member optional, unknown members refused.
///
///     {
///       "rules":   [rule, …],   first match answers; none: the demo answer (see demoanswer.h)
///       "service": {…}, "tokens": {…}, "control": {…}, "logins": {…},
///       "record": 20            keeps the last that many chat and web search requests
///     }                         (Simulator::requests()); 0, the default, keeps none
///
/// A *rule* answers chat requests that the validator let in:
///
///     "name": "for people"
///     "match": {                       all that are given must hold; absent: always
///        "text": "substring of the last user text", "model": "upstream id",
///        "nth": 3,                     the third accepted request since the script was set, from 1
///        "toolResults": true,          the current message carries some (or, false, none)
///        "toolResultText": "substring of one such result",
///        "resultOf": "name of the tool that one such result is of",
///        "tool": "declared name", "notTool": "name that is not declared",
///        "tools": false,               declares none (or, true, some)
///        "system": "substring of the first message, where the system text stands",
///        "anyText": "substring of any message, the user's or the model's, past or current",
///        "notText": "no substring of the last user text",
///        "token": "substring of the bearer token" }
///     "times": 2                       matches that often, then never again; absent: always
///     "firstByteDelayMs": 500          before anything is answered
///     "httpError": {"status": 429, "class": "ThrottlingException", "reason": "…", "message": "…",
///                   "retryAfter": "5", "contentType": "text/html", "rawBody": "…"}
///     "steps": [step, …]               neither httpError nor steps: the demo answer
///     "repeat": 3                      the steps that often, from 1
///     "cut": [1, 7, 500]               bytes of each write, the last size until the end; every
///                                      write has its own turn of the event loop
///     "cutIntervalMs": 0               between two such writes
///
/// A *step* is one of these. The answer ends regularly after the last one. The HTTP header goes out
/// with the first bytes, so that a first step of `drop` or `hang` leaves the caller without one.
///
///     {"text": "…", "modelId": "…"}    assistantResponseEvent; with "chunk": N pieces of N
///                                      characters, with "words": true word by word, "intervalMs"
///                                      between the pieces
///     {"thinking": "…", "signature": "…"}   reasoningContentEvent frames; takes chunk, words,
///                                      intervalMs too
///     {"redacted": "base64"}
///     {"toolCall": {"name": "f", "id": "tooluse_…", "input": {…} | "inputText": "…",
///                   "fragments": 3, "stop": true}}   id: made when absent; inputText: any text
///     {"usage": {"inputTokens": 1, "outputTokens": 2, "cacheReadTokens": 0,
///                "cacheWriteTokens": 0}, "stopReason": "END_TURN"}   metadataEvent; either or both
///     {"contextUsage": 1.5} {"metering": 0.02}
///     {"event": {"type": "…", "payload": any JSON}}
///     {"exception": {"type": "…", "message": "…", "reason": "…"}}
///     {"error": {"code": "…", "message": "…"}}
///     {"badFrame": "preludeCrc" | "messageCrc" | "garbage" | "truncated"}   truncated: half a
///     frame
///     {"delayMs": 100}
///     {"burst": {"text": "…", "count": 1000, "intervalMs": 1}}   one frame, encoded once
///     {"begin": true}                  sends the HTTP header now
///     {"drop": true}                   cuts the connection
///     {"hang": true}                   sends nothing more and never ends
///
/// *service*: "validate" (true), "requireProfileArn" (false), "strictSchemas" (false),
/// "maxHistory", "maxMessageCharacters", "maxToolResultCharacters", "maxInputCharacters", "models":
/// ["id", …] (those of the built-in list keep their figures), "signatures":
/// ["…" | {"signature": "…", "text": "…"}, …] (reasoning with any other signature, or with another
/// text where one is given, is refused as THINKING_SIGNATURE_INVALID; absent: all is taken).
///
/// *tokens*: "expiresIn" (3600 s), "delayMs", "rotate" (true), "grace" (false, see
/// TokenRules::grace), "anyAccess" (false), lists of tokens "access", "refresh", "expired",
/// "apiKeys", "externalIdp", and "failures": [{"on": "social"|"oidc"|"any", "times": 1, and the
/// members of httpError}].
///
/// *logins*: {"social": {…}, "portal": {…}, "idp": {…}}, see LoginRules; {"oidc": {…}}, see
/// OidcRules.
///
/// *control*: for each of "usage", "models", "profiles", "profile", "mcp": {"json": any,
/// "httpError": {…}, "times": N, "delayMs": N}; json and httpError exclude each other; neither: the
/// usual answer, delayed.
namespace kirotray {

namespace step {
/// How a text is split into frames.
struct Pace
{
    int chunk = 0; ///< characters a piece; 0: whole
    bool words = false;
    std::chrono::milliseconds interval {0};
};
struct Text
{
    std::string text;
    std::string modelId; ///< empty: not sent
    Pace pace;
};
struct Thinking
{
    std::string text;
    std::string signature; ///< empty: no signature frame
    Pace pace;
};
struct Redacted
{
    std::string base64;
};
struct ToolCall
{
    std::string id; ///< empty: made at random
    std::string name;
    std::string input; ///< the argument text; not necessarily JSON
    int fragments = 1;
    bool stop = true;
};
struct Metadata
{
    struct Usage
    {
        qint64 inputTokens = 0;
        qint64 outputTokens = 0;
        qint64 cacheReadTokens = 0;
        qint64 cacheWriteTokens = 0;
    };
    std::optional<Usage> usage;
    std::string stopReason; ///< empty: not sent
};
struct ContextUsage
{
    double percent = 0;
};
struct Metering
{
    double credits = 0;
};
struct RawEvent
{
    std::string type;
    std::string payload; ///< JSON
};
struct Exception
{
    std::string type;
    std::string payload; ///< JSON
};
struct ErrorFrame
{
    std::string code;
    std::string message;
};
struct BadFrame
{
    enum class Kind { PreludeCrc, MessageCrc, Garbage, Truncated };
    Kind kind = Kind::Garbage;
};
struct Delay
{
    std::chrono::milliseconds time {0};
};
struct Burst
{
    std::string text;
    int count = 1;
    std::chrono::milliseconds interval {0};
};
struct Begin
{
};
struct Drop
{
};
struct Hang
{
};
} // namespace step

using ScenarioStep = std::variant<step::Text, step::Thinking, step::Redacted, step::ToolCall,
                                  step::Metadata, step::ContextUsage, step::Metering,
                                  step::RawEvent, step::Exception, step::ErrorFrame, step::BadFrame,
                                  step::Delay, step::Burst, step::Begin, step::Drop, step::Hang>;

struct ScenarioMatch
{
    std::string text; ///< empty: any
    std::string model; ///< empty: any
    std::string tool; ///< empty: any
    std::string notTool; ///< empty: any
    std::string system; ///< empty: any
    std::string anyText; ///< empty: any
    std::string notText; ///< empty: any
    std::string toolResultText; ///< empty: any
    std::string resultOf; ///< empty: any
    QByteArray token; ///< empty: any
    int nth = 0; ///< 0: any
    std::optional<bool> toolResults;
    std::optional<bool> tools;
};

struct ScenarioRule
{
    std::string name;
    ScenarioMatch match;
    int times = -1; ///< negative: always
    std::chrono::milliseconds firstByteDelay {0};
    std::optional<HttpFailure> httpError;
    std::optional<std::vector<ScenarioStep>> steps;
    int repeat = 1;
    std::vector<int> cut;
    std::chrono::milliseconds cutInterval {0};
};

/// What a control call answers instead of the usual.
struct ControlOverride
{
    std::optional<QByteArray> json;
    std::optional<HttpFailure> httpError;
    int times = -1; ///< negative: always
    std::chrono::milliseconds delay {0};
};

enum class ControlCall { Usage, Models, Profiles, Profile, Mcp };

struct Scenario
{
    std::vector<ScenarioRule> rules;
    ServiceRules service;
    TokenRules tokens;
    LoginRules logins;
    OidcRules oidc;
    std::vector<std::pair<ControlCall, ControlOverride>> control;
    int record = 0; ///< requests kept
};

/// Error::BadInput with the JSON path of the first mistake. An empty text is an empty script.
Result<Scenario> parseScenario(const QByteArray &json);

} // namespace kirotray
