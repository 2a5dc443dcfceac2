// SPDX-License-Identifier: MIT
// OpenAI Responses: stored answers, free-form tools, pictures, reasoning, structured output and web search.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { bench, feature, refusal } from './harness.mjs';
import { allText, call, closing, currentMessage, jpegBase64, messagesOf, pdfBase64, pngBase64, say, thinkingThenText,
  weatherTool } from './samples.mjs';

const started = bench((proxy) => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: proxy.key, maxRetries: 0 }));

const ask = (input, extra = {}) => ({ model: 'gpt-5.2-codex', input, ...extra });
const user = (...content) => [{ role: 'user', content }];
const text = (words) => ({ type: 'input_text', text: words });
const image = (data, type = 'image/png') => ({ type: 'input_image', detail: 'auto', image_url: `data:${type};base64,${data}` });
const tools = [{ type: 'function', strict: false, name: weatherTool.name, description: weatherTool.description,
  parameters: weatherTool.schema }];

feature('responses', 'state', 'previous_response_id brings the whole conversation back', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { anyText: 'I will remember' }, steps: say('Seven.') },
    { steps: say('I will remember.') }] });
  const first = await client.responses.create(ask('Remember seven', { instructions: 'Be kind.' }));
  const second = await client.responses.create(ask('Which number?', { previous_response_id: first.id }));
  assert.equal(second.output_text, 'Seven.');
  assert.equal(second.previous_response_id, first.id);
  const sent = allText(await simulator.lastConversation());
  assert.match(sent, /Remember seven/);
  assert.doesNotMatch(sent, /Be kind\./, 'instructions of an earlier response are not carried over');
});

feature('responses', 'state', 'a tool call is answered by its id alone', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { resultOf: weatherTool.name }, steps: say('Rain.') },
    { steps: call(weatherTool.name, { city: 'Oslo' }) }] });
  const first = await client.responses.create(ask('Weather?', { tools }));
  const { call_id } = first.output.find((item) => item.type === 'function_call');
  const second = await client.responses.stream(ask([{ type: 'function_call_output', call_id, output: '7 degrees' }],
    { tools, previous_response_id: first.id })).finalResponse();
  assert.equal(second.output_text, 'Rain.');
  const ids = (await simulator.requests()).map((request) => request.body.conversationState.conversationId);
  assert.equal(ids[0], ids[1]);
});

feature('responses', 'state', 'stored ones can be read and deleted, others are not kept', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Hello.') }] });
  const kept = await client.responses.create(ask('Hi there'));
  assert.equal((await client.responses.retrieve(kept.id)).output_text, 'Hello.');
  const items = [];
  for await (const item of client.responses.inputItems.list(kept.id)) items.push(item);
  assert.deepEqual(items.map((item) => [item.type, item.role, item.content[0].text]), [['message', 'user', 'Hi there']]);
  await client.responses.delete(kept.id);
  const missing = (error) => error instanceof OpenAI.NotFoundError;
  await assert.rejects(client.responses.retrieve(kept.id), missing);
  const fleeting = await client.responses.create(ask('Hi', { store: false }));
  await assert.rejects(client.responses.retrieve(fleeting.id), missing);
  await assert.rejects(client.responses.create(ask('Hi', { previous_response_id: fleeting.id })),
    (error) => error.code === 'previous_response_not_found');
});

feature('responses', 'state', 'with store false a client resends everything', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { anyText: 'I will remember' }, steps: say('Seven.') },
    { steps: say('I will remember.') }] });
  const input = [{ role: 'user', content: 'Remember seven' }];
  const first = await client.responses.create(ask(input, { store: false, include: ['reasoning.encrypted_content'] }));
  const second = await client.responses.create(ask([...input, ...first.output, { role: 'user', content: 'Which?' }], { store: false }));
  assert.equal(second.output_text, 'Seven.');
});

const refusedFor = (param) => (error) => error instanceof OpenAI.BadRequestError && error.param === param;
refusal('responses', 'conversations', 'the error names the field', () => assert.rejects(
  started.client.responses.create(ask('x', { conversation: 'conv_1' })), refusedFor('conversation')));
