// SPDX-License-Identifier: MIT
// Starts the real programs: kirotrayctl and a scripted simulator, each with a folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ctl = process.env.KIROTRAYCTL;
const simulatorProgram = process.env.KIROTRAY_SIMULATOR;
export const passphrase = 'correct horse battery staple';

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
      env: { ...process.env, KIROTRAY_VAULT_PASSPHRASE: passphrase, KIROTRAY_API_KEY: 'kt-test-key' },
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
    return this.ask({ script });
  }
  statistics() {
    return this.ask({ statistics: true });
  }
  stop() {
    return this.program.stop();
  }
}

/** `kirotrayctl serve` on a free port, with one imported account whose upstream is `simulator`. */
export class Proxy {
  static async start(simulator, { args = [] } = {}) {
    const proxy = new Proxy();
    proxy.folder = await mkdtemp(join(tmpdir(), 'kirotray-e2e-'));
    await writeFile(join(proxy.folder, 'endpoints.json'), JSON.stringify(simulator.endpoints));
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
  async stop(signal) {
    const code = await this.program.stop(signal);
    if (this.folder) await rm(this.folder, { recursive: true });
    return code;
  }
}

export const weatherTool = {
  name: 'get_weather',
  description: 'Current weather of a city',
  schema: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' } },
    required: ['city'],
  },
};

/** What the service sends last; a host that did so once is held to it. */
export const closing = { contextUsage: 1.5 };

/** Script steps of an answer that calls the tool twice. */
export const twoCalls = [
  { text: 'Let me look.' },
  { toolCall: { id: 'tooluse_one', name: 'get_weather', input: { city: 'Oslo' }, fragments: 4 } },
  { toolCall: { id: 'tooluse_two', name: 'get_weather', input: { city: '北京' }, fragments: 3 } },
  { usage: { inputTokens: 812, outputTokens: 64, cacheReadTokens: 100 }, stopReason: 'TOOL_USE' },
];
export const shortText = [
  { text: 'The sky is blue today.', chunk: 3 },
  { usage: { inputTokens: 20, outputTokens: 6, cacheReadTokens: 5 }, stopReason: 'END_TURN' },
];
