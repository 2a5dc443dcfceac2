// SPDX-License-Identifier: MIT
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Proxy, Simulator, closing, shortText, twoCalls, weatherTool } from './harness.mjs';

let simulator;
let proxy;
let client;

before(async () => {
  simulator = await Simulator.start();
  proxy = await Proxy.start(simulator);
  client = new Anthropic({ baseURL: proxy.url, apiKey: proxy.key, maxRetries: 0 });
});
after(async () => {
  assert.equal(await proxy.stop(), 0);
  await simulator.stop();
});

const ask = (content, extra = {}) => ({
  model: 'claude-sonnet-4-5-20250929', max_tokens: 1000, messages: [{ role: 'user', content }], ...extra,
});
const tools = [{
  name: weatherTool.name, description: weatherTool.description, input_schema: weatherTool.schema,
}];

test('a whole answer carries text, stop reason, usage and the model that was asked for', async () => {
  await simulator.script({ rules: [{ steps: shortText }] });
  const message = await client.messages.create(ask('Hello'));
  assert.equal(message.content[0].text, 'The sky is blue today.');
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.model, 'claude-sonnet-4-5-20250929');
  assert.equal(message.usage.input_tokens, 20);
  assert.equal(message.usage.cache_read_input_tokens, 5);
  assert.equal(message.usage.output_tokens, 6);
});

test('a stream arrives in pieces and adds up', async () => {
  await simulator.script({ rules: [{ steps: shortText }] });
  const stream = client.messages.stream(ask('Hello'));
  const pieces = [];
  stream.on('text', (text) => pieces.push(text));
  const message = await stream.finalMessage();
  assert.equal(pieces.join(''), 'The sky is blue today.');
  assert.ok(pieces.length > 3);
  assert.equal(message.usage.output_tokens, 6);
});

test('the stream survives frames cut at every byte', async () => {
  await simulator.script({ rules: [{ steps: shortText, cut: [1] }] });
  const message = await client.messages.stream(ask('Hello')).finalMessage();
  assert.equal(message.content[0].text, 'The sky is blue today.');
});

test('parallel tool calls stream, and their results go back', async () => {
  await simulator.script({
    rules: [
      { match: { toolResults: true }, steps: [{ text: 'Rain in Oslo, sun in Beijing.' }, closing] },
      { steps: twoCalls },
    ],
  });
  const request = ask('How is the weather in Oslo and Beijing?', { tools });
  const first = await client.messages.stream(request).finalMessage();
  assert.equal(first.stop_reason, 'tool_use');
  assert.deepEqual(first.content.filter((block) => block.type === 'tool_use').map((block) => block.input),
    [{ city: 'Oslo' }, { city: '北京' }]);
  const second = await client.messages.create({
    ...request,
    messages: [...request.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [
        { type: 'tool_result', tool_use_id: 'tooluse_one', content: '7 degrees, rain' },
        { type: 'tool_result', tool_use_id: 'tooluse_two', content: [{ type: 'text', text: '20 degrees' }],
          is_error: false },
      ] }],
  });
  assert.equal(second.content[0].text, 'Rain in Oslo, sun in Beijing.');
});

test('thinking arrives as blocks with their signature', async () => {
  await simulator.script({
    rules: [{ steps: [{ thinking: 'The user greets.', signature: 'c2ln' }, { text: 'Hi.' }, closing] }],
  });
  const message = await client.messages.stream(ask('Hello')).finalMessage();
  assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
  assert.equal(message.content[0].thinking, 'The user greets.');
  assert.equal(message.content[0].signature, 'c2ln');
});

test('stop sequences end the answer although the upstream knows none', async () => {
  await simulator.script({ rules: [{ steps: [{ text: 'one two three four', chunk: 2 }] }] });
  const message = await client.messages.create(ask('Count', { stop_sequences: ['three'] }));
  assert.equal(message.content[0].text, 'one two ');
  assert.equal(message.stop_reason, 'stop_sequence');
  assert.equal(message.stop_sequence, 'three');
});

for (const [what, httpError, kind, status] of [
  ['too long a prompt', { status: 400, class: 'ValidationException',
    reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD', message: 'Input is too long.' }, Anthropic.BadRequestError, 400],
  ['a used up month', { status: 402, class: 'ServiceQuotaExceededException',
    reason: 'MONTHLY_REQUEST_COUNT', message: 'You have reached the limit.' }, Anthropic.RateLimitError, 429],
  ['a rate limit', { status: 429, class: 'ThrottlingException', reason: 'USER_REQUEST_RATE_EXCEEDED',
    message: 'Too many requests, please wait before trying again.' }, Anthropic.RateLimitError, 429],
]) {
  test(`${what} is the SDK's own error class`, async () => {
    await simulator.script({ rules: [{ httpError }] });
    await assert.rejects(client.messages.create(ask('Hello')), (error) => {
      assert.ok(error instanceof kind, `${error}`);
      assert.equal(error.status, status);
      if (status === 400) assert.match(error.message, /prompt is too long/);
      return true;
    });
  });
}

test('an expired token is renewed once and nobody notices', async () => {
  await simulator.script({
    rules: [{ times: 1, httpError: { status: 403, class: 'AccessDeniedException',
      message: 'The bearer token included in the request is invalid.' } }, { steps: shortText }],
  });
  const message = await client.messages.create(ask('Hello'));
  assert.equal(message.content[0].text, 'The sky is blue today.');
  assert.equal((await simulator.statistics()).socialRefreshes, 1);
});

test('a failure in mid-stream is an error, never a normal end', async () => {
  for (const last of [{ drop: true }, { badFrame: 'messageCrc' },
    { exception: { type: 'InternalServerException', message: 'x' } }]) {
    await simulator.script({ rules: [{ steps: [{ text: 'Half an' }, { delayMs: 50 }, last] }] });
    await assert.rejects(client.messages.stream(ask('Hello')).finalMessage());
  }
});

test('bad requests name the field', async () => {
  await assert.rejects(client.messages.create({ ...ask('x'), messages: [{ role: 'user', content: [{ type: 'text' }] }] }),
    (error) => error instanceof Anthropic.BadRequestError && /messages\[0\]\.content\[0\]\.text/.test(error.message));
  await assert.rejects(client.messages.create({ ...ask('x'), messages: [] }), /messages/);
  await assert.rejects(client.messages.create({ ...ask('x'), model: 'no-such-model' }),
    (error) => error instanceof Anthropic.NotFoundError);
  const stranger = new Anthropic({ baseURL: proxy.url, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.messages.create(ask('x')), (error) => error instanceof Anthropic.AuthenticationError);
});

test('an aborted stream is aborted upstream', async () => {
  await simulator.script({ rules: [{ steps: [{ burst: { text: 'tick ', count: 100000, intervalMs: 5 } }] }] });
  const aborted = (await simulator.statistics()).chatAborted;
  const stream = client.messages.stream(ask('Go on'));
  await assert.rejects(async () => {
    for await (const event of stream) if (event.type === 'content_block_delta') stream.abort();
  });
  for (let i = 0; (await simulator.statistics()).chatAborted === aborted; ++i) assert.ok(i < 2000);
});

test('models and token counts have their shapes', async () => {
  const page = await client.models.list();
  assert.ok(page.data.some((model) => model.id === 'claude-sonnet-4.5'));
  assert.equal((await client.models.retrieve('claude-sonnet-4-5')).type, 'model');
  const count = await client.messages.countTokens({ model: 'claude-sonnet-4-5',
    messages: [{ role: 'user', content: 'Hello, how are you today?' }] });
  assert.ok(count.input_tokens >= 6 && count.input_tokens < 40);
});
