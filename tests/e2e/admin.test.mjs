// SPDX-License-Identifier: MIT
// The admin API of the real program against its own document: every operation is called, every answer has the shape
// that /api/openapi.json promises, and none holds a secret.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { adminToken, bench } from './harness.mjs';

const api = bench((proxy) => {
  const token = adminToken;
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(proxy.url + path, {
      method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  return { token, call, json: async (...args) => JSON.parse((await call(...args)).text) };
});

/** Checks an answer against the document. */
async function checker() {
  const document = await api.client.json('GET', '/api/openapi.json');
  const ajv = new Ajv({ strict: false, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) } });
  ajv.addSchema({ $id: 'document', components: document.components });
  const validators = new Map();
  const check = (operation, answer) => {
    const documented = document.paths[operation.path]?.[operation.method.toLowerCase()];
    assert.ok(documented, `${operation.method} ${operation.path} is not documented`);
    const response = documented.responses[answer.status] ?? documented.responses.default;
    const type = answer.type.split(';')[0];
    const schema = response.content[type]?.schema;
    assert.ok(schema, `${operation.method} ${operation.path} answered ${answer.status} with ${type}`);
    if (type !== 'application/json') return;
    const key = JSON.stringify(schema);
    if (!validators.has(key))
      validators.set(key, ajv.compile(JSON.parse(key.replaceAll('"#/', '"document#/'))));
    const validate = validators.get(key);
    assert.ok(validate(JSON.parse(answer.text)),
      `${operation.method} ${operation.path}: ${JSON.stringify(validate.errors)}\n${answer.text}`);
  };
  const operations = Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })));
  return { check, operations };
}

