// SPDX-License-Identifier: MIT
// The console program itself: demo, signals, exit codes, bad surroundings.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Proxy, passphrase, run } from './harness.mjs';

async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), 'kirotray-e2e-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the demo prints six lines that work as they are printed', async (t) => {
  const child = spawn(process.env.KIROTRAYCTL, ['serve', '--demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  let out = '';
  while ((out.match(/^curl /gm) ?? []).length < 6) out += (await once(child.stdout, 'data'))[0];
  const lines = out.split('\n').filter((line) => line.startsWith('curl '));
  for (const [line, expected] of lines.map((line, i) =>
    [line, [/event: message_stop/, /"stop_reason":"end_turn"/, /data: \[DONE\]/, /"finish_reason":"stop"/,
      /event: response.completed/, /"finishReason":"STOP"/][i]])) {
    const curl = spawn('bash', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'] });
    let answer = '';
    curl.stdout.on('data', (bytes) => (answer += bytes));
    await once(curl, 'close');
    assert.match(answer, expected, line);
  }
});

test('a second signal is not needed: SIGINT and SIGTERM end it with 0', async () => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const proxy = await Proxy.demo();
    assert.equal(await proxy.stop(signal), 0);
  }
});

test('a running answer ends before the program does', async () => {
  const proxy = await Proxy.demo();
  const response = await fetch(`${proxy.url}/v1/messages`, {
    method: 'POST', headers: { 'x-api-key': proxy.key },
    body: JSON.stringify({ model: 'claude-sonnet-4.5', max_tokens: 500, stream: true,
      messages: [{ role: 'user', content: 'Hello there, tell me about yourself' }] }),
  });
  const stopped = proxy.stop();
  assert.match(await response.text(), /event: message_stop/);
  assert.equal(await stopped, 0);
});

test('only this machine with the key gets in', async (t) => {
  const proxy = await Proxy.demo();
  t.after(() => proxy.stop());
  const status = async (path, headers) => (await fetch(proxy.url + path, { headers })).status;
  assert.equal(await status('/health', {}), 200);
  assert.equal(await status('/v1/models', {}), 401);
  for (const headers of [{ 'x-api-key': proxy.key }, { authorization: `Bearer ${proxy.key}` },
    { 'x-goog-api-key': proxy.key }]) assert.equal(await status('/v1/models', headers), 200);
  assert.equal(await status(`/v1/models?key=${proxy.key}`, {}), 200);
  assert.equal(await status('/v1/models', { 'x-api-key': proxy.key, origin: 'https://evil.example' }), 403);
  assert.equal(await status('/v1/v1/models', { 'x-api-key': proxy.key }), 200);
  assert.equal(await status('/models', { 'x-api-key': proxy.key }), 200);
  assert.equal(await status('/nowhere', { 'x-api-key': proxy.key }), 404);
});

test('wrong use is exit code 2 with a sentence', async () => {
  for (const args of [['bogus'], ['serve', '--port', 'x'], ['serve', '--no-such-option'], ['accounts', 'remove'],
    ['serve', '--api-key', 'a', '--no-key'], ['serve', '--vault', 'paper']]) {
    const { code, err } = await run(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, /^kirotrayctl: /);
  }
  assert.equal((await run(['--version'])).code, 0);
  assert.match((await run(['--help'])).out, /Examples/);
});

test('--no-key is refused beyond loopback', async (t) => {
  const { code, err } = await run(['serve', '--vault', 'file', '--data-dir', await folder(t), '--no-key', '--host', '0.0.0.0']);
  assert.equal(code, 2);
  assert.match(err, /loopback/);
});

test('listening beyond this computer is said, and needs the key', async (t) => {
  const child = spawn(process.env.KIROTRAYCTL, ['serve', '--demo', '--json', '--port', '0', '--host', '0.0.0.0']);
  t.after(() => child.kill());
  let err = '';
  child.stderr.on('data', (bytes) => (err += bytes));
  const { url } = JSON.parse(String((await once(child.stdout, 'data'))[0]));
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await fetch(`${url}/v1/models`)).status, 401);
  assert.match(err, /listening beyond this computer/);
});

test('a taken port is named with its owner when it was asked for, else the next one is used', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const port = String(server.address().port);
  const { code, err } = await run(['serve', '--demo', '--port', port]);
  assert.equal(code, 3);
  assert.match(err, new RegExp(`port ${port} is taken by \\S+ \\(process ${process.pid}\\)`));
  const data = await folder(t);
  await writeFile(join(data, 'settings.ini'), `[proxy]\nport=${port}\n`);
  const child = spawn(process.env.KIROTRAYCTL, ['serve', '--json', '--data-dir', data, '--vault', 'file'],
    { env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: 'x' }, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill());
  let warning = '';
  child.stderr.on('data', (bytes) => (warning += bytes));
  const line = JSON.parse(String((await once(child.stdout, 'data'))[0]));
  assert.ok(line.port > Number(port));
  assert.match(warning, new RegExp(`port ${port} is taken by \\S+ \\(process ${process.pid}\\)`));
});

