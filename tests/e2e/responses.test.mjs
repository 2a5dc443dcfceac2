// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { bench, feature, leftOut, refusal } from './harness.mjs';
import { brokenEnds, call, closing, currentMessage, cutCall, failures, messagesOf, say, shortText, twoCalls,
  weatherTool } from './samples.mjs';

const started = bench((proxy) => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: proxy.key, maxRetries: 0 }));

const ask = (input, extra = {}) => ({ model: 'gpt-5.2-codex', input, ...extra });
const tools = [{ type: 'function', strict: false, name: weatherTool.name, description: weatherTool.description,
  parameters: weatherTool.schema }];

/** Every event of a stream; its numbers and places are checked as the SDK's own helper would need them. */
async function eventsOf(request) {
  const events = [];
  for await (const event of await started.client.responses.create({ ...request, stream: true })) events.push(event);
  events.forEach((event, index) => assert.equal(event.sequence_number, index));
  return events;
}

feature('responses', 'text', 'text, status, usage and the model that was asked for', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const response = await client.responses.create(ask('Hello'));
  assert.equal(response.output_text, 'The sky is blue today.');
  assert.equal(response.status, 'completed');
  assert.equal(response.model, 'gpt-5.2-codex');
  assert.match(response.id, /^resp_/);
  assert.deepEqual([response.usage.input_tokens, response.usage.input_tokens_details.cached_tokens,
    response.usage.output_tokens, response.usage.total_tokens], [25, 5, 6, 31]);
});

feature('responses', 'stream', 'the events of a text in their order', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const events = await eventsOf(ask('Hello'));
  const types = events.map((event) => event.type).filter((type, i, all) => type !== all[i - 1]);
  assert.deepEqual(types, ['response.created', 'response.in_progress', 'response.output_item.added',
    'response.content_part.added', 'response.output_text.delta', 'response.output_text.done',
    'response.content_part.done', 'response.output_item.done', 'response.completed']);
  const text = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta);
  assert.equal(text.join(''), 'The sky is blue today.');
  assert.ok(text.length > 3);
  const { response } = events.at(-1);
  assert.equal(response.output[0].content[0].text, 'The sky is blue today.');
  assert.equal(response.usage.output_tokens, 6);
});

feature('responses', 'stream', 'the SDK\'s helper adds it up, cut at every byte', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText, cut: [1] }] });
  const response = await client.responses.stream(ask('Hello')).finalResponse();
  assert.equal(response.output_text, 'The sky is blue today.');
});

feature('responses', 'system', 'instructions, system and developer messages reach the model', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Yes.') }] });
  await client.responses.create(ask([{ role: 'developer', content: 'Be brief.' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }], { instructions: 'Be kind.' }));
  const texts = messagesOf(await simulator.lastConversation()).map((one) => one.content).join('\n');
  for (const part of ['Be brief.', 'Be kind.', 'Hello']) assert.ok(texts.includes(part), part);
});

feature('responses', 'parallel-tools', 'two calls stream, and their results go back', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { toolResults: true }, steps: say('Rain in Oslo.') }, { steps: twoCalls }] });
  const request = ask('How is the weather?', { tools, store: false });
  const first = await client.responses.stream(request).finalResponse();
  const calls = first.output.filter((item) => item.type === 'function_call');
  assert.deepEqual(calls.map((item) => JSON.parse(item.arguments)), [{ city: 'Oslo' }, { city: '北京' }]);
  const second = await client.responses.create({ ...request, input: [{ role: 'user', content: request.input },
    ...first.output, ...calls.map((item) => ({ type: 'function_call_output', call_id: item.call_id, output: '7 degrees' }))] });
  assert.equal(second.output_text, 'Rain in Oslo.');
  const { toolResults } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(toolResults.map((result) => result.toolUseId), calls.map((item) => item.call_id));
});

feature('responses', 'parallel-tools', 'parallel_tool_calls false lets one call through', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: twoCalls }] });
  const response = await client.responses.create(ask('x', { tools, parallel_tool_calls: false }));
  assert.equal(response.output.filter((item) => item.type === 'function_call').length, 1);
});

feature('responses', 'tools', 'arguments arrive as deltas and done, within a namespace too', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('x') }] });
  const request = ask('Weather?', { tools: [{ type: 'namespace', name: 'sky', description: 'The sky', tools }] });
  await eventsOf(request);
  const { name } = currentMessage(await simulator.lastConversation()).userInputMessageContext.tools[0].toolSpecification;
  await simulator.script({ rules: [{ steps: call(name, { city: 'Oslo' }) }] });
  const events = await eventsOf(request);
  const deltas = events.filter((event) => event.type === 'response.function_call_arguments.delta');
  assert.deepEqual(JSON.parse(deltas.map((event) => event.delta).join('')), { city: 'Oslo' });
  const done = events.find((event) => event.type === 'response.function_call_arguments.done');
  assert.deepEqual(JSON.parse(done.arguments), { city: 'Oslo' });
  const { item } = events.find((event) => event.type === 'response.output_item.done');
  assert.deepEqual([item.type, item.name, item.namespace], ['function_call', weatherTool.name, 'sky']);
});

feature('responses', 'tool-choice', 'none offers no tool, a named one is asked for', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Fine.') }] });
  await client.responses.create(ask('Hello', { tools, tool_choice: 'none' }));
  assert.equal(currentMessage(await simulator.lastConversation()).userInputMessageContext?.tools, undefined);
  await client.responses.create(ask('Hello', { tools, tool_choice: { type: 'function', name: weatherTool.name } }));
  const conversation = await simulator.lastConversation();
  assert.ok(messagesOf(conversation).some((one) => one.content.includes(weatherTool.name)), 'the choice is told in words');
});

