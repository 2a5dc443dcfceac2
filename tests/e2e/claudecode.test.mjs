// SPDX-License-Identifier: MIT
// The real Claude Code: what it does with tools, over `kirotrayctl serve` and a scripted service.
import assert from 'node:assert/strict';
import { Workplace, skipReason } from './clients.mjs';
import { bench, clientTest } from './harness.mjs';
import { allText, call, closing, currentMessage, failures, pngBase64, say } from './samples.mjs';

const skip = skipReason('claudecode');
const started = bench();

/** `claude -p` with the prompt. */
const claude = (place, prompt, args = [], env = {}) => place.run('claudecode', ['-p', prompt, ...args], {
  ANTHROPIC_BASE_URL: started.proxy.url, ANTHROPIC_API_KEY: started.proxy.key, IS_SANDBOX: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', CLAUDE_CODE_MAX_RETRIES: '1', ...env,
});
const json = ['--output-format', 'json'];
const withTools = [...json, '--dangerously-skip-permissions'];

/** Its last word; it must have ended well. */
function resultOf({ code, out, err }) {
  assert.equal(code, 0, out + err);
  const result = JSON.parse(out);
  assert.equal(result.is_error, false, out);
  return result;
}
async function rulesUsed() {
  const requests = await started.simulator.requests();
  assert.deepEqual(requests.filter((request) => request.refusal), []);
  return requests.map((request) => request.rule);
}

clientTest('claudecode', 'edits-files', 'Write, Edit and Bash run one after the other', skip, async (t) => {
  const place = await Workplace.make(t);
  const file = `${place.work}/poem.txt`;
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'Bash' }, steps: say('All is done.') },
    { name: 'bash', match: { resultOf: 'Edit' },
      steps: call('Bash', { command: 'wc -l < poem.txt > lines.txt', description: 'Count lines' }) },
    { name: 'edit', match: { resultOf: 'Write' },
      steps: call('Edit', { file_path: file, old_string: 'grey', new_string: 'blue' }) },
    { name: 'write', match: { tool: 'Write', text: 'Write a poem' },
      steps: [{ text: 'I write it.' }, ...call('Write', { file_path: file, content: 'the sky\nis grey\n' })] },
  ] });
  const result = resultOf(await claude(place, 'Write a poem', withTools));
  assert.equal(result.result, 'All is done.');
  assert.equal(result.num_turns, 4);
  assert.deepEqual(await rulesUsed(), ['write', 'edit', 'bash', 'done']);
  assert.equal(await place.read('work/poem.txt'), 'the sky\nis blue\n');
  assert.equal((await place.read('work/lines.txt')).trim(), '2');
});

clientTest('claudecode', 'runs-commands', 'two commands of one turn, one of which fails', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'done', match: { toolResultText: 'forty-two' }, steps: say('One worked.') },
    { name: 'two', match: { tool: 'Bash' }, steps: [
      { toolCall: { name: 'Bash', input: { command: 'echo forty-two > a.txt; cat a.txt', description: 'a' }, fragments: 3 } },
      { toolCall: { name: 'Bash', input: { command: 'exit 7', description: 'b' } } },
      { stopReason: 'TOOL_USE' }, closing] },
  ] });
  assert.equal(resultOf(await claude(place, 'Run both', withTools)).result, 'One worked.');
  assert.deepEqual(await rulesUsed(), ['two', 'done']);
  const { toolResults } = currentMessage(await started.simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(toolResults.map((result) => result.status), ['success', 'error']);
  assert.equal(await place.read('work/a.txt'), 'forty-two\n');
});

clientTest('claudecode', 'stream-json', 'partial messages, thinking and the session\'s id come through', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ match: { text: 'Think' },
    steps: [{ thinking: 'Let me see.', signature: 'c2ln', chunk: 4 }, { text: 'Two answers.', words: true }, closing] }] });
  const { code, out, err } = await claude(place, 'Think of two',
    ['--output-format', 'stream-json', '--verbose', '--include-partial-messages']);
  assert.equal(code, 0, out + err);
  const events = out.trim().split('\n').map((line) => JSON.parse(line));
  const deltas = events.filter((event) => event.type === 'stream_event').map((event) => event.event.delta?.text ?? '');
  assert.equal(deltas.join(''), 'Two answers.');
  assert.ok(deltas.filter(Boolean).length > 1);
  const result = events.find((event) => event.type === 'result');
  assert.equal(result.result, 'Two answers.');
  assert.ok(result.usage.input_tokens > 1000, 'its context meter counts the whole prompt');
});

