// SPDX-License-Identifier: MIT
// The real Codex CLI: what it does with tools, over `kirotrayctl serve` and a scripted service.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { Workplace, skipReason } from './clients.mjs';
import { bench, clientTest } from './harness.mjs';
import { call, currentMessage, failures, pngBase64, say } from './samples.mjs';

const skip = skipReason('codex');
const started = bench();

/** `codex exec` with the prompt and a provider table that points to the proxy. */
async function codex(place, prompt, { model = 'gpt-5.2-codex', args = [], provider = '' } = {}) {
  await place.write('home/.codex/config.toml', `model = "${model}"
model_provider = "kirotray"
[model_providers.kirotray]
name = "kirotray"
base_url = "${started.proxy.url}/v1"
wire_api = "responses"
env_key = "KIROTRAY_KEY"
stream_max_retries = 1
request_max_retries = 1
${provider}
`);
  return place.run('codex', ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', ...args,
    '--', prompt], { KIROTRAY_KEY: started.proxy.key });
}

/** What it printed last; it must have ended well. */
function answerOf({ code, out, err }) {
  assert.equal(code, 0, out + err);
  return out.trim();
}
async function chats() {
  const requests = (await started.simulator.requests()).filter((request) => request.call === 'chat');
  assert.deepEqual(requests.filter((request) => request.refusal), []);
  return requests;
}
const rulesUsed = async () => (await chats()).map((request) => request.rule);

clientTest('codex', 'runs-commands', 'exec_command, and its output goes back', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'exec_command', toolResultText: 'forty-two' }, steps: say('It printed 42.') },
    { name: 'run', match: { tool: 'exec_command' }, steps: [{ text: 'I run it.' },
      ...call('exec_command', { cmd: 'echo forty-two > a.txt; cat a.txt' })] },
  ] });
  assert.equal(answerOf(await codex(place, 'Run it')), 'It printed 42.');
  assert.deepEqual(await rulesUsed(), ['run', 'done']);
  assert.equal(await place.read('work/a.txt'), 'forty-two\n');
  const [first, second] = (await chats()).map((request) => request.body.conversationState.conversationId);
  assert.equal(first, second);
});

const patch = `*** Begin Patch
*** Update File: poem.txt
@@
-the sky is grey
+the sky is blue
*** Add File: new.txt
+made by a patch
*** End Patch
`;
const patched = { text: 'apply it' };
async function checkPatched(place) {
  assert.equal(await place.read('work/poem.txt'), 'the sky is blue\n');
  assert.equal(await place.read('work/new.txt'), 'made by a patch\n');
}

clientTest('codex', 'edits-files', 'the free-form apply_patch of gpt-5.5', skip, async (t) => {
  const place = await Workplace.make(t);
  await place.write('work/poem.txt', 'the sky is grey\n');
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'apply_patch' }, steps: say('Patched.') },
    { name: 'patch', match: { tool: 'apply_patch', ...patched }, steps: call('apply_patch', { input: patch }) },
  ] });
  assert.equal(answerOf(await codex(place, 'apply it', { model: 'gpt-5.5' })), 'Patched.');
  assert.deepEqual(await rulesUsed(), ['patch', 'done']);
  await checkPatched(place);
});

clientTest('codex', 'edits-files', 'apply_patch as a command of the shell', skip, async (t) => {
  const place = await Workplace.make(t);
  await place.write('work/poem.txt', 'the sky is grey\n');
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'exec_command' }, steps: say('Patched.') },
    { name: 'patch', match: { tool: 'exec_command', ...patched },
      steps: call('exec_command', { cmd: `apply_patch <<'EOF'\n${patch}EOF` }) },
  ] });
  assert.equal(answerOf(await codex(place, 'apply it')), 'Patched.');
  await checkPatched(place);
});

clientTest('codex', 'runs-commands', 'the JavaScript exec of gpt-5.6, whose tools come as an input item', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'functions__exec', toolResultText: 'forty-two' }, steps: say('It printed 42.') },
    { name: 'run', match: { tool: 'functions__exec', text: 'Run it' }, steps: call('functions__exec', {
      input: 'const r = await tools.exec_command({cmd: "echo forty-two > a.txt; cat a.txt"}); text(r.output);' }) },
  ] });
  assert.equal(answerOf(await codex(place, 'Run it', { model: 'gpt-5.6-sol' })), 'It printed 42.');
  assert.deepEqual(await rulesUsed(), ['run', 'done']);
  assert.equal(await place.read('work/a.txt'), 'forty-two\n');
});