feature('responses', 'truncated-tools', 'the response is incomplete', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: cutCall }] });
  const response = await client.responses.create(ask('Write it', { tools }));
  assert.deepEqual([response.status, response.incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
  assert.ok(!response.output.some((item) => item.type === 'function_call' && item.status === 'completed'));
  assert.equal((await eventsOf(ask('Write it', { tools }))).at(-1).type, 'response.incomplete');
});

feature('responses', 'stops', 'a full answer and a refused one say why they are incomplete', async () => {
  const { client, simulator } = started;
  for (const [upstream, expected] of [['MAX_TOKENS', 'max_output_tokens'], ['CONTENT_FILTERED', 'content_filter']]) {
    await simulator.script({ rules: [{ steps: [{ text: 'Well' }, { stopReason: upstream }, closing] }] });
    const response = await client.responses.create(ask('x'));
    assert.deepEqual([response.status, response.incomplete_details?.reason], ['incomplete', expected]);
  }
});

feature('responses', 'usage', 'reasoning and cached tokens are parts of the sums', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ thinking: 'Let me see, this is long.', signature: 'c2ln' }, ...shortText] }] });
  const { usage } = await client.responses.create(ask('Hello', { model: 'claude-opus-5', reasoning: { effort: 'low' } }));
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
  assert.ok(usage.input_tokens_details.cached_tokens <= usage.input_tokens);
  assert.ok(usage.output_tokens_details.reasoning_tokens <= usage.output_tokens);
});

for (const [what, httpError, kind, code] of [
  ['too long a prompt', failures.tooLong, OpenAI.BadRequestError, 'context_length_exceeded'],
  ['a rate limit', failures.rateLimit, OpenAI.RateLimitError, 'rate_limit_exceeded'],
  ['a used up month', failures.usedUp, OpenAI.RateLimitError, 'insufficient_quota'],
]) {
  feature('responses', 'errors', `${what} is the SDK's own error class`, async () => {
    const { client, simulator } = started;
    await simulator.script({ rules: [{ httpError }] });
    await assert.rejects(client.responses.create(ask('Hello')), (error) => {
      assert.ok(error instanceof kind, `${error}`);
      assert.equal(error.code, code);
      return true;
    });
  });
}

feature('responses', 'errors', 'bad requests name the field', async () => {
  const { client, proxy } = started;
  await assert.rejects(client.responses.create(ask([{ role: 'user', content: 5 }])),
    (error) => error instanceof OpenAI.BadRequestError && /input\[0\]\.content/.test(error.message));
  await assert.rejects(client.responses.create(ask('x', { model: 'no-such-model' })),
    (error) => error instanceof OpenAI.NotFoundError);
  const stranger = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.responses.create(ask('x')), (error) => error instanceof OpenAI.AuthenticationError);
});

feature('responses', 'stream-errors', 'a failure in mid-stream is response.failed, never a normal end', async () => {
  const { client, simulator } = started;
  for (const last of brokenEnds) {
    await simulator.script({ rules: [{ steps: [{ text: 'Half an' }, { delayMs: 50 }, last] }] });
    const { type, response } = (await eventsOf(ask('Hello'))).at(-1);
    assert.deepEqual([type, response.status], ['response.failed', 'failed']);
    assert.ok(response.error.code && response.error.message);
    await assert.rejects(client.responses.create(ask('Hello')));
  }
});

feature('responses', 'cancel', 'an aborted stream is aborted upstream', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ burst: { text: 'tick ', count: 2000, intervalMs: 5 } }] }] });
  const aborted = (await simulator.statistics()).chatAborted;
  for await (const event of await client.responses.create(ask('Go on', { stream: true })))
    if (event.type === 'response.output_text.delta') break;
  for (let i = 0; (await simulator.statistics()).chatAborted === aborted; ++i) assert.ok(i < 2000);
});

feature('responses', 'count-tokens', 'input_tokens counts text and tools', async () => {
  const { client } = started;
  const alone = (await client.responses.inputTokens.count(ask('Hello, how are you today?'))).input_tokens;
  assert.ok(alone >= 6 && alone < 40, `${alone}`);
  assert.ok((await client.responses.inputTokens.count(ask('Hello, how are you today?', { tools }))).input_tokens > alone + 20);
});

feature('responses', 'models', 'the list and one model have their shapes', async () => {
  const { client } = started;
  const models = [];
  for await (const model of client.models.list()) models.push(model);
  assert.ok(models.some((model) => model.id === 'claude-sonnet-4.5' && model.object === 'model'));
  assert.equal((await client.models.retrieve('gpt-5.2-codex')).id, 'gpt-5.2-codex');
});

refusal('responses', 'background', 'the error names the field', async () => {
  const { client } = started;
  await assert.rejects(client.responses.create(ask('x', { background: true })),
    (error) => error instanceof OpenAI.BadRequestError && /background/.test(error.message));
});

/** A request with these tools beside a function is answered, and the service gets the function alone. */
async function checkLeftOut(...left) {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Without it.') }] });
  assert.equal((await client.responses.create(ask('x', { tools: [...left, ...tools] }))).output_text, 'Without it.');
  const { tools: sent } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(sent.map((tool) => tool.toolSpecification.name), [weatherTool.name]);
}
leftOut('responses', 'code-execution', 'the other tools stay', () => checkLeftOut(
  { type: 'code_interpreter', container: { type: 'auto' } }));
leftOut('responses', 'mcp-servers', 'the other tools stay', () => checkLeftOut(
  { type: 'mcp', server_label: 'notes', server_url: 'https://example.com/mcp' }));
leftOut('responses', 'server-tools', 'the other tools stay', () => checkLeftOut(
  { type: 'file_search', vector_store_ids: ['vs_1'] }, { type: 'image_generation' }));
