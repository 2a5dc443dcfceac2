// SPDX-License-Identifier: MIT
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import assert from 'node:assert/strict';
import { bench, feature, leftOut, refusal } from './harness.mjs';
import { brokenEnds, call, closing, currentMessage, cutCall, failures, jpegBase64, messagesOf, pdfBase64, pngBase64, say,
  shortText, thinkingThenText, twoCalls, weatherTool } from './samples.mjs';

const started = bench((proxy) => clientOf(proxy));
const clientOf = (proxy, apiVersion, apiKey = proxy.key) =>
  new GoogleGenAI({ apiKey, apiVersion, httpOptions: { baseUrl: proxy.url } });

const model = 'gemini-2.5-pro';
const ask = (contents, config = {}) => ({ model, contents, config });
const tools = [{ functionDeclarations: [{ name: weatherTool.name, description: weatherTool.description,
  parametersJsonSchema: weatherTool.schema }] }];
const oldTools = [{ functionDeclarations: [{ name: weatherTool.name, description: weatherTool.description,
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING, description: 'Name' } }, required: ['city'] } }] }];
const inline = (data, mimeType = 'image/png') => ({ inlineData: { mimeType, data } });

async function chunksOf(request) {
  const chunks = [];
  for await (const chunk of await started.client.models.generateContentStream(request)) chunks.push(chunk);
  return chunks;
}
const partsOf = (chunks) => chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);

/** A call without the SDK, on the path of either version. */
const post = (path, body, key = started.proxy.key) => fetch(started.proxy.url + path, {
  method: 'POST', headers: { 'x-goog-api-key': key, 'content-type': 'application/json' }, body: JSON.stringify(body) });
const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };

feature('gemini', 'text', 'text, finish reason, usage and the model, on v1 and v1beta', async () => {
  const { proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  for (const version of [undefined, 'v1', 'v1beta']) {
    const response = await clientOf(proxy, version).models.generateContent(ask('Hello'));
    assert.equal(response.text, 'The sky is blue today.');
    assert.equal(response.candidates[0].finishReason, 'STOP');
    assert.equal(response.candidates[0].content.role, 'model');
    assert.equal(response.modelVersion, model);
  }
});

feature('gemini', 'usage', 'cached tokens are part of the prompt\'s', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const { usageMetadata } = await client.models.generateContent(ask('Hello'));
  assert.deepEqual([usageMetadata.promptTokenCount, usageMetadata.cachedContentTokenCount, usageMetadata.candidatesTokenCount,
    usageMetadata.totalTokenCount], [25, 5, 6, 31]);
});

feature('gemini', 'stream', 'server-sent events without names, and a JSON array without alt=sse', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: shortText }] });
  const chunks = await chunksOf(ask('Hello'));
  assert.equal(chunks.map((chunk) => chunk.text ?? '').join(''), 'The sky is blue today.');
  assert.ok(chunks.length > 3);
  assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
  assert.equal(chunks.at(-1).usageMetadata.candidatesTokenCount, 6);
  for (const version of ['v1', 'v1beta']) {
    const path = `/${version}/models/${model}:streamGenerateContent`;
    const sse = await post(`${path}?alt=sse`, hello);
    assert.match(sse.headers.get('content-type'), /^text\/event-stream/);
    const lines = (await sse.text()).split(/\r?\n/).filter(Boolean);
    assert.ok(lines.every((line) => line.startsWith('data: {')), lines.join('\n'));
    const array = await post(path, hello);
    assert.match(array.headers.get('content-type'), /^application\/json/);
    const parts = (await array.json()).flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    assert.equal(parts.map((part) => part.text ?? '').join(''), 'The sky is blue today.');
  }
});

feature('gemini', 'stream', 'it survives frames cut at every byte', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: shortText, cut: [1] }] });
  assert.equal(partsOf(await chunksOf(ask('Hello'))).map((part) => part.text ?? '').join(''), 'The sky is blue today.');
});

feature('gemini', 'system', 'the system instruction reaches the model', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { system: 'Be brief.' }, steps: say('Yes.') }] });
  const response = await client.models.generateContent(ask('Hello', { systemInstruction: 'Be brief.' }));
  assert.equal(response.text, 'Yes.');
});

feature('gemini', 'parallel-tools', 'two calls with ids, and their results go back', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { toolResults: true }, steps: say('Rain in Oslo.') }, { steps: twoCalls }] });
  const chunks = await chunksOf(ask('How is the weather?', { tools }));
  const calls = partsOf(chunks).filter((part) => part.functionCall);
  assert.deepEqual(calls.map((part) => part.functionCall.args), [{ city: 'Oslo' }, { city: '北京' }]);
  assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
  const response = await client.models.generateContent(ask([
    { role: 'user', parts: [{ text: 'How is the weather?' }] }, { role: 'model', parts: calls },
    { role: 'user', parts: calls.map((part) => ({ functionResponse: { id: part.functionCall.id, name: weatherTool.name,
      response: { output: '7 degrees' } } })) }], { tools }));
  assert.equal(response.text, 'Rain in Oslo.');
  const { toolResults } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.equal(toolResults.length, 2);
});

