// SPDX-License-Identifier: MIT
// A machine without a screen: sign in, serve, see the credits, export, import into a fresh data folder, serve again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Simulator, passphrase, run } from './harness.mjs';

const exportPassphrase = 'moving house';

async function dataFolder(t, simulator) {
  const folder = await mkdtemp(join(tmpdir(), 'kirotray-accounts-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'endpoints.json'), JSON.stringify(simulator.endpoints));
  return { folder, args: ['--data-dir', folder, '--vault', 'file'] };
}

/** A command whose lines are read while it runs. */
function begin(t, args, env = {}) {
  const child = spawn(process.env.KIROTRAYCTL, args, {
    env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: passphrase, ...env }, stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.after(() => child.kill());
  let err = '';
  child.stderr.on('data', (bytes) => (err += bytes));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const closed = once(child, 'close');
  return {
    child,
    line: async (pattern) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`ended without ${pattern}: ${err}`);
        if (pattern.test(value)) return value;
      }
    },
    end: async () => (await closed)[0],
    get err() { return err; },
  };
}

async function serve(t, data) {
  const program = begin(t, ['serve', '--json', '--port', '0', ...data.args]);
  const { url } = JSON.parse(await program.line(/listening/));
  return { program, url, stop: async () => { program.child.kill(); return program.end(); } };
}

async function chat(url, key) {
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST', headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4.5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return { status: answer.status, account: answer.headers.get('x-kirotray-account'), body: await answer.json() };
}

/** What a browser does with the link: follows it to the page on this machine that takes the code. */
async function browse(line) {
  const [link] = /https?:\/\/\S+/.exec(line);
  return (await fetch(link)).status;
}

test('google: signs in, serves, shows credits, moves to another folder and serves there', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const home = await dataFolder(t, simulator);

  const login = begin(t, ['login', 'google', '--no-browser', ...home.args]);
  assert.equal(await browse(await login.line(/https?:\/\//)), 200);
  await login.line(/signed in: /);
  assert.equal(await login.end(), 0, login.err);

  const key = (await run(['key', ...home.args])).out.trim();
  const first = await serve(t, home);
  const token = (await run(['token', ...home.args])).out.trim();
  const status = await fetch(`${first.url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(status.status, 200);
  const answer = await chat(first.url, key);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(answer.account, /^[0-9a-f]{12}$/);
  // Beside the running program: it is asked.
  const usage = await run(['accounts', 'usage', ...home.args]);
  assert.equal(usage.code, 0, usage.err);
  assert.match(usage.out, /credits: [\d.]+ of [\d.]+ left/);
  assert.match((await run(['flows', ...home.args])).out, /200 /);
  const sealed = join(home.folder, 'accounts.kirotray');
  const exported = await run(['accounts', 'export', '-o', sealed, ...home.args],
    { env: { KIROTRAY_EXPORT_PASSPHRASE: exportPassphrase } });
  assert.equal(exported.code, 0, exported.err);
  assert.equal((await stat(sealed)).mode & 0o077, 0);
  assert.ok(!(await readFile(sealed)).includes('aor'));
  assert.equal(await first.stop(), 0);

  const away = await dataFolder(t, simulator);
  const wrong = await run(['accounts', 'import', sealed, ...away.args], { env: { KIROTRAY_EXPORT_PASSPHRASE: 'no' } });
  assert.equal(wrong.code, 6);
  assert.match(wrong.err, /passphrase/);
  const imported = await run(['accounts', 'import', sealed, ...away.args],
    { env: { KIROTRAY_EXPORT_PASSPHRASE: exportPassphrase } });
  assert.equal(imported.code, 0, imported.err);
  assert.match(imported.out, /1 added/);
  const second = await serve(t, away);
  const awayKey = (await run(['key', ...away.args])).out.trim();
  assert.equal((await chat(second.url, awayKey)).status, 200);
  assert.equal(await second.stop(), 0);
});

test('builder-id: the code is shown, approved elsewhere, and the account answers', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const home = await dataFolder(t, simulator);
  const login = begin(t, ['login', 'builder-id', '--no-browser', ...home.args]);
  await login.line(/enter the code \S{4}-\S{4}/);
  await login.line(/signed in: /);
  assert.equal(await login.end(), 0, login.err);
  const running = await serve(t, home);
  const key = (await run(['key', ...home.args])).out.trim();
  assert.equal((await chat(running.url, key)).status, 200);
});

test('a key of its own has its own limits', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const home = await dataFolder(t, simulator);
  const login = begin(t, ['login', 'google', '--no-browser', ...home.args]);
  await browse(await login.line(/https?:\/\//));
  assert.equal(await login.end(), 0);
  const running = await serve(t, home);
  const added = await run(['keys', 'add', 'phone', ...home.args]);
  assert.equal(added.code, 0, added.err);
  const key = added.out.trim();
  assert.equal((await run(['keys', 'set', 'phone', 'requestsPerDay=1', ...home.args])).code, 0);
  assert.equal((await chat(running.url, key)).status, 200);
  const second = await chat(running.url, key);
  assert.equal(second.status, 429, JSON.stringify(second.body));
  assert.equal((await run(['keys', 'remove', 'phone', ...home.args])).code, 0);
  assert.equal((await chat(running.url, key)).status, 401);
});

test('KIRO_AUTH_TOKEN brings its accounts', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const home = await dataFolder(t, simulator);
  const program = begin(t, ['serve', '--json', '--port', '0', ...home.args], {
    KIRO_AUTH_TOKEN: JSON.stringify([{ auth: 'Social', refreshToken: simulator.refreshToken }]),
    KIROTRAY_API_KEY: 'kt-environment', KIROTRAY_LOG_FORMAT: 'json', KIROTRAY_LOG_LEVEL: 'debug',
  });
  const { url } = JSON.parse(await program.line(/listening/));
  const answer = await chat(url, 'kt-environment');
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  for (const line of (await readFile(join(home.folder, 'logs/kirotrayctl.log'), 'utf8')).trim().split('\n'))
    assert.ok(JSON.parse(line).level);
});

test('the doctor says what is wrong and shows no secret', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const home = await dataFolder(t, simulator);
  const { code, out, err } = await run(['doctor', ...home.args]);
  assert.equal(code, 0, err);
  assert.match(out, /keychain: secrets can be stored and read/);
  assert.match(out, /there is no account/);
  for (const name of await readdir(home.folder)) assert.ok(!/\.tmp$/.test(name), name);
});
