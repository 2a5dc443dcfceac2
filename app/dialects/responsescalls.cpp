// SPDX-License-Identifier: MIT
#include "app/dialects/responsescalls.h"

#include "app/base/jsoncopy.h"
#include "app/dialects/responsesjson.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

using CallKind = ResponsesToolForm::Kind;

/// The named member, or null; `fallback` when it must not be null.
void copyCallMember(JsonWriter &writer, const JsonValue &object, std::string_view name,
                    std::string_view fallback = "null")
{
    writer.key(name);
    if (object[name].isAbsent())
        writer.raw(fallback);
    else
        copyJson(writer, object[name], false);
}

void writeLocalShellAction(JsonWriter &writer, const JsonValue &input)
{
    writer.key("action").beginObject().member("type", "exec");
    copyCallMember(writer, input, "command", "[]");
    copyCallMember(writer, input, "env", "{}");
    copyCallMember(writer, input, "timeout_ms");
    copyCallMember(writer, input, "user");
    copyCallMember(writer, input, "working_directory");
    writer.endObject();
}

void writeShellAction(JsonWriter &writer, const JsonValue &input)
{
    writer.key("action").beginObject();
    copyCallMember(writer, input, "commands", "[]");
    copyCallMember(writer, input, "timeout_ms");
    copyCallMember(writer, input, "max_output_length");
    writer.endObject().memberNull("environment");
}

void writeOwnCall(JsonWriter &writer, CallKind kind, const JsonValue &input)
{
    switch (kind) {
    case CallKind::LocalShell:
        writeLocalShellAction(writer, input);
        return;
    case CallKind::Shell:
        writeShellAction(writer, input);
        return;
    case CallKind::ApplyPatch:
        copyCallMember(writer, input, "operation", "{}");
        return;
    case CallKind::ToolSearch:
        writer.member("execution", "client").key("arguments");
        copyJson(writer, input, false);
        return;
    case CallKind::Function:
    case CallKind::Custom:
        return;
    }
}

std::string_view responsesCallType(CallKind kind)
{
    switch (kind) {
    case CallKind::Function:
        return "function_call";
    case CallKind::Custom:
        return "custom_tool_call";
    case CallKind::LocalShell:
        return "local_shell_call";
    case CallKind::Shell:
        return "shell_call";
    case CallKind::ApplyPatch:
        return "apply_patch_call";
    case CallKind::ToolSearch:
        return "tool_search_call";
    }
    Q_UNREACHABLE();
}

} // namespace

std::string_view responsesCallPrefix(ResponsesToolForm::Kind kind)
{
    switch (kind) {
    case CallKind::Function:
        return "fc_";
    case CallKind::Custom:
        return "ctc_";
    case CallKind::LocalShell:
        return "lsh_";
    case CallKind::Shell:
        return "sh_";
    case CallKind::ApplyPatch:
        return "apc_";
    case CallKind::ToolSearch:
        return "tsc_";
    }
    Q_UNREACHABLE();
}

std::string responsesCallItem(const ResponsesCall &call, ResponsesStatus status)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject()
        .member("id", call.itemId)
        .member("type", responsesCallType(call.form.kind))
        .member("status", responsesStatusName(status))
        .member("call_id", call.callId);
    if (isOpenAisOwn(call.form.kind)) {
        const Result<JsonDocument> input = JsonDocument::parse(call.inputJson);
        writeOwnCall(writer, call.form.kind, input ? input.value().root() : JsonValue());
        writer.endObject();
        return out;
    }
    writer.member("name", call.form.name);
    if (!call.form.nameSpace.empty())
        writer.member("namespace", call.form.nameSpace);
    if (call.form.kind == CallKind::Custom)
        writer.member("input", call.freeText);
    else
        writer.member("arguments", call.inputJson);
    writer.endObject();
    return out;
}

std::string responsesSearchItem(std::string_view itemId, const WebSearchCall &call,
                                const WebSearchResult *result, bool withSources)
{
    std::string_view status = "in_progress";
    if (result != nullptr)
        status = result->errorCode.empty() ? "completed" : "failed";
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().member("id", itemId).member("type", "web_search_call");
    writer.member("status", status).key("action").beginObject();
    writer.member("type", "search").member("query", call.query);
    writer.key("queries").beginArray().string(call.query).endArray();
    if (withSources && result != nullptr) {
        writer.key("sources").beginArray();
        for (const WebSearchHit &hit : result->hits)
            writer.beginObject().member("type", "url").member("url", hit.url).endObject();
        writer.endArray();
    }
    writer.endObject().endObject();
    return out;
}

} // namespace kirotray
