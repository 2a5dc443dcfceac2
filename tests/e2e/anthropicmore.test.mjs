// SPDX-License-Identifier: MIT
// Anthropic Messages: pictures, documents, thinking, structured output, web search and the buffered path.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { bench, feature, leftOut, refusal } from './harness.mjs';
import { allText, call, closing, currentMessage, jpegBase64, messagesOf, pdfBase64, pngBase64, say, shortText,
  thinkingThenText, weatherTool } from './samples.mjs';

const started = bench((proxy) => new Anthropic({ baseURL: proxy.url, apiKey: proxy.key, maxRetries: 0 }));

const ask = (content, extra = {}) => ({
  model: 'claude-sonnet-4-5', max_tokens: 4000, messages: [{ role: 'user', content }], ...extra,
});
const image = (data, media_type = 'image/png') => ({ type: 'image', source: { type: 'base64', media_type, data } });
const tools = [{ name: weatherTool.name, description: weatherTool.description, input_schema: weatherTool.schema }];

feature('anthropic', 'images', 'their type is told by their bytes, not by their label', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Two squares.') }] });
  const message = await client.messages.create(ask([{ type: 'text', text: 'What is it?' }, image(pngBase64),
    image(jpegBase64, 'image/png')]));
  assert.equal(message.content[0].text, 'Two squares.');
  assert.deepEqual(currentMessage(await simulator.lastConversation()).images,
    [{ format: 'png', source: { bytes: pngBase64 } }, { format: 'jpeg', source: { bytes: jpegBase64 } }]);
});

feature('anthropic', 'images', 'bytes that are no picture are refused with their place', async () => {
  const { client } = started;
  await assert.rejects(client.messages.create(ask([image(Buffer.from('hello').toString('base64'))])),
    (error) => error instanceof Anthropic.BadRequestError && /messages\[0\]\.content\[0\]/.test(error.message));
});

feature('anthropic', 'tool-images', 'they go beside the result', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { toolResults: true }, steps: say('A red square.') },
    { steps: call(weatherTool.name, { city: 'Oslo' }) }] });
  const request = ask('Show me', { tools });
  const first = await client.messages.create(request);
  const { id } = first.content.find((block) => block.type === 'tool_use');
  await client.messages.create({ ...request, messages: [...request.messages,
    { role: 'assistant', content: first.content },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id,
      content: [{ type: 'text', text: 'a map' }, image(pngBase64)] }] }] });
  const current = currentMessage(await simulator.lastConversation());
  assert.deepEqual(current.images, [{ format: 'png', source: { bytes: pngBase64 } }]);
  assert.match(current.userInputMessageContext.toolResults[0].content[0].text, /a map/);
});

refusal('anthropic', 'remote-images', 'the error says so and names the place', async () => {
  const { client } = started;
  await assert.rejects(client.messages.create(ask([{ type: 'image',
    source: { type: 'url', url: 'https://example.com/a.png' } }])),
  (error) => error instanceof Anthropic.BadRequestError && /messages\[0\]\.content\[0\]/.test(error.message));
});

refusal('anthropic', 'file-ids', 'the error names the place', async () => {
  const { client } = started;
  await assert.rejects(client.messages.create(ask([{ type: 'image', source: { type: 'file', file_id: 'file_1' } }])),
    (error) => error instanceof Anthropic.BadRequestError && /messages\[0\]\.content\[0\]/.test(error.message));
});

refusal('anthropic', 'remote-documents', 'the error names the place', async () => {
  const { client } = started;
  await assert.rejects(client.messages.create(ask([{ type: 'document',
    source: { type: 'url', url: 'https://example.com/a.pdf' } }])),
  (error) => error instanceof Anthropic.BadRequestError && /messages\[0\]\.content\[0\]\.source/.test(error.message));
});

