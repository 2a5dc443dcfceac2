// SPDX-License-Identifier: MIT
// The real Gemini CLI: what it does with tools, over `kirotrayctl serve` and a scripted service.
import assert from 'node:assert/strict';
import { Workplace, skipReason } from './clients.mjs';
import { bench, clientTest } from './harness.mjs';
import { call, currentMessage, failures, say } from './samples.mjs';

const skip = skipReason('geminicli');
const started = bench();

/** `gemini -p` with the prompt. */
async function gemini(place, prompt, args = ['-m', 'gemini-2.5-pro']) {
  await place.write('home/.gemini/settings.json', JSON.stringify({
    security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false },
    general: { disableAutoUpdate: true },
  }));
  return place.run('geminicli', ['-y', ...args, '-p', prompt], {
    GEMINI_API_KEY: started.proxy.key, GOOGLE_GEMINI_BASE_URL: started.proxy.url, GEMINI_CLI_TRUST_WORKSPACE: 'true',
  });
}
/** What it printed; it must have ended well. */
function answerOf({ code, out, err }) {
  assert.equal(code, 0, out + err);
  return out.trim();
}
async function rulesUsed() {
  const requests = await started.simulator.requests();
  assert.deepEqual(requests.filter((request) => request.refusal), []);
  return requests.map((request) => request.rule);
}

clientTest('geminicli', 'answers', 'the text is printed', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ name: 'answer', match: { text: 'How is the sky?' }, steps: say('It is blue.') }] });
  assert.match(answerOf(await gemini(place, 'How is the sky?')), /It is blue\.$/);
  assert.deepEqual(await rulesUsed(), ['answer']);
});

clientTest('geminicli', 'edits-files', 'write_file, replace and read_file run one after the other', skip, async (t) => {
  const place = await Workplace.make(t);
  const file = `${place.work}/poem.txt`;
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'read_file', toolResultText: 'is blue' }, steps: say('All is done.') },
    { name: 'read', match: { resultOf: 'replace' }, steps: call('read_file', { file_path: file }) },
    { name: 'edit', match: { resultOf: 'write_file' }, steps: call('replace', { file_path: file,
      instruction: 'Turn the sky blue', old_string: 'grey', new_string: 'blue' }) },
    { name: 'write', match: { tool: 'write_file' },
      steps: [{ text: 'I write it.' }, ...call('write_file', { file_path: file, content: 'the sky\nis grey\n' })] },
  ] });
  assert.match(answerOf(await gemini(place, 'Write a poem')), /All is done\.$/);
  assert.deepEqual(await rulesUsed(), ['write', 'edit', 'read', 'done']);
  assert.equal(await place.read('work/poem.txt'), 'the sky\nis blue\n');
});

clientTest('geminicli', 'runs-commands', 'two calls of one turn', skip, async (t) => {
  const place = await Workplace.make(t);
  await place.write('work/a.txt', 'forty-two\n');
  const run = { toolCall: { name: 'run_shell_command', input: { command: 'cat a.txt' }, fragments: 3 } };
  await started.simulator.script({ rules: [
    { match: { resultOf: 'run_shell_command', toolResultText: 'forty-two' }, steps: say('It printed 42.') },
    { match: { tool: 'run_shell_command' }, steps: [run, { toolCall: { name: 'list_directory', input: { dir_path: '.' } } },
      { stopReason: 'TOOL_USE' }, { contextUsage: 1.5 }] },
  ] });
  assert.match(answerOf(await gemini(place, 'Run it')), /It printed 42\.$/);
  const { toolResults } = currentMessage(await started.simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(toolResults.map((result) => result.status), ['success', 'success']);
});

clientTest('geminicli', 'side-calls', 'the router gets JSON by its schema, then the model it chose answers', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'answer', match: { tools: true }, steps: say('Hello there.') },
    { name: 'router', match: { tools: false },
      steps: say('{"complexity_reasoning":"A greeting.","complexity_score":5,"reasoning":"simple","model_choice":"flash"}') },
  ] });
  const result = await gemini(place, 'Hello', []);
  assert.match(answerOf(result), /Hello there\.$/);
  assert.doesNotMatch(result.err, /validation|invalid_type|ZodError/i);
  assert.deepEqual(await rulesUsed(), ['router', 'answer']);
});

clientTest('geminicli', 'shows-errors', 'a prompt that is too long ends it at once', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ httpError: failures.tooLong }] });
  const { code, err } = await gemini(place, 'Hello');
  assert.notEqual(code, 0);
  assert.match(err, /token|context|too long/i);
});
