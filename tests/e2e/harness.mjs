// SPDX-License-Identifier: MIT
// Starts the real programs: kirotrayctl and a scripted simulator, each with a folder of its own; and names the tests
// so that compatibility.mjs can make its tables of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { apis, clientAbilities, features, refusals } from './features.mjs';

const ctl = process.env.KIROTRAYCTL;
const simulatorProgram = process.env.KIROTRAY_SIMULATOR;
export const passphrase = 'correct horse battery staple';
export const adminToken = 'kt-test-admin-token';

/** Runs a program to its end. */
export async function run(args, options = {}) {
  const child = spawn(ctl, args, {
    env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: passphrase, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes) => (out += bytes));
  child.stderr.on('data', (bytes) => (err += bytes));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

class Program {
  constructor(program, args) {
    this.child = spawn(program, args, {
      env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: passphrase, KIROTRAY_API_KEY: 'kt-test-key', KIROTRAY_ADMIN_TOKEN: adminToken },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.err = '';
    this.child.stderr.on('data', (bytes) => (this.err += bytes));
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }
  async line() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the program ended: ${this.err}`);
    return value;
  }
  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill(signal);
    const [code] = await once(this.child, 'close');
    return code;
  }
}

/** A simulator whose script can be changed; see app/simulator/scenario.h. */
export class Simulator {
  static async start(script = {}) {
    const simulator = new Simulator();
    simulator.program = new Program(simulatorProgram, []);
    Object.assign(simulator, JSON.parse(await simulator.program.line()));
    await simulator.script(script);
    return simulator;
  }
  async ask(request) {
    this.program.child.stdin.write(JSON.stringify(request) + '\n');
    const answer = JSON.parse(await this.program.line());
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
  script(script) {
    return this.ask({ script: { record: 50, ...script } });
  }
  statistics() {
    return this.ask({ statistics: true });
  }
  /** What reached the service since the script was set: [{call, rule, refusal, body}], the body parsed. */
  async requests() {
    const { requests } = await this.ask({ requests: true });
    return requests.map((request) => ({ ...request, body: JSON.parse(request.body) }));
  }
  /** The conversation of the last chat request that was let in. */
  async lastConversation() {
    const chats = (await this.requests()).filter((request) => request.call === 'chat' && !request.refusal);
    assert.ok(chats.length > 0, 'no chat request reached the service');
    return chats.at(-1).body.conversationState;
  }
  stop() {
    return this.program.stop();
  }
}

/** `kirotrayctl serve` on a free port, with one imported account whose upstream is `simulator`. */
export class Proxy {
  /** `settings`: the text of settings.ini. */
  static async start(simulator, { args = [], settings = '' } = {}) {
    const proxy = new Proxy();
    proxy.folder = await mkdtemp(join(tmpdir(), 'kirotray-e2e-'));
    await writeFile(join(proxy.folder, 'endpoints.json'), JSON.stringify(simulator.endpoints));
    // Tests are faster than people.
    await writeFile(join(proxy.folder, 'settings.ini'), `[pacing]\nenabled=false\n${settings}`);
    const account = join(proxy.folder, 'credentials.json');
    await writeFile(account, JSON.stringify([{
      refreshToken: simulator.refreshToken, accessToken: simulator.accessToken,
      expiresAt: new Date(Date.now() + 3600e3).toISOString(), authMethod: 'social',
      profileArn: 'arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK',
    }]));
    const vault = ['--data-dir', proxy.folder, '--vault', 'file'];
    const imported = await run(['accounts', 'import', account, ...vault]);
    if (imported.code !== 0) throw new Error(`import failed: ${imported.err}`);
    await proxy.serve([...vault, ...args]);
    return proxy;
  }
  static async demo(args = []) {
    const proxy = new Proxy();
    await proxy.serve(['--demo', ...args]);
    return proxy;
  }
  async serve(args) {
    this.program = new Program(ctl, ['serve', '--json', '--port', '0', ...args]);
    this.url = JSON.parse(await this.program.line()).url;
    this.key = 'kt-test-key';
  }
  async administer(method, path) {
    const answer = await fetch(this.url + path, { method, headers: { authorization: `Bearer ${adminToken}` } });
    assert.equal(answer.status, 200, `${method} ${path}`);
    return answer.json();
  }
  /** What the service refused in one test must not keep the account from the next. */
  async restoreAccounts() {
    const { accounts } = await this.administer('GET', '/api/accounts');
    for (const { id } of accounts) await this.administer('POST', `/api/accounts/${id}/restore`);
  }
  /** What it logged so far. */
  log() {
    return readFile(join(this.folder, 'logs/kirotrayctl.log'), 'utf8');
  }
  /** What the record of a request says was changed in it; the record follows the answer. */
  async changesOf(requestId) {
    for (let i = 0; i < 200; ++i) {
      const record = (await this.log()).split('\n').find((line) => line.includes(`request done call=${requestId.replace('req_', '')} `));
      if (record) return / changes="(.*)"/.exec(record)?.[1] ?? '';
      await setTimeout(10);
    }
    throw new Error(`the log has no record of ${requestId}`);
  }
  async stop(signal) {
    const code = await this.program.stop(signal);
    if (this.folder) await rm(this.folder, { recursive: true });
    return code;
  }
}

/**
 * Simulator, proxy and what `makeClient(proxy)` makes, for all tests of a file; started before the first and stopped
 * after the last.
 */
export function bench(makeClient = () => undefined) {
  const started = {};
  before(async () => {
    started.simulator = await Simulator.start();
    started.proxy = await Proxy.start(started.simulator);
    started.client = await makeClient(started.proxy);
  });
  afterEach(() => started.proxy?.restoreAccounts());
  after(async () => {
    await started.simulator?.stop();
    if (started.proxy) assert.equal(await started.proxy.stop(), 0);
  });
  return started;
}

/** A test of one feature over one API; both keys are those of features.mjs and written out where it is called. */
export function feature(api, key, title, body) {
  assert.ok(apis[api] && features[key], `${api} ${key} is not in features.mjs`);
  test(`${features[key].en}: ${title}`, body);
}

/** A test that something an API has, and KiroTray has not, is refused clearly. */
export function refusal(api, key, title, body) {
  assert.ok(apis[api] && refusals[key], `${api} ${key} is not in features.mjs`);
  test(`${refusals[key].en}: ${title}`, body);
}

/**
 * A test that something KiroTray has not, for this API or at all, is left out, and the rest of the request answered,
 * because clients send it unasked. The record of the request says so.
 */
export function leftOut(api, key, title, body) {
  const row = features[key] ?? refusals[key];
  assert.ok(apis[api] && row, `${api} ${key} is not in features.mjs`);
  test(`${row.en}: ${title}`, body);
}

/** A test with a real client; `skip` is the reason when that does not run here (clients.mjs). */
export function clientTest(name, key, title, skip, body) {
  assert.ok(clientAbilities[key], `${key} is not in features.mjs`);
  test(`${clientAbilities[key].en}: ${title}`, { skip, timeout: 120_000 }, body);
}
