// SPDX-License-Identifier: MIT
// The real Claude Code: what it does with tools, over `kirotrayctl serve` and a scripted service.
import assert from 'node:assert/strict';
import { Workplace, skipReason } from './clients.mjs';
import { bench, clientTest } from './harness.mjs';
import { call, say } from './samples.mjs';

const skip = skipReason('claudecode');
const started = bench();

/** `claude -p` with the prompt; its words come back. */
async function claude(place, prompt, args = [], env = {}) {
  const { proxy } = started;
  return place.run('claudecode', ['-p', prompt, ...args], {
    ANTHROPIC_BASE_URL: proxy.url, ANTHROPIC_API_KEY: proxy.key, IS_SANDBOX: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', CLAUDE_CODE_MAX_RETRIES: '1', ...env,
  });
}

const chats = async () => (await started.simulator.requests()).filter((request) => request.call === 'chat');

clientTest('claudecode', 'edits-files', 'Write, Edit and Bash run one after the other', skip, async (t) => {
  const place = await Workplace.make(t);
  const file = `${place.work}/poem.txt`;
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'Bash' }, steps: say('All is done.') },
    { name: 'bash', match: { resultOf: 'Edit' }, steps: call('Bash', { command: 'wc -l < poem.txt > lines.txt', description: 'Count lines' }) },
    { name: 'edit', match: { resultOf: 'Write' }, steps: call('Edit', { file_path: file, old_string: 'grey', new_string: 'blue' }) },
    { name: 'write', match: { tool: 'Write' }, steps: [{ text: 'I write it.' }, ...call('Write', { file_path: file, content: 'the sky\nis grey\n' })] },
  ] });
  const { code, out, err } = await claude(place, 'Write a poem', ['--output-format', 'json', '--dangerously-skip-permissions']);
  const requests = await chats();
  assert.equal(code, 0, out + err);
  assert.deepEqual(requests.map((request) => request.rule), ['write', 'edit', 'bash', 'done']);
  const result = JSON.parse(out);
  assert.equal(result.is_error, false);
  assert.equal(result.result, 'All is done.');
  assert.equal(await place.read('work/poem.txt'), 'the sky\nis blue\n');
  assert.equal((await place.read('work/lines.txt')).trim(), '2');
});