feature('gemini', 'tools', 'both styles of schema, and results that are matched by name alone', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { toolResults: true }, steps: say('Rain.') },
    { steps: call(weatherTool.name, { city: 'Oslo' }) }] });
  for (const declared of [tools, oldTools]) {
    const first = await client.models.generateContent(ask('Weather?', { tools: declared }));
    assert.deepEqual([first.functionCalls[0].name, first.functionCalls[0].args], [weatherTool.name, { city: 'Oslo' }]);
    const { tools: sent } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
    assert.equal(sent[0].toolSpecification.inputSchema.json.properties.city.type, 'string');
    const second = await client.models.generateContent(ask([{ role: 'user', parts: [{ text: 'Weather?' }] },
      { role: 'model', parts: [{ functionCall: { name: weatherTool.name, args: { city: 'Oslo' } } }] },
      { role: 'user', parts: [{ functionResponse: { name: weatherTool.name, response: { output: '7' } } }] }], { tools: declared }));
    assert.equal(second.text, 'Rain.');
  }
});

feature('gemini', 'tool-choice', 'NONE offers no tool, ANY asks for the allowed one', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Fine.') }] });
  const choose = (mode, allowedFunctionNames) => client.models.generateContent(ask('Hello', { tools,
    toolConfig: { functionCallingConfig: { mode, allowedFunctionNames } } }));
  await choose(FunctionCallingConfigMode.NONE);
  assert.equal(currentMessage(await simulator.lastConversation()).userInputMessageContext?.tools, undefined);
  await choose(FunctionCallingConfigMode.ANY, [weatherTool.name]);
  assert.ok(messagesOf(await simulator.lastConversation()).some((one) => one.content.includes(weatherTool.name)));
});

feature('gemini', 'truncated-tools', 'the turn ends as MAX_TOKENS without the call', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: cutCall }] });
  const response = await client.models.generateContent(ask('Write it', { tools }));
  assert.equal(response.candidates[0].finishReason, 'MAX_TOKENS');
  assert.equal(response.functionCalls, undefined);
  const chunks = await chunksOf(ask('Write it', { tools }));
  assert.equal(chunks.at(-1).candidates[0].finishReason, 'MAX_TOKENS');
  assert.ok(!partsOf(chunks).some((part) => part.functionCall));
});

feature('gemini', 'images', 'inline data, told apart by its bytes', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Squares.') }] });
  await client.models.generateContent(ask([{ role: 'user', parts: [{ text: 'What?' }, inline(pngBase64), inline(jpegBase64)] }]));
  assert.deepEqual(currentMessage(await simulator.lastConversation()).images.map((one) => one.format), ['png', 'jpeg']);
});

feature('gemini', 'tool-images', 'they go beside the result', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('A red square.') }] });
  await client.models.generateContent(ask([{ role: 'user', parts: [{ text: 'Show me' }] },
    { role: 'model', parts: [{ functionCall: { id: 'c1', name: weatherTool.name, args: { city: 'Oslo' } } }] },
    { role: 'user', parts: [{ functionResponse: { id: 'c1', name: weatherTool.name, response: { output: 'a map' },
      parts: [inline(pngBase64)] } }] }], { tools }));
  const current = currentMessage(await simulator.lastConversation());
  assert.deepEqual(current.images, [{ format: 'png', source: { bytes: pngBase64 } }]);
  assert.match(current.userInputMessageContext.toolResults[0].content[0].text, /a map/);
});

feature('gemini', 'documents', 'text becomes text, a PDF goes as a document', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('An empty page.') }] });
  await client.models.generateContent(ask([{ role: 'user', parts: [{ text: 'What?' }, inline(pdfBase64, 'application/pdf'),
    inline(Buffer.from('Buy milk.').toString('base64'), 'text/plain')] }]));
  const current = currentMessage(await simulator.lastConversation());
  assert.deepEqual(current.documents.map((one) => one.format), ['pdf']);
  assert.match(current.content, /Buy milk\./);
});

feature('gemini', 'thinking', 'thoughts are parts of their own when they are asked for', async () => {
  const { simulator } = started;
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  const thoughts = async (includeThoughts) => partsOf(await chunksOf(ask('Hello', {
    thinkingConfig: { includeThoughts, thinkingBudget: 2000 } })));
  const shown = await thoughts(true);
  assert.equal(shown.filter((part) => part.thought).map((part) => part.text ?? '').join(''), 'The user greets.');
  assert.equal(shown.filter((part) => !part.thought).map((part) => part.text ?? '').join(''), 'Hi.');
  assert.ok(!(await thoughts(false)).some((part) => part.thought));
});