test('accounts are imported once, listed, and removed; no secret is on disk', async (t) => {
  const data = await folder(t);
  const vault = ['--data-dir', data, '--vault', 'file'];
  const file = join(data, 'kiro-auth-token.json');
  await writeFile(file, JSON.stringify({ accessToken: 'aoaSECRETVALUE1234', refreshToken: 'aorSECRETVALUE1234',
    expiresAt: '2026-11-20T12:34:56.789Z', authMethod: 'social', provider: 'Google' }));
  assert.equal((await run(['accounts', 'import', file, ...vault])).code, 0);
  assert.equal((await run(['accounts', 'import', file, ...vault])).code, 0);
  const list = (await run(['accounts', 'list', '--data-dir', data, '--json'])).out.trim().split('\n');
  assert.equal(list.length, 1);
  const { id } = JSON.parse(list[0]);
  for (const name of ['accounts.json', 'vault.bin'])
    assert.ok(!(await readFile(join(data, name))).includes('SECRETVALUE'), name);
  assert.equal((await run(['accounts', 'remove', 'nobody', ...vault])).code, 7);
  assert.equal((await run(['accounts', 'remove', id, ...vault])).code, 0);
  assert.match((await run(['accounts', 'list', '--data-dir', data])).out, /no accounts/);
});

test('broken files and folders are reported and left as they are', async (t) => {
  const data = await folder(t);
  const vault = ['--data-dir', data, '--vault', 'file'];
  const broken = join(data, 'broken.json');
  await writeFile(broken, '{"refreshToken": 5}');
  const imported = await run(['accounts', 'import', broken, ...vault]);
  assert.equal(imported.code, 6);
  assert.match(imported.err, /broken\.json/);

  await writeFile(join(data, 'accounts.json'), '{ this is not JSON');
  await writeFile(join(data, 'endpoints.json'), '{"chat": "not a list"}');
  const child = spawn(process.env.KIROTRAYCTL, ['serve', '--json', '--port', '0', ...vault],
    { env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: 'correct horse battery staple' } });
  let err = '';
  child.stderr.on('data', (bytes) => (err += bytes));
  await once(child.stdout, 'data');
  child.kill();
  await once(child, 'close');
  assert.match(err, /accounts\.json/);
  assert.match(err, /endpoints\.json.*chat/);
  assert.equal(await readFile(join(data, 'accounts.json'), 'utf8'), '{ this is not JSON');

  const wrong = await run(['accounts', 'import', broken, ...vault], { env: { KIROTRAY_VAULT_PASSPHRASE: 'wrong' } });
  assert.equal(wrong.code, 5);
  assert.match(wrong.err, /passphrase/);
});

test('an absent keychain is exit code 5 and loses nothing', async (t) => {
  const data = await folder(t);
  const { code, err } = await run(['serve', '--port', '0', '--data-dir', data], {
    env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', DISPLAY: '', XDG_RUNTIME_DIR: data },
  });
  assert.equal(code, 5);
  assert.match(err, /keychain/);
});

test('a data folder that cannot be used is exit code 4', async (t) => {
  const data = await folder(t);
  await writeFile(join(data, 'file'), '');
  assert.equal((await run(['serve', '--vault', 'file', '--data-dir', join(data, 'file', 'below')])).code, 4);
  // Nobody may make a folder there, not even root.
  const { code, err } = await run(['serve', '--vault', 'file', '--data-dir', '/proc/kirotray']);
  assert.equal(code, 4);
  assert.match(err, /\/proc\/kirotray: the data folder cannot be created/);
  assert.equal((await run(['serve', '--vault', 'file', '--data-dir', ''])).code, 2);
});

test('the key is made once, kept, and shown when it is asked for', async (t) => {
  const data = await folder(t);
  const vault = ['--data-dir', data, '--vault', 'file'];
  const key = async () => (await run(['key', ...vault])).out.trim();
  const first = await key();
  assert.match(first, /^kt-[\w-]{32}$/);
  assert.equal(await key(), first);
  const serve = spawn(process.env.KIROTRAYCTL, ['serve', '--json', '--port', '0', ...vault],
    { env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: passphrase }, stdio: ['ignore', 'pipe', 'inherit'] });
  const { url } = JSON.parse(String((await once(serve.stdout, 'data'))[0]));
  const status = async (headers) => (await fetch(`${url}/v1/models`, { headers })).status;
  assert.equal(await status({ 'x-api-key': first }), 200);
  assert.equal(await status({ 'x-api-key': `${first}0` }), 401);
  serve.kill();
  await once(serve, 'close');
});

test('without a key anyone on this machine gets in', async () => {
  const child = spawn(process.env.KIROTRAYCTL, ['serve', '--demo', '--json', '--port', '0', '--no-key'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const { url, keyRequired } = JSON.parse(String((await once(child.stdout, 'data'))[0]));
  assert.equal(keyRequired, false);
  assert.equal((await fetch(`${url}/v1/models`)).status, 200);
  child.kill();
  await once(child, 'close');
});

test('status tells whether it runs', async (t) => {
  const data = await folder(t);
  const status = () => run(['status', '--json', '--data-dir', data]);
  assert.equal((await status()).code, 7);
  const child = spawn(process.env.KIROTRAYCTL, ['serve', '--json', '--port', '0', '--vault', 'file', '--data-dir', data],
    { env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: 'x' }, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const running = await status();
  assert.equal(running.code, 0);
  assert.equal(JSON.parse(running.out).running, true);
  const second = await run(['serve', '--port', '0', '--vault', 'file', '--data-dir', data], { env: { KIROTRAY_VAULT_PASSPHRASE: 'x' } });
  assert.equal(second.code, 4);
  assert.match(second.err, /in use by/);
  child.kill('SIGKILL'); // leaves its run.json behind
  await once(child, 'close');
  assert.equal((await status()).code, 7);
});
