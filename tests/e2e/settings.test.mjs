// SPDX-License-Identifier: MIT
// What the section [answers] of settings.ini changes in the answers.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Proxy, Simulator } from './harness.mjs';
import { closing, messagesOf, pngBase64, say, thinkingThenText } from './samples.mjs';

let simulator;
before(async () => (simulator = await Simulator.start()));
after(() => simulator?.stop());

/** The clients of a program with these settings, which ends with test `t`. */
async function clientsWith(t, settings) {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  const proxy = await Proxy.start(simulator, { settings: `[answers]\n${lines.join('')}` });
  t.after(() => proxy.stop());
  return {
    proxy, openai: new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: proxy.key, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: proxy.url, apiKey: proxy.key, maxRetries: 0 }),
  };
}

const ask = (content, extra = {}) => ({ model: 'claude-opus-4.8', messages: [{ role: 'user', content }], ...extra });

/** What a Chat client sees: [reasoning_content, content], whole and put together from a stream. */
async function chatAnswers({ openai }) {
  const { message } = (await openai.chat.completions.create(ask('Hello'))).choices[0];
  let [thoughts, text] = ['', ''];
  for await (const chunk of await openai.chat.completions.create(ask('Hello', { stream: true }))) {
    thoughts += chunk.choices[0]?.delta.reasoning_content ?? '';
    text += chunk.choices[0]?.delta.content ?? '';
  }
  return [[message.reasoning_content ?? '', message.content], [thoughts, text]];
}
const blocksOf = (message) => message.content.map((block) => [block.type, block.thinking ?? block.text]);
/** What a Messages client sees: [type, text] of each block, whole and put together from a stream. */
async function messagesAnswers({ anthropic }) {
  const request = ask('Hello', { max_tokens: 4000, thinking: { type: 'adaptive' } });
  return [blocksOf(await anthropic.messages.create(request)), blocksOf(await anthropic.messages.stream(request).finalMessage())];
}
const twice = (answer) => [answer, answer];

test('without settings thoughts have the API\'s own form', async (t) => {
  const clients = await clientsWith(t, {});
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  assert.deepEqual(await chatAnswers(clients), twice(['The user greets.', 'Hi.']));
  assert.deepEqual(await messagesAnswers(clients), twice([['thinking', 'The user greets.'], ['text', 'Hi.']]));
});

test('openAiThinking and anthropicThinking write thoughts into the text in tags, each for its own API', async (t) => {
  const clients = await clientsWith(t, { openAiThinking: 'think-tags', anthropicThinking: 'thinking-tags' });
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  assert.deepEqual(await chatAnswers(clients), twice(['', '<think>\nThe user greets.\n</think>\n\nHi.']));
  assert.deepEqual(await messagesAnswers(clients), twice([['text', '<thinking>\nThe user greets.\n</thinking>\n\nHi.']]));
});

test('the style text writes them without tags', async (t) => {
  const clients = await clientsWith(t, { openAiThinking: 'text', anthropicThinking: 'text' });
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  assert.deepEqual(await chatAnswers(clients), twice(['', 'The user greets.\n\nHi.']));
  assert.deepEqual(await messagesAnswers(clients), twice([['text', 'The user greets.\n\nHi.']]));
});

test('an unknown style is named in the log and counts as native', async (t) => {
  const clients = await clientsWith(t, { openAiThinking: 'shouting', anthropicThinking: 'text' });
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  assert.deepEqual(await chatAnswers(clients), twice(['The user greets.', 'Hi.']));
  assert.deepEqual(await messagesAnswers(clients), twice([['text', 'The user greets.\n\nHi.']]));
  const warnings = (await clients.proxy.log()).split('\n').filter((line) => line.includes(' warning '));
  assert.equal(warnings.length, 1, warnings.join('\n'));
  assert.match(warnings[0], /setting ignored key=answers\/openAiThinking value=shouting$/);
});

/** Whether the service was asked to think: by a member of the body, or by words where the model has no such member. */
async function thinks({ openai }, model) {
  await openai.chat.completions.create(ask('Hello', { model }));
  const { additionalModelRequestFields: fields, conversationState } = (await simulator.requests()).at(-1).body;
  return { member: fields?.thinking?.type, words: messagesOf(conversationState)[0].content.includes('<thinking_mode>') };
}
const [byMember, byWords, notAtAll] = [{ member: 'adaptive', words: false }, { member: undefined, words: true },
  { member: undefined, words: false }];

test('thinkingSuffix turns thinking on, in the member or the words the model has for it', async (t) => {
  await simulator.script({ rules: [{ steps: [{ text: 'Hi.' }, closing] }] });
  const usual = await clientsWith(t, {});
  assert.deepEqual(await thinks(usual, 'claude-opus-4.8-thinking'), byMember);
  const request = ask('Hello', { model: 'claude-opus-4.8-thinking', max_tokens: 4000 });
  await simulator.script({ rules: [{ steps: thinkingThenText }] });
  assert.deepEqual(blocksOf(await usual.anthropic.messages.create(request)), [['thinking', 'The user greets.'], ['text', 'Hi.']]);
  for (const model of ['claude-opus-4.8', 'claude-opus-4.8-deep']) assert.deepEqual(await thinks(usual, model), notAtAll);
  const own = await clientsWith(t, { thinkingSuffix: '-deep' });
  assert.deepEqual(await thinks(own, 'claude-opus-4.8-deep'), byMember);
  assert.deepEqual(await thinks(own, 'claude-sonnet-4.5-Deep'), byWords);
  assert.deepEqual(await thinks(own, 'claude-opus-4.8-thinking'), notAtAll);
});

/** A server on this machine that has the picture, and how often it was asked for it. */
async function pictureHost(t) {
  const host = { asked: 0 };
  const server = createServer((request, response) => {
    ++host.asked;
    response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from(pngBase64, 'base64'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  host.port = server.address().port;
  return host;
}

test('fetchRemoteImages asks no host of this machine or its network, and says so', async (t) => {
  const { openai, anthropic } = await clientsWith(t, { fetchRemoteImages: true });
  const host = await pictureHost(t);
  await simulator.script({ rules: [{ steps: say('A square.') }] });
  for (const [address, name] of [[`127.0.0.1:${host.port}`, '127.0.0.1'], [`localhost:${host.port}`, 'localhost'],
    [`[::ffff:127.0.0.1]:${host.port}`, '::ffff:127.0.0.1'], ['[::1]', '::1'], ['10.1.2.3', '10.1.2.3'], ['192.168.1.4', '192.168.1.4'],
    ['169.254.169.254', '169.254.169.254'], ['2130706433', '127.0.0.1']]) {
    const url = `http://${address}/a.png`;
    const why = `the image at ${name} cannot be fetched: the host is not on the public internet`;
    const isRefused = (kind, place) => (error) => {
      assert.ok(error instanceof kind, `${url}: ${error}`);
      assert.ok(error.message.includes(`${place}: ${why}`), `${url}: ${error.message}`);
      return true;
    };
    await assert.rejects(openai.chat.completions.create(ask([{ type: 'image_url', image_url: { url } }])),
      isRefused(OpenAI.BadRequestError, 'messages[0].content[0].image_url.url'));
    await assert.rejects(anthropic.messages.create(ask([{ type: 'image', source: { type: 'url', url } }], { max_tokens: 100 })),
      isRefused(Anthropic.BadRequestError, 'messages[0].content[0]'));
  }
  assert.equal(host.asked, 0);
  assert.deepEqual(await simulator.requests(), [], 'nothing is sent without the picture');
});
