// SPDX-License-Identifier: MIT
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { bench, feature } from './harness.mjs';
import { brokenEnds, call, closing, currentMessage, cutCall, failures, messagesOf, say, shortText, twoCalls,
  weatherTool } from './samples.mjs';

const started = bench((proxy) => new Anthropic({ baseURL: proxy.url, apiKey: proxy.key, maxRetries: 0 }));

const ask = (content, extra = {}) => ({
  model: 'claude-sonnet-4-5-20250929', max_tokens: 1000, messages: [{ role: 'user', content }], ...extra,
});
const tools = [{
  name: weatherTool.name, description: weatherTool.description, input_schema: weatherTool.schema,
}];

feature('anthropic', 'text', 'text, stop reason, usage and the model that was asked for', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const message = await client.messages.create(ask('Hello'));
  assert.equal(message.content[0].text, 'The sky is blue today.');
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.model, 'claude-sonnet-4-5-20250929');
  assert.equal(message.usage.input_tokens, 20);
  assert.equal(message.usage.cache_read_input_tokens, 5);
  assert.equal(message.usage.output_tokens, 6);
});

feature('anthropic', 'stream', 'it arrives in pieces and adds up', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const stream = client.messages.stream(ask('Hello'));
  const pieces = [];
  stream.on('text', (text) => pieces.push(text));
  const message = await stream.finalMessage();
  assert.equal(pieces.join(''), 'The sky is blue today.');
  assert.ok(pieces.length > 3);
  assert.equal(message.usage.output_tokens, 6);
});

feature('anthropic', 'stream', 'it survives frames cut at every byte', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText, cut: [1] }] });
  const message = await client.messages.stream(ask('Hello')).finalMessage();
  assert.equal(message.content[0].text, 'The sky is blue today.');
});

feature('anthropic', 'system', 'system blocks and a system message between the others reach the model', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { system: 'Be brief.' }, steps: say('Yes.') }] });
  const message = await client.messages.create({
    ...ask('x'), system: [{ type: 'text', text: 'Be kind.' }, { type: 'text', text: 'Be brief.' }],
    messages: [{ role: 'user', content: 'Hello' }, { role: 'system', content: [{ type: 'text', text: 'It is late.' }] }],
  });
  assert.equal(message.content[0].text, 'Yes.');
  const texts = messagesOf(await simulator.lastConversation()).map((one) => one.content).join('\n');
  assert.match(texts, /Be kind\./);
  assert.match(texts, /It is late\./);
});

feature('anthropic', 'parallel-tools', 'two calls stream, and their results go back', async () => {
  const { client, simulator } = started;
  await simulator.script({
    rules: [{ match: { toolResults: true }, steps: say('Rain in Oslo, sun in Beijing.') }, { steps: twoCalls }],
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
          is_error: true },
      ] }],
  });
  assert.equal(second.content[0].text, 'Rain in Oslo, sun in Beijing.');
  const { toolResults } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(toolResults.map((result) => [result.content[0].text, result.status]),
    [['7 degrees, rain', 'success'], ['20 degrees', 'error']]);
});

feature('anthropic', 'tools', 'a name the service does not take comes back as the client wrote it', async () => {
  const { client, simulator } = started;
  const name = `mcp__weather.service__${'very_'.repeat(14)}long`;
  await simulator.script({ rules: [{ steps: say('No tool.') }] });
  await client.messages.create(ask('Hello', { tools: [{ ...tools[0], name }] }));
  const sent = currentMessage(await simulator.lastConversation()).userInputMessageContext.tools[0].toolSpecification;
  assert.match(sent.name, /^[a-zA-Z][\w-]{0,63}$/);
  await simulator.script({ rules: [{ steps: call(sent.name, { city: 'Oslo' }) }] });
  const message = await client.messages.create(ask('Hello', { tools: [{ ...tools[0], name }] }));
  assert.deepEqual(message.content.map((block) => [block.type, block.name, block.input]),
    [['tool_use', name, { city: 'Oslo' }]]);
});

feature('anthropic', 'tool-choice', 'none offers no tool, a named one is asked for', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Fine.') }] });
  await client.messages.create(ask('Hello', { tools, tool_choice: { type: 'none' } }));
  assert.equal(currentMessage(await simulator.lastConversation()).userInputMessageContext?.tools, undefined);
  await client.messages.create(ask('Hello', { tools, tool_choice: { type: 'tool', name: weatherTool.name } }));
  const conversation = await simulator.lastConversation();
  assert.ok(messagesOf(conversation).some((one) => one.content.includes(weatherTool.name)), 'the choice is told in words');
});

feature('anthropic', 'truncated-tools', 'the turn ends as max_tokens', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: cutCall }] });
  const message = await client.messages.create(ask('Write it', { tools }));
  assert.equal(message.stop_reason, 'max_tokens');
  assert.ok(!message.content.some((block) => block.type === 'tool_use' && Object.keys(block.input).length > 0));
  const stream = client.messages.stream(ask('Write it', { tools }));
  for await (const event of stream) {
    if (event.type === 'message_delta') assert.equal(event.delta.stop_reason, 'max_tokens');
  }
});

