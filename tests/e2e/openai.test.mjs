// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { bench, feature } from './harness.mjs';
import { closing, failures, shortText, twoCalls, weatherTool } from './samples.mjs';

const started = bench((proxy) => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: proxy.key, maxRetries: 0 }));

const ask = (content, extra = {}) => ({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...extra });
const tools = [{
  type: 'function',
  function: { name: weatherTool.name, description: weatherTool.description, parameters: weatherTool.schema },
}];

feature('chat', 'text', 'a whole answer carries text, finish reason and usage', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const completion = await client.chat.completions.create(ask('Hello'));
  assert.equal(completion.choices[0].message.content, 'The sky is blue today.');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(completion.model, 'gpt-4o');
  assert.equal(completion.usage.prompt_tokens, 25);
  assert.equal(completion.usage.prompt_tokens_details.cached_tokens, 5);
  assert.equal(completion.usage.total_tokens, 31);
});

feature('chat', 'usage', 'a stream arrives in pieces, with usage only when it was asked for', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  for (const includeUsage of [false, true]) {
    const stream = await client.chat.completions.create(
      ask('Hello', { stream: true, stream_options: includeUsage ? { include_usage: true } : undefined }));
    let text = '';
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, 'The sky is blue today.');
    assert.equal(usage?.completion_tokens, includeUsage ? 6 : undefined);
  }
});

feature('chat', 'parallel-tools', 'the stream helper assembles parallel tool calls, and their results go back', async () => {
  const { client, simulator } = started;
  await simulator.script({
    rules: [
      { match: { toolResults: true }, steps: [{ text: 'Rain in Oslo.' }, closing] },
      { steps: twoCalls, cut: [1, 2, 3, 5, 8] },
    ],
  });
  const request = ask('How is the weather?', { tools });
  const first = await client.chat.completions.stream(request).finalChatCompletion();
  assert.equal(first.choices[0].finish_reason, 'tool_calls');
  const calls = first.choices[0].message.tool_calls;
  assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments)), [{ city: 'Oslo' }, { city: '北京' }]);
  const second = await client.chat.completions.create({
    ...request,
    messages: [...request.messages, first.choices[0].message,
      ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: '7 degrees' }))],
  });
  assert.equal(second.choices[0].message.content, 'Rain in Oslo.');
});

feature('chat', 'system', 'system and developer messages, stop and tool_choice are taken', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ text: 'one two three four', chunk: 1 }] }] });
  const completion = await client.chat.completions.create({
    model: 'gpt-4o', stop: ['three'], tool_choice: 'none', tools,
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'developer', content: 'Count.' },
      { role: 'user', content: [{ type: 'text', text: 'Count' }] }],
  });
  assert.equal(completion.choices[0].message.content, 'one two ');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  const { lastChatBody } = await simulator.statistics();
  assert.match(lastChatBody, /Be brief\./);
  assert.match(lastChatBody, /Count\./);
});

for (const [what, httpError, kind, code] of [
  ['too long a prompt', failures.tooLong, OpenAI.BadRequestError, 'context_length_exceeded'],
  ['a rate limit', failures.rateLimit, OpenAI.RateLimitError, 'rate_limit_exceeded'],
  ['a used up month', failures.usedUp, OpenAI.RateLimitError, 'insufficient_quota'],
]) {
  feature('chat', 'errors', `${what} is the SDK's own error class`, async () => {
    const { client, simulator } = started;
    await simulator.script({ rules: [{ httpError }] });
    await assert.rejects(client.chat.completions.create(ask('Hello')), (error) => {
      assert.ok(error instanceof kind, `${error}`);
      assert.equal(error.code, code);
      return true;
    });
  });
}

feature('chat', 'stream-errors', 'a failure in mid-stream raises', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ text: 'Half an' }, { delayMs: 50 }, { drop: true }] }] });
  await assert.rejects(async () => {
    for await (const chunk of await client.chat.completions.create(ask('Hello', { stream: true })))
      assert.ok(chunk);
  });
});

feature('chat', 'errors', 'bad requests name the field', async () => {
  const { client, proxy } = started;
  await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 5 }] }),
    (error) => error instanceof OpenAI.BadRequestError && /messages\[0\]\.content/.test(error.message));
  await assert.rejects(client.chat.completions.create({ ...ask('x'), model: 'no-such-model' }),
    (error) => error instanceof OpenAI.NotFoundError);
  const stranger = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create(ask('x')), (error) => error instanceof OpenAI.AuthenticationError);
});

feature('chat', 'cancel', 'an aborted stream is aborted upstream', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ burst: { text: 'tick ', count: 2000, intervalMs: 5 } }] }] });
  const aborted = (await simulator.statistics()).chatAborted;
  const stream = await client.chat.completions.create(ask('Go on', { stream: true }));
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  for (let i = 0; (await simulator.statistics()).chatAborted === aborted; ++i) assert.ok(i < 2000);
});

feature('chat', 'models', 'models have their shapes', async () => {
  const { client } = started;
  const models = [];
  for await (const model of client.models.list()) models.push(model);
  assert.ok(models.some((model) => model.id === 'claude-sonnet-4.5' && model.object === 'model'));
  assert.equal((await client.models.retrieve('gpt-4o')).id, 'gpt-4o');
});

feature('chat', 'stream', 'sixty-four streams run at once', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ burst: { text: 'tick ', count: 40, intervalMs: 50 } }, closing] }] });
  const streams = await Promise.all(Array.from({ length: 64 }, async () => {
    let text = '';
    for await (const chunk of await client.chat.completions.create(ask('Go', { stream: true })))
      text += chunk.choices[0]?.delta.content ?? '';
    return text;
  }));
  assert.ok(streams.every((text) => text === 'tick '.repeat(40)));
  assert.equal((await simulator.statistics()).peakStreams, 64);
});
