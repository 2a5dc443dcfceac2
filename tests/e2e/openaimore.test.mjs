// SPDX-License-Identifier: MIT
// OpenAI Chat: pictures, thinking, structured output, web search and what is refused.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { bench, feature, leftOut, refusal } from './harness.mjs';
import { allText, call, closing, currentMessage, cutCall, jpegBase64, messagesOf, pdfBase64, pngBase64, say,
  thinkingThenText, weatherTool } from './samples.mjs';

const started = bench((proxy) => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: proxy.key, maxRetries: 0 }));

const ask = (content, extra = {}) => ({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...extra });
const text = (words) => ({ type: 'text', text: words });
const image = (data, type = 'image/png') => ({ type: 'image_url', image_url: { url: `data:${type};base64,${data}` } });
const tools = [{ type: 'function',
  function: { name: weatherTool.name, description: weatherTool.description, parameters: weatherTool.schema } }];
const create = (request) => started.client.chat.completions.create(request);
const refuse = (request, word) => assert.rejects(create(request),
  (error) => error instanceof OpenAI.BadRequestError && word.test(error.message));

feature('chat', 'tools', 'a call and its result in the older form of functions', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ match: { toolResults: true }, steps: say('Rain.') },
    { steps: call(weatherTool.name, { city: 'Oslo' }) }] });
  const functions = [tools[0].function];
  const first = await create(ask('Weather?', { functions }));
  assert.equal(first.choices[0].finish_reason, 'function_call');
  const { message } = first.choices[0];
  assert.deepEqual(JSON.parse(message.function_call.arguments), { city: 'Oslo' });
  const second = await create({ model: 'gpt-4o', functions, messages: [{ role: 'user', content: 'Weather?' }, message,
    { role: 'function', name: weatherTool.name, content: '7 degrees' }] });
  assert.equal(second.choices[0].message.content, 'Rain.');
});

feature('chat', 'custom-tools', 'free text arrives as it is', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: call('apply_patch', { input: 'line "one"\n' }) }] });
  const completion = await create(ask('Patch', { tools: [{ type: 'custom', custom: { name: 'apply_patch', description: 'x' } }] }));
  const [made] = completion.choices[0].message.tool_calls;
  assert.deepEqual([made.type, made.custom], ['custom', { name: 'apply_patch', input: 'line "one"\n' }]);
});

feature('chat', 'tool-choice', 'none offers no tool, a named one is asked for', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('Fine.') }] });
  await create(ask('Hello', { tools, tool_choice: 'none' }));
  assert.equal(currentMessage(await simulator.lastConversation()).userInputMessageContext?.tools, undefined);
  await create(ask('Hello', { tools, tool_choice: { type: 'function', function: { name: weatherTool.name } } }));
  assert.ok(messagesOf(await simulator.lastConversation()).some((one) => one.content.includes(weatherTool.name)));
});

feature('chat', 'truncated-tools', 'the turn ends as length', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: cutCall }] });
  const completion = await create(ask('Write it', { tools }));
  assert.equal(completion.choices[0].finish_reason, 'length');
  let last;
  for await (const chunk of await create(ask('Write it', { tools, stream: true })))
    last = chunk.choices[0]?.finish_reason ?? last;
  assert.equal(last, 'length');
});

feature('chat', 'images', 'data URLs, told apart by their bytes', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('Squares.') }] });
  await create(ask([text('What?'), image(pngBase64), image(jpegBase64)]));
  assert.deepEqual(currentMessage(await simulator.lastConversation()).images.map((one) => one.format), ['png', 'jpeg']);
});

feature('chat', 'tool-images', 'they go beside the result', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('A red square.') }] });
  await create({ model: 'gpt-4o', tools, messages: [{ role: 'user', content: 'Show me' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function',
      function: { name: weatherTool.name, arguments: '{"city":"Oslo"}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: [text('a map'), image(pngBase64)] }] });
  const current = currentMessage(await simulator.lastConversation());
  assert.deepEqual(current.images, [{ format: 'png', source: { bytes: pngBase64 } }]);
});

feature('chat', 'documents', 'a PDF goes as a document', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('An empty page.') }] });
  await create(ask([text('What?'), { type: 'file', file: { filename: 'page.pdf',
    file_data: `data:application/pdf;base64,${pdfBase64}` } }]));
  assert.deepEqual(currentMessage(await simulator.lastConversation()).documents.map((one) => one.format), ['pdf']);
});

feature('chat', 'thinking', 'effort goes up, thoughts come back as reasoning_content', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const request = ask('Hello', { model: 'claude-opus-5', reasoning_effort: 'low' });
  const { message } = (await create(request)).choices[0];
  assert.deepEqual([message.reasoning_content, message.content], ['The user greets.', 'Hi.']);
  assert.equal((await simulator.requests()).at(-1).body.additionalModelRequestFields.output_config.effort, 'low');
  let thoughts = '';
  for await (const chunk of await create({ ...request, stream: true }))
    thoughts += chunk.choices[0]?.delta.reasoning_content ?? '';
  assert.equal(thoughts, 'The user greets.');
});

feature('chat', 'structured-output', 'a schema and plain JSON are asked for in words, fences are taken off', async () => {
  const { client, simulator } = started;
  const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false };
  const steps = [{ text: '```json\n{"title":"Blue"}\n```', chunk: 3 }, closing];
  await simulator.script({ rules: [{ match: { anyText: '"title"' }, steps }, { match: { anyText: 'JSON' }, steps }] });
  const parsed = await client.chat.completions.parse(ask('Name it', {
    response_format: { type: 'json_schema', json_schema: { name: 'a_title', strict: true, schema } } }));
  assert.deepEqual(JSON.parse(parsed.choices[0].message.content), { title: 'Blue' });
  const plain = await create(ask('Name it', { response_format: { type: 'json_object' } }));
  assert.deepEqual(JSON.parse(plain.choices[0].message.content), { title: 'Blue' });
});