feature('anthropic', 'stops', 'stop sequences end the answer although the upstream knows none', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ text: 'one two three four', chunk: 2 }] }] });
  const message = await client.messages.create(ask('Count', { stop_sequences: ['three'] }));
  assert.equal(message.content[0].text, 'one two ');
  assert.equal(message.stop_reason, 'stop_sequence');
  assert.equal(message.stop_sequence, 'three');
});

feature('anthropic', 'stops', 'a full answer and a refused one are told apart', async () => {
  const { client, simulator } = started;
  for (const [upstream, expected] of [['MAX_TOKENS', 'max_tokens'], ['CONTENT_FILTERED', 'refusal']]) {
    await simulator.script({ rules: [{ steps: [{ text: 'Well' }, { stopReason: upstream }, closing] }] });
    assert.equal((await client.messages.stream(ask('x')).finalMessage()).stop_reason, expected);
  }
});

for (const [what, httpError, kind, status] of [
  ['too long a prompt', failures.tooLong, Anthropic.BadRequestError, 400],
  ['a used up month', failures.usedUp, Anthropic.RateLimitError, 429],
  ['a rate limit', failures.rateLimit, Anthropic.RateLimitError, 429],
]) {
  feature('anthropic', 'errors', `${what} is the SDK's own error class`, async () => {
    const { client, simulator } = started;
    await simulator.script({ rules: [{ httpError }] });
    await assert.rejects(client.messages.create(ask('Hello')), (error) => {
      assert.ok(error instanceof kind, `${error}`);
      assert.equal(error.status, status);
      if (status === 400) assert.match(error.message, /prompt is too long/);
      return true;
    });
  });
}

feature('anthropic', 'errors', 'an expired token is renewed once and nobody notices', async () => {
  const { client, simulator } = started;
  await simulator.script({
    rules: [{ times: 1, httpError: { status: 403, class: 'AccessDeniedException',
      message: 'The bearer token included in the request is invalid.' } }, { steps: shortText }],
  });
  const message = await client.messages.create(ask('Hello'));
  assert.equal(message.content[0].text, 'The sky is blue today.');
  assert.equal((await simulator.statistics()).socialRefreshes, 1);
});

feature('anthropic', 'errors', 'bad requests name the field', async () => {
  const { client, proxy } = started;
  await assert.rejects(client.messages.create({ ...ask('x'), messages: [{ role: 'user', content: [{ type: 'text' }] }] }),
    (error) => error instanceof Anthropic.BadRequestError && /messages\[0\]\.content\[0\]\.text/.test(error.message));
  await assert.rejects(client.messages.create({ ...ask('x'), messages: [] }), /messages/);
  await assert.rejects(client.messages.create({ ...ask('x'), model: 'no-such-model' }),
    (error) => error instanceof Anthropic.NotFoundError);
  const stranger = new Anthropic({ baseURL: proxy.url, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.messages.create(ask('x')), (error) => error instanceof Anthropic.AuthenticationError);
});

feature('anthropic', 'stream-errors', 'a failure in mid-stream is an error, never a normal end', async () => {
  const { client, simulator } = started;
  for (const last of brokenEnds) {
    await simulator.script({ rules: [{ steps: [{ text: 'Half an' }, { delayMs: 50 }, last] }] });
    await assert.rejects(client.messages.stream(ask('Hello')).finalMessage());
  }
});

feature('anthropic', 'cancel', 'an aborted stream is aborted upstream', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ burst: { text: 'tick ', count: 2000, intervalMs: 5 } }] }] });
  const aborted = (await simulator.statistics()).chatAborted;
  const stream = client.messages.stream(ask('Go on'));
  await assert.rejects(async () => {
    for await (const event of stream) if (event.type === 'content_block_delta') stream.abort();
  });
  for (let i = 0; (await simulator.statistics()).chatAborted === aborted; ++i) assert.ok(i < 2000);
});

feature('anthropic', 'models', 'the list and one model have their shapes', async () => {
  const { client } = started;
  const page = await client.models.list();
  assert.ok(page.data.some((model) => model.id === 'claude-sonnet-4.5'));
  assert.equal(page.has_more, false);
  assert.equal((await client.models.retrieve('claude-sonnet-4-5')).type, 'model');
});

feature('anthropic', 'count-tokens', 'messages, system and tools are counted', async () => {
  const { client } = started;
  const counted = async (extra = {}) => (await client.messages.countTokens({ model: 'claude-sonnet-4-5',
    messages: [{ role: 'user', content: 'Hello, how are you today?' }], ...extra })).input_tokens;
  const alone = await counted();
  assert.ok(alone >= 6 && alone < 40, `${alone}`);
  assert.ok(await counted({ system: 'You are a careful assistant who answers briefly.' }) > alone + 5);
  assert.ok(await counted({ tools }) > alone + 20);
});