feature('gemini', 'thinking-replay', 'a thought with its signature goes back whole', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { toolResults: true }, steps: say('Rain.') },
    { steps: [{ thinking: 'I need the weather.', signature: 'c2ln' }, ...call(weatherTool.name, { city: 'Oslo' })] }] });
  const request = { model: 'claude-opus-5', config: { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } } };
  const question = { role: 'user', parts: [{ text: 'Weather?' }] };
  const first = await client.models.generateContent({ ...request, contents: [question] });
  const { content } = first.candidates[0];
  const [{ id }] = first.functionCalls;
  await client.models.generateContent({ ...request, contents: [question, content,
    { role: 'user', parts: [{ functionResponse: { id, name: weatherTool.name, response: { output: '7' } } }] }] });
  assert.deepEqual(messagesOf(await simulator.lastConversation()).map((one) => one.reasoningContent).filter(Boolean),
    [{ reasoningText: { text: 'I need the weather.', signature: 'c2ln' } }]);
});

feature('gemini', 'structured-output', 'both styles of schema are asked for in words', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { anyText: '"title"' }, steps: say('{"title":"Blue"}') }] });
  for (const config of [{ responseSchema: { type: Type.OBJECT, properties: { title: { type: Type.STRING } } } },
    { responseJsonSchema: { type: 'object', properties: { title: { type: 'string' } } } }]) {
    const response = await client.models.generateContent(ask('Name it', { responseMimeType: 'application/json', ...config }));
    assert.deepEqual(JSON.parse(response.text), { title: 'Blue' });
  }
});

feature('gemini', 'web-search', 'googleSearch is answered with its sources', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ match: { resultOf: 'web_search' }, steps: say('It was in May.') },
    { match: { tool: 'web_search' }, steps: call('web_search', { query: 'Qt release date' }) }] });
  const request = ask('When?', { tools: [{ googleSearch: {} }, ...tools] });
  for (const candidate of [(await client.models.generateContent(request)).candidates[0], (await chunksOf(request)).at(-1).candidates[0]]) {
    assert.deepEqual(candidate.groundingMetadata.webSearchQueries, ['Qt release date']);
    assert.ok(candidate.groundingMetadata.groundingChunks.every((chunk) => chunk.web.uri && chunk.web.title));
  }
});

feature('gemini', 'stops', 'stop sequences, a full answer and a refused one', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ text: 'one two three four', chunk: 2 }] }] });
  const stopped = await client.models.generateContent(ask('Count', { stopSequences: ['three'] }));
  assert.deepEqual([stopped.text, stopped.candidates[0].finishReason], ['one two ', 'STOP']);
  for (const [upstream, expected] of [['MAX_TOKENS', 'MAX_TOKENS'], ['CONTENT_FILTERED', 'SAFETY']]) {
    await simulator.script({ rules: [{ steps: [{ text: 'Well' }, { stopReason: upstream }, closing] }] });
    assert.equal((await client.models.generateContent(ask('x'))).candidates[0].finishReason, expected);
  }
});

feature('gemini', 'count-tokens', 'contents are counted, on v1 and v1beta', async () => {
  const { proxy } = started;
  for (const version of ['v1', 'v1beta']) {
    const { totalTokens } = await clientOf(proxy, version).models.countTokens({ model, contents: 'Hello, how are you today?' });
    assert.ok(totalTokens >= 6 && totalTokens < 40, `${totalTokens}`);
  }
});

