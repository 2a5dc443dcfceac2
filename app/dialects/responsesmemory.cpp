// SPDX-License-Identifier: MIT
#include "app/dialects/responsesmemory.h"

namespace kirotray {

bool isOpenAisOwn(ResponsesToolForm::Kind kind)
{
    return kind != ResponsesToolForm::Kind::Function && kind != ResponsesToolForm::Kind::Custom;
}

std::string ResponsesMemory::toolName(const ResponsesToolForm &form) const
{
    const auto found = toolNames.find({form.nameSpace, form.name, isOpenAisOwn(form.kind)});
    if (found != toolNames.end())
        return found->second;
    return form.nameSpace.empty() ? form.name : form.nameSpace + "__" + form.name;
}

const std::vector<std::pair<std::string, std::string>> &responsesEchoDefaults()
{
    static const std::vector<std::pair<std::string, std::string>> defaults {
        {"access_programs", "null"},
        {"background", "false"},
        {"instructions", "null"},
        {"max_output_tokens", "null"},
        {"max_tool_calls", "null"},
        {"metadata", "{}"},
        {"parallel_tool_calls", "true"},
        {"previous_response_id", "null"},
        {"prompt_cache_key", "null"},
        {"reasoning", R"({"effort":null,"summary":null})"},
        {"safety_identifier", "null"},
        {"service_tier", R"("default")"},
        {"store", "true"},
        {"temperature", "1"},
        {"text", R"({"format":{"type":"text"}})"},
        {"tool_choice", R"("auto")"},
        {"tools", "[]"},
        {"top_logprobs", "0"},
        {"top_p", "1"},
        {"truncation", R"("disabled")"},
        {"user", "null"},
    };
    return defaults;
}

} // namespace kirotray