feature('chat', 'web-search', 'sources come as annotations', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [
    { match: { resultOf: 'web_search' }, steps: say('It was in May, says https://example.com/demo/r1 today.') },
    { match: { tool: 'web_search' }, steps: call('web_search', { query: 'Qt release date' }) }] });
  const { message } = (await create(ask('When?', { web_search_options: {} }))).choices[0];
  assert.match(message.content, /It was in May/);
  assert.ok(message.annotations.some((one) => one.type === 'url_citation' && one.url_citation.url === 'https://example.com/demo/r1'));
});

feature('chat', 'stops', 'a full answer and a refused one are told apart', async () => {
  const { simulator } = started;
  for (const [upstream, expected] of [['MAX_TOKENS', 'length'], ['CONTENT_FILTERED', 'content_filter']]) {
    await simulator.script({ rules: [{ steps: [{ text: 'Well' }, { stopReason: upstream }, closing] }] });
    assert.equal((await create(ask('x'))).choices[0].finish_reason, expected);
  }
});

feature('chat', 'models', 'a header says which one was asked for and which one answers', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Yes.') }] });
  for (const [asked, used] of [['gpt-4o', 'claude-sonnet-4.5'], ['claude-opus-5', 'claude-opus-5'], ['gpt-5.6-sol', 'gpt-5.6-sol']]) {
    const { response } = await client.chat.completions.create(ask('Hello', { model: asked })).withResponse();
    assert.equal(response.headers.get('x-kirotray-model'), `${asked} -> ${used}`);
    assert.equal(currentMessage(await simulator.lastConversation()).modelId, used);
  }
});

feature('chat', 'paths', 'what clients put before or leave out of the path is tolerated', async () => {
  const { proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Yes.') }] });
  const headers = { authorization: `Bearer ${proxy.key}`, 'content-type': 'application/json' };
  for (const path of ['/v1/v1/chat/completions', '/openai/v1/chat/completions', '/v1beta/openai/chat/completions',
    '/chat/completions']) {
    const reply = await fetch(proxy.url + path, { method: 'POST', headers, body: JSON.stringify(ask('Hello')) });
    assert.equal((await reply.json()).choices?.[0].message.content, 'Yes.', path);
  }
});

refusal('chat', 'remote-images', 'the error names the place', () => refuse(
  ask([{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]), /messages\[0\]\.content\[0\]/));
refusal('chat', 'audio', 'the error names the place', () => refuse(
  ask([{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }]), /messages\[0\]\.content\[0\]/));
refusal('chat', 'file-ids', 'the error names the place', () => refuse(
  ask([{ type: 'file', file: { file_id: 'file_1' } }]), /messages\[0\]\.content\[0\]/));
refusal('chat', 'many-answers', 'the error names the field', () => refuse(ask('x', { n: 2 }), /\bn\b/));
/** A request with the tool beside a function is answered, and the service gets the function alone. */
async function checkLeftOut(tool) {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('Without it.') }] });
  assert.equal((await create(ask('Run it', { tools: [tool, ...tools] }))).choices[0].message.content, 'Without it.');
  const { tools: sent } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(sent.map((each) => each.toolSpecification.name), [weatherTool.name]);
}
leftOut('chat', 'mcp-servers', 'the other tools stay', () => checkLeftOut(
  { type: 'mcp', server_label: 'notes', server_url: 'https://example.com/mcp' }));
leftOut('chat', 'code-execution', 'the other tools stay', () => checkLeftOut({ type: 'code_interpreter', container: { type: 'auto' } }));
leftOut('chat', 'server-tools', 'the other tools stay', () => checkLeftOut({ type: 'file_search', vector_store_ids: ['vs_1'] }));

feature('chat', 'thinking-replay', 'reasoning_details bring the signed thought back whole', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const request = ask('Hello', { model: 'claude-opus-5', reasoning_effort: 'low' });
  const { message } = (await create(request)).choices[0];
  assert.equal(message.reasoning_content, 'The user greets.');
  const again = (answer) => create({ ...request, messages: [...request.messages, answer, { role: 'user', content: 'Again' }] });
  await again(message);
  const sent = messagesOf(await simulator.lastConversation());
  assert.deepEqual(sent.map((one) => one.content), ['Hello', 'Hi.', 'Again']);
  assert.deepEqual(sent.map((one) => one.reasoningContent).filter(Boolean),
    [{ reasoningText: { text: 'The user greets.', signature: 'c2ln' } }]);
  // Without them there is no signature.
  const { reasoning_details: _, ...bare } = message;
  await again(bare);
  assert.ok(!allText(await simulator.lastConversation()).includes('The user greets.'));
});
leftOut('chat', 'output-media', 'the text comes alone', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: say('Only text.') }] });
  const { message } = (await create(ask('x', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }))).choices[0];
  assert.equal(message.content, 'Only text.');
});
refusal('chat', 'embeddings', 'the path is not there', () => assert.rejects(
  started.client.embeddings.create({ model: 'text-embedding-3-small', input: 'x' }), (error) => error instanceof OpenAI.NotFoundError));
refusal('chat', 'batches', 'the path is not there', () => assert.rejects(
  started.client.batches.list(), (error) => error instanceof OpenAI.NotFoundError));