feature('gemini', 'paths', 'every version, what clients put before or leave out of the path, and the key behind it', async () => {
  const { proxy, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Yes.') }] });
  const check = async (path, key) => {
    const { candidates } = await (await post(path, hello, key)).json();
    assert.equal(candidates?.[0].content.parts[0].text, 'Yes.', path);
  };
  for (const folder of ['/v1', '/v1beta', '/v1alpha', '/gemini/v1beta', '/gemini', '/v1beta/v1beta', ''])
    await check(`${folder}/models/${model}:generateContent`);
  await check(`/v1beta/models/${model}:generateContent?key=${proxy.key}`, 'none');
});

feature('gemini', 'models', 'the list and one model have their shapes', async () => {
  const { client } = started;
  const models = [];
  for await (const one of await client.models.list()) models.push(one);
  const found = models.find((one) => one.name === 'models/claude-sonnet-4.5');
  assert.ok(found.inputTokenLimit > 0 && found.outputTokenLimit > 0);
  assert.equal((await client.models.get({ model })).name, `models/${model}`);
});

for (const [what, httpError, status, name] of [
  ['too long a prompt', failures.tooLong, 400, 'INVALID_ARGUMENT'],
  ['a rate limit', failures.rateLimit, 429, 'RESOURCE_EXHAUSTED'],
  ['a used up month', failures.usedUp, 429, 'RESOURCE_EXHAUSTED'],
]) {
  feature('gemini', 'errors', `${what} is Google's own envelope`, async () => {
    const { client, simulator } = started;
    await simulator.script({ rules: [{ httpError }] });
    await assert.rejects(client.models.generateContent(ask('Hello')), (error) => error instanceof ApiError && error.status === status);
    const { error } = await (await post(`/v1beta/models/${model}:generateContent`, hello)).json();
    assert.deepEqual([error.code, error.status], [status, name]);
  });
}

feature('gemini', 'errors', 'bad requests name the field', async () => {
  const { client, proxy } = started;
  await assert.rejects(client.models.generateContent(ask([{ role: 'user', parts: [{ text: 5 }] }])), /contents\[0\]\.parts\[0\]\.text/);
  await assert.rejects(client.models.generateContent({ model: 'no-such-model', contents: 'x' }), (error) => error.status === 404);
  await assert.rejects(clientOf(proxy, undefined, 'wrong').models.generateContent(ask('x')),
    (error) => error.status === 400 || error.status === 401);
});

feature('gemini', 'stream-errors', 'a failure in mid-stream raises', async () => {
  const { simulator } = started;
  for (const last of brokenEnds) {
    await simulator.script({ rules: [{ steps: [{ text: 'Half an' }, { delayMs: 50 }, last] }] });
    await assert.rejects(chunksOf(ask('Hello')));
  }
});

feature('gemini', 'cancel', 'an aborted stream is aborted upstream', async () => {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: [{ burst: { text: 'tick ', count: 2000, intervalMs: 5 } }] }] });
  const aborted = (await simulator.statistics()).chatAborted;
  const abort = new AbortController();
  await assert.rejects(async () => {
    for await (const chunk of await client.models.generateContentStream(ask('Go on', { abortSignal: abort.signal })))
      if (chunk.text) abort.abort();
  });
  for (let i = 0; (await simulator.statistics()).chatAborted === aborted; ++i) assert.ok(i < 2000);
});

const refusePart = (part) => assert.rejects(
  started.client.models.generateContent(ask([{ role: 'user', parts: [part] }])),
  (error) => error.status === 400 && /contents\[0\]\.parts\[0\]/.test(error.message));
const refuseConfig = (config, word) => assert.rejects(started.client.models.generateContent(ask('x', config)),
  (error) => error.status === 400 && word.test(error.message));

refusal('gemini', 'audio', 'the error names the place', () => refusePart(inline('UklGRg==', 'audio/wav')));
refusal('gemini', 'video', 'the error names the place', () => refusePart(inline('AAAA', 'video/mp4')));
refusal('gemini', 'file-ids', 'the error names the place', () => refusePart(
  { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/1', mimeType: 'application/pdf' } }));
refusal('gemini', 'remote-images', 'the error names the place', () => refusePart(
  { fileData: { fileUri: 'https://example.com/a.png', mimeType: 'image/png' } }));
refusal('gemini', 'many-answers', 'the error names the field', () => refuseConfig({ candidateCount: 2 }, /candidateCount/));
refusal('gemini', 'output-media', 'the error names the field', () => refuseConfig({ responseModalities: ['AUDIO'] }, /responseModalities/));
refusal('gemini', 'cached-content', 'the error names the field', () => refuseConfig({ cachedContent: 'cachedContents/1' }, /cachedContent/));
refusal('gemini', 'remote-documents', 'the error names the place', () => refusePart(
  { fileData: { fileUri: 'https://example.com/a.pdf', mimeType: 'application/pdf' } }));

/** A request with the tool beside a function is answered, and the service gets the function alone. */
async function checkLeftOut(tool) {
  const { client, simulator } = started;
  await simulator.script({ rules: [{ steps: say('Without it.') }] });
  assert.equal((await client.models.generateContent(ask('Run it', { tools: [tool, ...tools] }))).text, 'Without it.');
  const { tools: sent } = currentMessage(await simulator.lastConversation()).userInputMessageContext;
  assert.deepEqual(sent.map((each) => each.toolSpecification.name), [weatherTool.name]);
}
leftOut('gemini', 'code-execution', 'the other tools stay', () => checkLeftOut({ codeExecution: {} }));
leftOut('gemini', 'page-fetch', 'the other tools stay', () => checkLeftOut({ urlContext: {} }));
leftOut('gemini', 'server-tools', 'the other tools stay', () => checkLeftOut(
  { googleMaps: {}, fileSearch: { fileSearchStoreNames: ['fileSearchStores/1'] } }));
refusal('gemini', 'embeddings', 'the call is not there', () => assert.rejects(
  started.client.models.embedContent({ model, contents: 'x' }), (error) => error.status === 404));