/** A request with the tool beside a tool of the client's is answered, and the service gets the client's alone. */
async function checkLeftOut(tool, extra = {}) {
  const { client, proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Without it.') }] });
  const message = await client.beta.messages.create(ask('Run it', { tools: [tool, ...tools], ...extra }));
  assert.equal(message.content[0].text, 'Without it.');
  const { tools: sent } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(sent.map((each) => each.toolSpecification.name), [weatherTool.name]);
  assert.ok((await proxy.changesOf(message._request_id)).includes(`a tool of type '${tool.type}' cannot be run here`));
}
leftOut('anthropic', 'code-execution', 'the other tools stay', () => checkLeftOut(
  { type: 'code_execution_20250825', name: 'code_execution' }));
leftOut('anthropic', 'page-fetch', 'the other tools stay', () => checkLeftOut(
  { type: 'web_fetch_20250910', name: 'web_fetch', max_uses: 2 }));
leftOut('anthropic', 'mcp-servers', 'the other tools stay', () => checkLeftOut(
  { type: 'mcp_toolset', mcp_server_name: 'notes' },
  { mcp_servers: [{ type: 'url', name: 'notes', url: 'https://example.com/mcp' }], betas: ['mcp-client-2025-11-20'] }));
leftOut('anthropic', 'server-tools', 'the other tools stay', () => checkLeftOut(
  { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' }));

leftOut('anthropic', 'prefill', 'the question is answered from its beginning', async () => {
  const { client, proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: say('It is blue.') }] });
  const message = await client.messages.create(ask('', { messages: [{ role: 'user', content: 'How is the sky?' },
    { role: 'assistant', content: 'The sky is' }] }));
  assert.equal(message.content[0].text, 'It is blue.');
  assert.deepEqual(messagesOf(await simulator.lastConversation()).map((one) => one.content), ['How is the sky?']);
  assert.match(await proxy.changesOf(message._request_id), /trailing assistant message dropped/);
});

refusal('anthropic', 'batches', 'the path is not there', async () => {
  const { client } = started;
  await assert.rejects(client.messages.batches.list(), (error) => error instanceof Anthropic.NotFoundError);
});

feature('anthropic', 'documents', 'text becomes text, a PDF goes as a document', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('An empty page.') }] });
  await client.messages.create(ask([
    { type: 'document', title: 'notes', source: { type: 'text', media_type: 'text/plain', data: 'Buy milk.' } },
    { type: 'document', title: 'page', source: { type: 'base64', media_type: 'application/pdf', data: pdfBase64 } },
    { type: 'text', text: 'What do they say?' }]));
  const current = currentMessage(await simulator.lastConversation());
  assert.match(current.content, /Buy milk\./);
  assert.deepEqual(current.documents.map(({ format, source }) => [format, source.bytes]), [['pdf', pdfBase64]]);
});

feature('anthropic', 'thinking', 'it arrives as blocks with their signature', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const request = ask('Hello', { thinking: { type: 'enabled', budget_tokens: 2000 } });
  const message = await client.messages.stream(request).finalMessage();
  assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
  assert.equal(message.content[0].thinking, 'The user greets.');
  assert.equal(message.content[0].signature, 'c2ln');
});

feature('anthropic', 'thinking', 'one that nobody asked for stays away', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  for (const request of [ask('Hello'), ask('Hello', { thinking: { type: 'disabled' } })]) {
    const whole = await client.messages.create(request);
    assert.deepEqual(whole.content.map((block) => block.text), ['Hi.']);
    assert.deepEqual((await client.messages.stream(request).finalMessage()).content, whole.content);
  }
});

feature('anthropic', 'thinking', 'a budget and an effort reach a model with fields for them', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const fields = async (extra) => {
    await client.messages.create(ask('Hello', { model: 'claude-opus-4-8', ...extra }));
    return (await simulator.requests()).at(-1).body.additionalModelRequestFields;
  };
  assert.equal((await fields({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } })).output_config.effort, 'low');
  assert.equal((await fields({ thinking: { type: 'enabled', budget_tokens: 2000 } })).thinking.type, 'adaptive');
  assert.equal((await fields({ thinking: { type: 'disabled' } })).thinking.type, 'disabled');
});

feature('anthropic', 'thinking', 'tags in the text of an older model become blocks', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { system: '<thinking_mode>enabled' },
    steps: [{ text: '<thinking>Two and two.</thinking>\n\nFour.', chunk: 3 }, closing] }] });
  const message = await client.messages.stream(
    ask('2+2?', { thinking: { type: 'enabled', budget_tokens: 2000 } })).finalMessage();
  assert.deepEqual(message.content.map((block) => block.thinking ?? block.text), ['Two and two.', 'Four.']);
});

feature('anthropic', 'thinking-replay', 'whole blocks go back unchanged, ones without a signature do not', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Again.') }] });
  const after = async (thinking) => {
    await client.messages.create(ask('x', { model: 'claude-opus-4-8', thinking: { type: 'adaptive' }, messages: [
      { role: 'user', content: 'Hello' }, { role: 'assistant', content: [thinking, { type: 'text', text: 'Hi.' }] },
      { role: 'user', content: 'Again' }] }));
    return messagesOf(await simulator.lastConversation()).map((one) => one.reasoningContent).filter(Boolean);
  };
  assert.deepEqual(await after({ type: 'thinking', thinking: 'The user greets.', signature: 'c2ln' }),
    [{ reasoningText: { text: 'The user greets.', signature: 'c2ln' } }]);
  assert.deepEqual(await after({ type: 'thinking', thinking: 'The user greets.', signature: '' }), []);
});

feature('anthropic', 'thinking-replay', 'a refused signature is dropped and the request repeated', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ times: 1, httpError: { status: 400, class: 'ValidationException',
    reason: 'THINKING_SIGNATURE_INVALID', message: 'Invalid signature in thinking block' } }, { steps: say('Again.') }] });
  const message = await client.messages.create(ask('x', { model: 'claude-opus-4-8', thinking: { type: 'adaptive' }, messages: [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'Old.', signature: 'b2xk' }, { type: 'text', text: 'Hi.' }] },
    { role: 'user', content: 'Again' }] }));
  assert.equal(message.content.at(-1).text, 'Again.');
  assert.ok(!allText(await simulator.lastConversation()).includes('b2xk'));
});