refusal('responses', 'prompt-templates', 'the error names the field', () => assert.rejects(
  started.client.responses.create(ask('x', { prompt: { id: 'pmpt_1' } })), refusedFor('prompt')));
refusal('responses', 'stream-again', 'the error names the field, and without it the answer comes', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Hello.') }] });
  const { id } = await client.responses.create(ask('Hi there'));
  await assert.rejects(client.responses.retrieve(id, { stream: true }), refusedFor('stream'));
  assert.equal((await client.responses.retrieve(id)).output_text, 'Hello.');
});

feature('responses', 'custom-tools', 'free text arrives as it is, and its result goes back', async () => {
  const { client, simulator } = started;
  const written = 'line "one"\n\tline two – 北京\n';
  await simulator.script({ rules: [{ match: { resultOf: 'apply_patch' }, steps: say('Patched.') },
    { steps: call('apply_patch', { input: written }) }] });
  const request = ask('Patch it', { store: false, tools: [{ type: 'custom', name: 'apply_patch', description: 'Patches files',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' } }] });
  const first = await client.responses.stream(request).finalResponse();
  const [item] = first.output;
  assert.deepEqual([item.type, item.name, item.input], ['custom_tool_call', 'apply_patch', written]);
  const deltas = [];
  for await (const event of await client.responses.create({ ...request, stream: true }))
    if (event.type === 'response.custom_tool_call_input.delta') deltas.push(event.delta);
  assert.equal(deltas.join(''), written);
  const second = await client.responses.create({ ...request, input: [{ role: 'user', content: 'Patch it' }, item,
    { type: 'custom_tool_call_output', call_id: item.call_id, output: 'Success' }] });
  assert.equal(second.output_text, 'Patched.');
});

feature('responses', 'custom-tools', 'shell, local_shell and apply_patch come back in their own items', async () => {
  const { client, simulator } = started;
  for (const [type, input, item] of [
    ['local_shell', { command: ['ls', '-l'] }, 'local_shell_call'],
    ['shell', { commands: ['ls -l'] }, 'shell_call']]) {
    await simulator.script({ rules: [{ steps: call(type, input) }] });
    const response = await client.responses.create(ask('List', { tools: [{ type }] }));
    assert.equal(response.output[0].type, item);
    assert.match(JSON.stringify(response.output[0].action), /ls/);
  }
});

feature('responses', 'images', 'data URLs, told apart by their bytes', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Squares.') }] });
  await client.responses.create(ask(user(text('What?'), image(pngBase64), image(jpegBase64))));
  assert.deepEqual(currentMessage(await simulator.lastConversation()).images.map((one) => one.format), ['png', 'jpeg']);
});

feature('responses', 'tool-images', 'they go beside the result', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('A red square.') }] });
  await client.responses.create(ask([{ role: 'user', content: 'Show me' },
    { type: 'function_call', call_id: 'c1', name: weatherTool.name, arguments: '{"city":"Oslo"}' },
    { type: 'function_call_output', call_id: 'c1', output: [text('a map'), image(pngBase64)] }], { tools }));
  const current = currentMessage(await simulator.lastConversation());
  assert.deepEqual(current.images, [{ format: 'png', source: { bytes: pngBase64 } }]);
  assert.match(current.userInputMessageContext.toolResults[0].content[0].text, /a map/);
});

feature('responses', 'documents', 'a PDF goes as a document', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('An empty page.') }] });
  await client.responses.create(ask(user(text('What?'),
    { type: 'input_file', filename: 'page.pdf', file_data: `data:application/pdf;base64,${pdfBase64}` })));
  assert.deepEqual(currentMessage(await simulator.lastConversation()).documents.map((one) => one.format), ['pdf']);
});

refusal('responses', 'remote-images', 'the error says so and names the place', async () => {
  const { client } = started;
  await assert.rejects(client.responses.create(ask(user({ type: 'input_image', detail: 'auto', image_url: 'https://example.com/a.png' }))),
    (error) => error instanceof OpenAI.BadRequestError && /input\[0\]\.content\[0\]/.test(error.message));
});

