// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/dialectparts.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::string_view BashSchema =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","description":"The command to run. Required unless the tool is restarted."},)"
    R"("restart":{"type":"boolean","description":"True restarts the shell."}}})";

constexpr std::string_view EditorCommands = R"("view","create","str_replace","insert")";

constexpr std::string_view EditorSchema =
    R"("path":{"type":"string","description":"Absolute path of the file or directory."},)"
    R"("file_text":{"type":"string","description":"Required by create: the content of the new file."},)"
    R"("old_str":{"type":"string","description":"Required by str_replace: the text to replace. It must occur exactly once."},)"
    R"("insert_line":{"type":"integer","description":"Required by insert: the text goes after this line; 0 is the start of the file."},)"
    R"("view_range":{"type":"array","items":{"type":"integer"},"description":"For view of a file: first and last line, from 1; -1 is the end."},)";
/// insert takes its text from new_str until text_editor_20250728, then from insert_text.
constexpr std::string_view EditorOldText =
    R"("new_str":{"type":"string","description":"For str_replace: what stands there instead. Required by insert: the text to insert."}},)"
    R"("required":["command","path"]})";
constexpr std::string_view EditorNewText =
    R"("new_str":{"type":"string","description":"For str_replace: what stands there instead."},)"
    R"("insert_text":{"type":"string","description":"Required by insert: the text to insert."}},)"
    R"("required":["command","path"]})";

constexpr std::string_view MemorySchema =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},)"
    R"("path":{"type":"string","description":"Path below /memories. Required by all but rename."},)"
    R"("view_range":{"type":"array","items":{"type":"integer"},"description":"For view of a file: first and last line."},)"
    R"("file_text":{"type":"string","description":"Required by create: the content of the file."},)"
    R"("old_str":{"type":"string","description":"Required by str_replace: the text to replace."},)"
    R"("new_str":{"type":"string","description":"Required by str_replace: what stands there instead."},)"
    R"("insert_line":{"type":"integer","description":"Required by insert: the text goes after this line."},)"
    R"("insert_text":{"type":"string","description":"Required by insert: the text to insert."},)"
    R"("old_path":{"type":"string","description":"Required by rename."},)"
    R"("new_path":{"type":"string","description":"Required by rename."}},)"
    R"("required":["command"]})";

constexpr std::string_view FirstActions =
    R"("key","type","mouse_move","left_click","left_click_drag","right_click","middle_click","double_click","screenshot","cursor_position")";
constexpr std::string_view LaterActions =
    R"(,"left_mouse_down","left_mouse_up","triple_click","scroll","hold_key","wait")";
constexpr std::string_view FirstActionFields =
    R"("coordinate":{"type":"array","items":{"type":"integer"},"description":"x and y in pixels from the top left corner."},)"
    R"("text":{"type":"string","description":"Required by type, key and hold_key: the text, or the keys such as ctrl+s. Keys to hold for a click or a scroll."})";
constexpr std::string_view LaterActionFields =
    R"(,"start_coordinate":{"type":"array","items":{"type":"integer"},"description":"Where left_click_drag begins."},)"
    R"("scroll_direction":{"type":"string","enum":["up","down","left","right"]},)"
    R"("scroll_amount":{"type":"integer","description":"Clicks of the wheel."},)"
    R"("duration":{"type":"number","description":"Seconds, for hold_key and wait."})";
constexpr std::string_view ZoomField =
    R"(,"region":{"type":"array","items":{"type":"integer"},"description":"Required by zoom: x and y of two corners."})";

/// `type` is of a release before `release`: both end in a date.
bool isBefore(std::string_view type, std::string_view release)
{
    const std::string_view date = type.substr(type.rfind('_') + 1);
    return date.size() == release.size() && date < release;
}

void describeBash(const JsonValue &, std::string_view, Tool &tool)
{
    tool.description = "Runs commands in a shell that keeps its state between calls.";
    tool.inputSchemaJson = BashSchema;
}

void describeEditor(const JsonValue &, std::string_view type, Tool &tool)
{
    tool.description = "Views, creates and edits text files.";
    std::string &schema = tool.inputSchemaJson;
    schema = R"({"type":"object","properties":{"command":{"type":"string","enum":[)";
    schema += EditorCommands;
    schema += isBefore(type, "20250429") ? R"(,"undo_edit"]},)" : "]},";
    schema += EditorSchema;
    schema += isBefore(type, "20250728") ? EditorOldText : EditorNewText;
}

void describeMemory(const JsonValue &, std::string_view, Tool &tool)
{
    tool.description = "Keeps notes in files below /memories that last beyond this conversation. "
                       "View the directory before you begin a task.";
    tool.inputSchemaJson = MemorySchema;
}

void describeComputer(const JsonValue &given, std::string_view type, Tool &tool)
{
    const bool hasLater = !isBefore(type, "20250124");
    const bool hasZoom = given["enable_zoom"].boolean();
    tool.description = "Uses the mouse and keyboard of a computer and takes screenshots.";
    const std::optional<qint64> width = given["display_width_px"].integer();
    const std::optional<qint64> height = given["display_height_px"].integer();
    if (width && height)
        tool.description += " The screen has " + std::to_string(*width) + " by "
            + std::to_string(*height) + " pixels.";
    std::string &schema = tool.inputSchemaJson;
    schema = R"({"type":"object","properties":{"action":{"type":"string","enum":[)";
    schema.append(FirstActions).append(hasLater ? LaterActions : "");
    schema.append(hasZoom ? R"(,"zoom"]},)" : "]},").append(FirstActionFields);
    schema.append(hasLater ? LaterActionFields : "").append(hasZoom ? ZoomField : "");
    schema += R"(},"required":["action"]})";
}

/// The types of Anthropic's API reference whose calls the client answers. Anthropic knows their
/// schemas; to other services they must be told.
struct ClientToolType
{
    std::string_view prefix;
    void (*describe)(const JsonValue &given, std::string_view type, Tool &tool);
};
constexpr std::array ClientToolTypes {
    ClientToolType {"bash_2", describeBash},
    ClientToolType {"text_editor_2", describeEditor},
    ClientToolType {"memory_2", describeMemory},
    ClientToolType {"computer_2", describeComputer},
};

} // namespace

bool readAnthropicClientTool(AnthropicReading &reading, const JsonValue &tool,
                             std::string_view type, Tool &offered)
{
    const auto known =
        std::find_if(ClientToolTypes.begin(), ClientToolTypes.end(),
                     [type](const ClientToolType &each) { return type.starts_with(each.prefix); });
    if (known == ClientToolTypes.end())
        return false;
    offered.name = readName(reading.reader, tool, "name");
    known->describe(tool, type, offered);
    return true;
}

} // namespace kirotray
