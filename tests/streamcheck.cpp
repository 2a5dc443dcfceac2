// SPDX-License-Identifier: MIT
#include "tests/streamcheck.h"

namespace kirotray {

std::string wholeText(const ChatAssembler &assembler)
{
    std::string text;
    if (assembler.answer())
        for (const AnswerBlock &block : assembler.answer()->blocks)
            if (const auto *each = std::get_if<AnswerText>(&block))
                text += each->text;
    return text;
}

std::vector<std::string> wholeInputs(const ChatAssembler &assembler)
{
    std::vector<std::string> inputs;
    if (assembler.answer())
        for (const AnswerBlock &block : assembler.answer()->blocks)
            if (const auto *each = std::get_if<AnswerToolCall>(&block))
                inputs.push_back(each->inputJson);
    return inputs;
}

void compareInputs(StreamCheck &check, const std::vector<std::string> &streamed)
{
    if (!check.whole.answer())
        return;
    const std::vector<std::string> inputs = wholeInputs(check.whole);
    const std::size_t more = check.isCallCut ? 1 : 0;
    if (check.must(streamed.size() == inputs.size() || streamed.size() == inputs.size() + more,
                   "the calls are not as many"))
        for (std::size_t i = 0; i < inputs.size(); ++i)
            check.must(streamed[i] == inputs[i], "the input is another one: " + streamed[i]);
}

} // namespace kirotray