clientTest('claudecode', 'reads-files', 'a picture that Read finds reaches the model', skip, async (t) => {
  const place = await Workplace.make(t);
  const file = await place.write('work/square.png', Buffer.from(pngBase64, 'base64'));
  await started.simulator.script({ rules: [
    { match: { resultOf: 'Read' }, steps: say('A red square.') },
    { match: { tool: 'Read' }, steps: call('Read', { file_path: file }) },
  ] });
  assert.equal(resultOf(await claude(place, 'What is in square.png?', withTools)).result, 'A red square.');
  const { images } = currentMessage(await started.simulator.lastConversation());
  assert.equal(images.length, 1);
  assert.match(images[0].format, /^(png|jpeg)$/);
});

clientTest('claudecode', 'searches-web', 'its WebSearch gets titles and addresses', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { match: { resultOf: 'WebSearch', toolResultText: 'https://example.com/demo/r1' }, steps: say('It was in May.') },
    { match: { tool: 'WebSearch' }, times: 1, steps: call('WebSearch', { query: 'Qt release date' }) },
    { match: { tool: 'ToolSearch', notTool: 'WebSearch' }, times: 1,
      steps: call('ToolSearch', { query: 'select:WebSearch', max_results: 1 }) },
    { steps: say('No search was done.') },
  ] });
  assert.equal(resultOf(await claude(place, 'When was Qt released?', withTools)).result, 'It was in May.');
  const searches = (await started.simulator.requests()).filter((request) => request.call === 'webSearch');
  assert.deepEqual(searches.map((request) => request.body.params.arguments.query), ['Qt release date']);
});

clientTest('claudecode', 'finds-tools', 'ToolSearch brings a tool that the next request offers', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'ToolSearch', tool: 'NotebookEdit' }, steps: say('Found.') },
    { name: 'find', match: { tool: 'ToolSearch', notTool: 'NotebookEdit' },
      steps: call('ToolSearch', { query: 'select:NotebookEdit', max_results: 1 }) },
  ] });
  assert.equal(resultOf(await claude(place, 'Find it', withTools)).result, 'Found.');
  assert.deepEqual(await rulesUsed(), ['find', 'done']);
});

clientTest('claudecode', 'structured-output', '--json-schema', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { match: { resultOf: 'StructuredOutput' }, steps: say('Given.') },
    { match: { tool: 'StructuredOutput' }, steps: call('StructuredOutput', { colour: 'blue' }) },
  ] });
  const schema = { type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'] };
  const result = resultOf(await claude(place, 'Which colour?', [...json, '--json-schema', JSON.stringify(schema)]));
  assert.deepEqual(result.structured_output, { colour: 'blue' });
});

clientTest('claudecode', 'answers', 'the older model forms and a second turn of one session', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { match: { anyText: 'Remember seven' , text: 'Which number' }, steps: say('Seven.') },
    { match: { text: 'Remember seven' }, steps: say('I will.') },
  ] });
  const first = resultOf(await claude(place, 'Remember seven', [...json, '--model', 'claude-sonnet-4-5-20250929']));
  assert.equal(first.result, 'I will.');
  const second = resultOf(await claude(place, 'Which number?', [...json, '--resume', first.session_id]));
  assert.equal(second.result, 'Seven.');
  const [one, two] = (await started.simulator.requests()).map((request) => request.body.conversationState);
  assert.equal(one.conversationId, two.conversationId);
  assert.ok(!allText(two).includes('x-anthropic-billing-header'), 'a line that changes with each release defeats the cache');
});

clientTest('claudecode', 'shows-errors', 'a prompt that is too long', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ httpError: failures.tooLong }] });
  const { out } = await claude(place, 'Hello', json);
  assert.match(JSON.parse(out).result, /prompt is too long/i);
  assert.equal((await started.simulator.requests()).length, 1);
});

clientTest('claudecode', 'shows-errors', 'a stream that breaks is not taken for an answer', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { times: 1, steps: [{ text: 'Half an' }, { delayMs: 50 }, { drop: true }] }, { steps: say('A whole answer.') }] });
  assert.equal(resultOf(await claude(place, 'Hello', json)).result, 'A whole answer.');
});