clientTest('codex', 'structured-output', '--output-schema', skip, async (t) => {
  const place = await Workplace.make(t);
  const schema = await place.write('schema.json', JSON.stringify({ type: 'object', additionalProperties: false,
    properties: { colour: { type: 'string' } }, required: ['colour'] }));
  await started.simulator.script({ rules: [{ match: { anyText: '"colour"' }, steps: say('{"colour":"blue"}') }] });
  const answer = answerOf(await codex(place, 'Which?', { args: ['--output-schema', schema] }));
  assert.deepEqual(JSON.parse(answer), { colour: 'blue' });
});

clientTest('codex', 'sees-images', '-i sends one, view_image fetches one', skip, async (t) => {
  const place = await Workplace.make(t);
  const file = await place.write('work/square.png', Buffer.from(pngBase64, 'base64'));
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'view_image' }, steps: say('Both are red.') },
    { name: 'view', match: { tool: 'view_image' }, steps: call('view_image', { path: file }) },
  ] });
  assert.equal(answerOf(await codex(place, 'Compare them', { args: ['-i', file] })), 'Both are red.');
  const [asked, viewed] = (await chats()).map((request) => currentMessage(request.body.conversationState).images);
  for (const images of [asked, viewed]) {
    assert.equal(images.length, 1);
    assert.match(images[0].format, /^(png|jpeg)$/);
  }
});

clientTest('codex', 'answers', 'its reasoning goes back in the next turn', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'exec_command' }, steps: say('Done.') },
    { name: 'run', match: { tool: 'exec_command' },
      steps: [{ thinking: 'I need a shell.', signature: 'c2ln' }, ...call('exec_command', { cmd: 'true' })] },
  ] });
  assert.equal(answerOf(await codex(place, 'Run it', { model: 'claude-opus-5' })), 'Done.');
  const assistant = (await chats()).at(-1).body.conversationState.history.at(-1).assistantResponseMessage;
  assert.deepEqual(assistant.reasoningContent, { reasoningText: { text: 'I need a shell.', signature: 'c2ln' } });
});

clientTest('codex', 'finds-tools', 'tool_search brings tools that the next request offers', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { name: 'done', match: { resultOf: 'tool_search', toolResultText: 'spawn_agent', tool: 'multi_agent_v1__spawn_agent' },
      steps: say('Found.') },
    { name: 'find', match: { tool: 'tool_search', notTool: 'multi_agent_v1__spawn_agent' },
      steps: call('tool_search', { query: 'spawn agent' }) },
  ] });
  assert.equal(answerOf(await codex(place, 'Find it', { model: 'gpt-5.5' })), 'Found.');
  assert.deepEqual(await rulesUsed(), ['find', 'done']);
});

clientTest('codex', 'searches-web', 'its web_search runs here', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [
    { match: { resultOf: 'web_search', toolResultText: 'https://example.com/demo/r1' }, steps: say('It was in May.') },
    { match: { tool: 'web_search' }, steps: call('web_search', { query: 'Qt release date' }) },
  ] });
  assert.equal(answerOf(await codex(place, 'When was Qt released?', { model: 'gpt-5.5' })), 'It was in May.');
  const searches = (await started.simulator.requests()).filter((request) => request.call === 'webSearch');
  assert.deepEqual(searches.map((request) => request.body.params.arguments.query), ['Qt release date']);
});

clientTest('codex', 'starts-at-once', 'a refused WebSocket falls back to POST after one attempt', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ steps: say('Hello.') }] });
  const begun = Date.now();
  assert.equal(answerOf(await codex(place, 'Hi', { provider: 'supports_websockets = true' })), 'Hello.');
  t.diagnostic(`${Date.now() - begun} ms; with the seven attempts after a 404 it is 7 s more`);
  const upgrade = get(`${started.proxy.url}/v1/responses`, { headers: {
    authorization: `Bearer ${started.proxy.key}`, connection: 'Upgrade', upgrade: 'websocket' } });
  const [reply] = await once(upgrade, 'response');
  reply.resume();
  assert.equal(reply.statusCode, 426);
});

clientTest('codex', 'shows-errors', 'a prompt that is too long, and a stream that breaks', skip, async (t) => {
  const place = await Workplace.make(t);
  await started.simulator.script({ rules: [{ httpError: failures.tooLong }] });
  const tooLong = await codex(place, 'Hi');
  assert.notEqual(tooLong.code, 0);
  assert.match(tooLong.err, /ran out of room in the model's context window/i);
  assert.equal((await chats()).length, 1);
  await started.simulator.script({ rules: [
    { times: 1, steps: [{ text: 'Half an' }, { delayMs: 50 }, { drop: true }] }, { steps: say('A whole answer.') }] });
  assert.equal(answerOf(await codex(place, 'Hi')), 'A whole answer.');
});
