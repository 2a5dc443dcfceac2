// SPDX-License-Identifier: MIT
// The real OpenCode through its three kinds of provider, over `kirotrayctl serve` and a scripted service.
import assert from 'node:assert/strict';
import { Workplace, skipReason } from './clients.mjs';
import { bench, clientTest } from './harness.mjs';
import { call, say } from './samples.mjs';

const skip = skipReason('opencode');
const started = bench();

/** `opencode run` with the prompt and a provider that speaks through this package. */
async function opencode(place, prompt, npm) {
  await place.write('work/opencode.json', JSON.stringify({
    model: 'kirotray/claude-sonnet-4.5', small_model: 'kirotray/claude-haiku-4.5', permission: 'allow', share: 'disabled',
    provider: { kirotray: { npm, options: { baseURL: `${started.proxy.url}/v1`, apiKey: started.proxy.key },
      models: { 'claude-sonnet-4.5': { name: 'a', tool_call: true, limit: { context: 200000, output: 8000 } },
        'claude-haiku-4.5': { name: 'b', limit: { context: 200000, output: 8000 } } } } },
  }));
  return place.run('opencode', ['run', prompt], { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' });
}

clientTest('opencode', 'answers', 'the text is printed', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ match: { tools: false }, steps: say('The sky') },
    { match: { text: 'How is the sky?' }, steps: say('It is blue.') }] });
  const { code, out, err } = await opencode(place, 'How is the sky?', '@ai-sdk/anthropic');
  assert.equal(code, 0, out + err);
  assert.match(out, /It is blue\./);
});

async function checkSession(t, npm) {
  const place = await Workplace.make(t);
  const file = `${place.work}/poem.txt`;
  await started.simulator.script({ rules: [
    { name: 'title', match: { tools: false }, steps: say('A poem') },
    { name: 'done', match: { resultOf: 'bash', toolResultText: 'blue' }, steps: say('All is done.') },
    { name: 'run', match: { resultOf: 'edit' }, steps: call('bash', { command: 'cat poem.txt', description: 'Show it' }) },
    { name: 'edit', match: { resultOf: 'write' }, steps: call('edit', { filePath: file, oldString: 'grey', newString: 'blue' }) },
    { name: 'write', match: { tool: 'write' },
      steps: [{ text: 'I write it.' }, ...call('write', { filePath: file, content: 'the sky\nis grey\n' })] },
  ] });
  const { code, out, err } = await opencode(place, 'Write a poem', npm);
  assert.equal(code, 0, out + err);
  assert.match(out, /All is done\./);
  assert.equal(await place.read('work/poem.txt'), 'the sky\nis blue\n');
  const requests = await started.simulator.requests();
  assert.deepEqual(requests.filter((request) => request.refusal), []);
  assert.deepEqual(requests.map((request) => request.rule).filter((rule) => rule !== 'title'), ['write', 'edit', 'run', 'done']);
  assert.equal(requests.filter((request) => request.rule === 'title').length, 1);
}

// Each of them does all of it.
clientTest('opencode', 'edits-files', 'through @ai-sdk/anthropic', skip, (t) => checkSession(t, '@ai-sdk/anthropic'));
clientTest('opencode', 'runs-commands', 'through @ai-sdk/openai-compatible', skip,
  (t) => checkSession(t, '@ai-sdk/openai-compatible'));
clientTest('opencode', 'side-calls', 'through @ai-sdk/openai', skip, (t) => checkSession(t, '@ai-sdk/openai'));