async function sendChat() {
  const answer = await fetch(`${api.proxy.url}/v1/messages`, {
    method: 'POST', headers: { 'x-api-key': api.proxy.key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4.5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await answer.text();
  return answer.status;
}

/** The record follows the answer. */
async function lastFlow() {
  for (let i = 0; i < 500; ++i) {
    const { flows } = await api.client.json('GET', '/api/flows?limit=1');
    if (flows.length > 0) return flows[0];
  }
  throw new Error('no flow was recorded');
}

test('every operation answers as the document says, and no answer holds a secret', async () => {
  const { check, operations } = await checker();
  await api.client.call('PATCH', '/api/settings', { 'flows/bodies': true });
  assert.equal(await sendChat(), 200);
  const flow = await lastFlow();
  const { accounts: [account] } = await api.client.json('GET', '/api/accounts');
  const extra = join(api.proxy.folder, 'extra.json');
  await writeFile(extra, JSON.stringify([{ refreshToken: `aorEXTRA${'x'.repeat(120)}`, authMethod: 'social' }]));
  const login = await api.client.json('POST', '/api/logins', { provider: 'google' });

  const id = `/api/accounts/${account.id}`;
  const calls = [
    ['GET', '/api/status'], ['GET', '/api/accounts'], ['GET', id, '/api/accounts/{id}'],
    ['PATCH', id, '/api/accounts/{id}', { label: 'mine', tags: ['a', 'b'], priority: 3 }],
    ['POST', `${id}/refresh`, '/api/accounts/{id}/refresh'], ['POST', '/api/accounts/refresh-all'],
    ['POST', `${id}/restore`, '/api/accounts/{id}/restore'], ['POST', `${id}/complete`, '/api/accounts/{id}/complete'],
    ['GET', `${id}/usage?fresh=true`, '/api/accounts/{id}/usage'], ['GET', '/api/quota'], ['POST', '/api/health-check'],
    ['POST', '/api/accounts/scan'],
    ['POST', '/api/accounts/import/preview', undefined, { paths: [extra] }],
    ['POST', '/api/accounts/import', undefined, { paths: [extra] }],
    ['POST', '/api/accounts/export', undefined, { passphrase: 'a long passphrase' }],
    ['GET', '/api/stats'], ['GET', '/api/flows'], ['GET', '/api/flows/stats?hours=48', '/api/flows/stats'],
    ['GET', '/api/flows/export', '/api/flows/export'], ['GET', '/api/flows/export?format=har', '/api/flows/export'],
    ['GET', `/api/flows/${flow.id}`, '/api/flows/{id}'],
    ['PATCH', `/api/flows/${flow.id}`, '/api/flows/{id}', { bookmarked: true, note: 'look', tags: ['t'] }],
    ['GET', `/api/flows/${flow.id}/bodies`, '/api/flows/{id}/bodies'],
    ['POST', `/api/flows/${flow.id}/replay`, '/api/flows/{id}/replay', { account: account.id }],
    ['POST', `/api/flows/${flow.id}/replay`, '/api/flows/{id}/replay', { account: 'simulator' }],
    ['DELETE', '/api/flows'],
    ['POST', '/api/keys', undefined, { name: 'laptop', requestsPerDay: 5, models: ['claude-*'] }], ['GET', '/api/keys'],
    ['PATCH', '/api/keys/laptop', '/api/keys/{id}', { requestsPerDay: null, creditsPerDay: 2.5 }],
    ['POST', '/api/keys/laptop/renew', '/api/keys/{id}/renew'], ['DELETE', '/api/keys/laptop', '/api/keys/{id}'],
    ['GET', '/api/login-providers'], ['GET', '/api/logins'], ['GET', `/api/logins/${login.id}`, '/api/logins/{id}'],
    ['POST', `/api/logins/${login.id}/input`, '/api/logins/{id}/input', { text: 'http://localhost:1/nothing' }],
    ['DELETE', `/api/logins/${login.id}`, '/api/logins/{id}'],
    ['POST', '/api/logins', undefined, { provider: 'nobody' }],
    ['POST', '/api/logins/remote', undefined, { provider: 'builder-id' }],
    ['GET', '/api/settings'], ['PATCH', '/api/settings', undefined, { 'pool/strategy': 'least-used' }],
    ['PATCH', '/api/settings', undefined, { 'pool/strategy': 'best' }],
    ['GET', '/api/doctor'], ['GET', '/api/browsers'], ['GET', '/api/docs'],
    ['GET', '/api/docs/compatibility', '/api/docs/{id}'], ['GET', '/api/openapi.json'],
    ['GET', '/admin/pool/status'], ['GET', '/admin/accounts'], ['GET', '/admin/config'],
    ['POST', '/admin/accounts', undefined, { paths: [extra] }],
    ['POST', '/admin/accounts/refresh', undefined, { id: account.id }],
    ['POST', '/admin/accounts/reset', undefined, { id: account.id }],
    ['POST', '/admin/accounts/check', undefined, { id: account.id }], ['POST', '/admin/accounts/batch-check'],
    ['POST', '/admin/accounts/import-sso', undefined, { token: 'eyJnothing' }],
    ['POST', '/admin/accounts/credentials', undefined, { passphrase: 'a long passphrase' }],
    ['POST', '/admin/accounts/remove', undefined, { id: 'nobody' }],
    ['DELETE', id, '/api/accounts/{id}'],
  ];
  const secrets = [api.client.token, api.proxy.key, api.simulator.accessToken, api.simulator.refreshToken, 'aorEXTRA'];
  const seen = new Set();
  for (const [method, path, template, body] of calls) {
    const operation = { method, path: template ?? path };
    const answer = await api.client.call(method, path, body);
    check(operation, answer);
    for (const secret of secrets) assert.ok(!answer.text.includes(secret), `${method} ${path} shows a secret`);
    seen.add(`${method} ${operation.path}`);
  }
  assert.deepEqual(operations.map(({ method, path }) => `${method} ${path}`).filter((name) => !seen.has(name)), []);
});

test('the admin API is closed without its token, also to clients', async () => {
  const status = async (headers) => (await fetch(`${api.proxy.url}/api/status`, { headers })).status;
  assert.equal(await status({}), 401);
  assert.equal(await status({ 'x-api-key': api.proxy.key }), 401);
  assert.equal(await status({ authorization: `Bearer ${api.client.token}`, origin: 'https://evil.example' }), 403);
  assert.equal(await status({ authorization: `Bearer ${api.client.token}` }), 200);
});

test('wrong input names the member', async () => {
  const error = async (method, path, body) => {
    const answer = await api.client.call(method, path, body);
    assert.equal(answer.status, 400, answer.text);
    return JSON.parse(answer.text).error;
  };
  assert.equal((await error('PATCH', '/api/settings', { 'proxy/port': 'x' })).path, 'proxy/port');
  assert.equal((await error('PATCH', '/api/settings', { 'no/such': 1 })).path, 'no/such');
  assert.equal((await error('POST', '/api/keys', { name: '' })).path, 'name');
  assert.equal((await error('POST', '/api/logins', {})).path, 'provider');
  assert.equal((await error('GET', '/api/flows?limit=x')).path, 'limit');
  assert.equal((await api.client.call('POST', '/api/status')).status, 405);
  assert.equal((await api.client.call('GET', '/api/nowhere')).status, 404);
});

test('a remote link works once and only until its end', async () => {
  const { url } = await api.client.json('POST', '/api/logins/remote', { provider: 'builder-id' });
  const page = await fetch(url, { headers: { 'accept-language': 'zh-CN' } });
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type'), /text\/html/);
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  const form = await fetch(url, { method: 'POST', headers: { origin: 'null' }, body: new URLSearchParams({ text: 'x' }) });
  assert.equal(form.status, 200);
  assert.equal((await fetch(`${url}x`)).status, 404);
  const log = await api.proxy.log();
  assert.ok(!log.includes(url.split('/login/')[1]), 'the link is in the log');
});

test('usage for status lines comes with a client key', async () => {
  const answer = await fetch(`${api.proxy.url}/v1/usage`, { headers: { 'x-api-key': api.proxy.key } });
  assert.equal(answer.status, 200);
  assert.equal((await fetch(`${api.proxy.url}/v1/usage`)).status, 401);
});