refusal('responses', 'remote-documents', 'the error names the place', async () => {
  const { client } = started;
  await assert.rejects(client.responses.create(ask(user({ type: 'input_file', file_url: 'https://example.com/a.pdf' }))),
    (error) => error instanceof OpenAI.BadRequestError && /input\[0\]\.content\[0\]\.file_url/.test(error.message));
});

refusal('responses', 'file-ids', 'the error names the place', async () => {
  const { client } = started;
  await assert.rejects(client.responses.create(ask(user({ type: 'input_file', file_id: 'file_1' }))),
    (error) => error instanceof OpenAI.BadRequestError && /input\[0\]\.content\[0\]/.test(error.message));
});

feature('responses', 'thinking', 'effort goes up, reasoning items with a summary come back', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const response = await client.responses.stream(ask('Hello', { model: 'claude-opus-5',
    reasoning: { effort: 'low', summary: 'auto' } })).finalResponse();
  assert.deepEqual(response.output.map((item) => item.type), ['reasoning', 'message']);
  assert.equal(response.output[0].summary[0].text, 'The user greets.');
  assert.equal((await simulator.requests()).at(-1).body.additionalModelRequestFields.output_config.effort, 'low');
});

feature('responses', 'thinking-replay', 'encrypted_content brings the signed thought back whole', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const request = { model: 'claude-opus-5', store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'low' } };
  const first = await client.responses.create(ask('Hello', request));
  assert.ok(first.output[0].encrypted_content);
  await client.responses.create(ask([{ role: 'user', content: 'Hello' }, ...first.output, { role: 'user', content: 'Again' }], request));
  assert.deepEqual(messagesOf(await simulator.lastConversation()).map((one) => one.reasoningContent).filter(Boolean),
    [{ reasoningText: { text: 'The user greets.', signature: 'c2ln' } }]);
});

feature('responses', 'structured-output', 'the schema is asked for in words, and fences are taken off', async () => {
  const { client, simulator } = started;
  const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false };
  await simulator.script({ rules: [{ match: { anyText: '"title"' }, steps: [{ text: '```json\n{"title":"Blue"}\n```', chunk: 3 }, closing] }] });
  const response = await client.responses.parse(ask('Name it', {
    text: { format: { type: 'json_schema', name: 'a_title', strict: true, schema } } }));
  assert.deepEqual(JSON.parse(response.output_text), { title: 'Blue' });
});

feature('responses', 'web-search', 'the model searches and goes on, streamed or not', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { resultOf: 'web_search' }, steps: say('It was in May.') },
    { match: { tool: 'web_search' }, steps: call('web_search', { query: 'Qt release date' }) }] });
  const request = ask('When?', { tools: [...tools, { type: 'web_search' }] });
  for (const response of [await client.responses.create(request), await client.responses.stream(request).finalResponse()]) {
    const search = response.output.find((item) => item.type === 'web_search_call');
    assert.deepEqual([search.status, search.action.type, search.action.query], ['completed', 'search', 'Qt release date']);
    assert.equal(response.output_text, 'It was in May.');
  }
});

feature('responses', 'paths', 'what clients put before or leave out of the path is tolerated', async () => {
  const { proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Yes.') }] });
  const headers = { authorization: `Bearer ${proxy.key}`, 'content-type': 'application/json' };
  for (const path of ['/v1/v1/responses', '/openai/v1/responses', '/openai/responses', '/responses', '/v1/responses/']) {
    const reply = await fetch(proxy.url + path, { method: 'POST', headers, body: JSON.stringify(ask('Hello')) });
    const { id, output } = await reply.json();
    assert.equal(output?.[0].content[0].text, 'Yes.', path);
    const stored = await fetch(`${proxy.url}${path.replace(/\/$/, '')}/${id}`, { headers });
    assert.equal((await stored.json()).id, id, path);
  }
});