feature('anthropic', 'structured-output', 'the schema is asked for in words', async () => {
  const { client, simulator } = started;
  const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false };
  await simulator.script({ rules: [{ match: { anyText: '"title"' }, steps: say('{"title":"Blue"}') }] });
  const message = await client.messages.create(ask('Name it', { output_config: { format: { type: 'json_schema', schema } } }));
  assert.deepEqual(JSON.parse(message.content[0].text), { title: 'Blue' });
});

const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
const checkSearch = (message) => {
  const use = message.content.find((block) => block.type === 'server_tool_use');
  const result = message.content.find((block) => block.type === 'web_search_tool_result');
  assert.match(use.id, /^srvtoolu_/);
  assert.equal(use.input.query, 'Qt release date');
  assert.equal(result.tool_use_id, use.id);
  assert.ok(result.content.length > 0 && result.content.every((hit) => hit.type === 'web_search_result' && hit.url && hit.title));
  assert.equal(message.usage.server_tool_use.web_search_requests, 1);
};

feature('anthropic', 'web-search', 'a search and nothing else needs no model, streamed or not', async () => {
  const { client, simulator } = started;
  await simulator.script();
  const request = ask('Perform a web search for the query: Qt release date', { tools: [search] });
  checkSearch(await client.messages.create(request));
  checkSearch(await client.messages.stream(request).finalMessage());
  assert.deepEqual((await simulator.requests()).map((one) => one.body.params?.arguments.query),
    ['Qt release date', 'Qt release date']);
});

feature('anthropic', 'web-search', 'beside client tools the model searches and goes on', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [
    { match: { resultOf: 'web_search' }, steps: [{ text: 'It was in May. ' }, ...call(weatherTool.name, { city: 'Oslo' })] },
    { match: { tool: 'web_search' }, steps: call('web_search', { query: 'Qt release date' }) }] });
  for (const streamed of [false, true]) {
    const request = ask('When, and how was the weather?', { tools: [...tools, search] });
    const message = streamed ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
    checkSearch(message);
    assert.equal(message.stop_reason, 'tool_use');
    assert.equal(message.content.at(-1).name, weatherTool.name);
  }
});

feature('anthropic', 'web-search', 'one that fails is the API\'s error block, never an empty success', async () => {
  const { client, simulator } = started;
  await simulator.script({ control: { mcp: { httpError: { status: 503 } } } });
  const message = await client.messages.create(ask('Perform a web search for the query: Qt', { tools: [search] }));
  const result = message.content.find((block) => block.type === 'web_search_tool_result');
  assert.deepEqual([result.content.type, result.content.error_code], ['web_search_tool_result_error', 'unavailable']);
});

feature('anthropic', 'custom-tools', 'bash, text editor and memory are offered with their schemas', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: call('bash', { command: 'ls' }) }] });
  const message = await client.messages.create(ask('List', { tools: [{ type: 'bash_20250124', name: 'bash' },
    { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' }] }));
  assert.deepEqual(message.content.map((block) => [block.name, block.input]), [['bash', { command: 'ls' }]]);
  const { tools: sent } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.ok(sent.every((tool) => Object.keys(tool.toolSpecification.inputSchema.json.properties).length > 0));
});

feature('anthropic', 'usage', '/cc/v1/messages holds its first event until the real number is known', async () => {
  const { client, proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const buffered = new Anthropic({ baseURL: `${proxy.url}/cc`, apiKey: proxy.key, maxRetries: 0 });
  let first;
  for await (const event of await buffered.messages.create(ask('Hello', { stream: true }))) first ??= event;
  assert.deepEqual([first.type, first.message.usage.input_tokens, first.message.usage.cache_read_input_tokens],
    ['message_start', 20, 5]);
  assert.ok((await buffered.messages.countTokens({ model: 'claude-sonnet-4-5',
    messages: [{ role: 'user', content: 'Hello' }] })).input_tokens > 0);
  const message = await client.messages.stream(ask('Hello')).finalMessage();
  assert.equal(message.usage.input_tokens, 20);
});

feature('anthropic', 'paths', 'what clients put before or behind the path is tolerated', async () => {
  const { proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Yes.') }] });
  const headers = { 'x-api-key': proxy.key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  for (const path of ['/v1/messages?beta=true', '/v1/v1/messages', '/anthropic/v1/messages', '/messages']) {
    const reply = await fetch(proxy.url + path, { method: 'POST', headers, body: JSON.stringify(ask('Hello')) });
    assert.equal((await reply.json()).content?.[0].text, 'Yes.', path);
  }
  const telemetry = await fetch(`${proxy.url}/api/event_logging/batch`, { method: 'POST', headers, body: '{"events":[]}' });
  assert.equal(telemetry.status, 200);
});
