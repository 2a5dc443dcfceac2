// SPDX-License-Identifier: MIT
#include "app/dialects/responsesowntools.h"

#include <array>

namespace kirotray {

namespace {

constexpr std::string_view LocalShellSchema =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments"},)"
    R"("working_directory":{"type":"string"},)"
    R"("timeout_ms":{"type":"integer"},)"
    R"("env":{"type":"object","additionalProperties":{"type":"string"},"description":"Environment variables to set"}},)"
    R"("required":["command"]})";

constexpr std::string_view ShellSchema =
    R"({"type":"object","properties":{)"
    R"("commands":{"type":"array","items":{"type":"string"},"description":"Shell commands"},)"
    R"("timeout_ms":{"type":"integer"},)"
    R"("max_output_length":{"type":"integer","description":"Characters of output to return"}},)"
    R"("required":["commands"]})";

constexpr std::string_view ApplyPatchSchema =
    R"({"type":"object","properties":{"operation":{"type":"object","properties":{)"
    R"("type":{"type":"string","enum":["create_file","update_file","delete_file"]},)"
    R"("path":{"type":"string"},)"
    R"("diff":{"type":"string","description":"Not for delete_file"}},)"
    R"("required":["type","path"]}},"required":["operation"]})";

constexpr std::array OwnTools {
    ResponsesOwnTool {"local_shell", ResponsesToolForm::Kind::LocalShell,
                      "Runs one command on the user's computer and returns its output.",
                      LocalShellSchema},
    ResponsesOwnTool {"shell", ResponsesToolForm::Kind::Shell,
                      "Runs shell commands on the user's computer and returns what they print.",
                      ShellSchema},
    ResponsesOwnTool {
        "apply_patch", ResponsesToolForm::Kind::ApplyPatch,
        "Creates, updates or deletes one file. The diff of create_file has each line of the file "
        "after a +; that of update_file has hunks that begin with @@ and lines that begin with a "
        "space, + or -.",
        ApplyPatchSchema},
};

} // namespace

const ResponsesOwnTool *responsesOwnTool(std::string_view type)
{
    for (const ResponsesOwnTool &tool : OwnTools)
        if (tool.type == type)
            return &tool;
    return nullptr;
}

} // namespace kirotray
