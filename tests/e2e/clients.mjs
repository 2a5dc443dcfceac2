// SPDX-License-Identifier: MIT
// Runs the real clients that package.json pins, each in a home and a work folder of its own. One that is not
// installed or does not start here is reported as skipped, with the reason.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');

/** Program and first arguments of each client; `package` is the one that package.json pins. */
const programs = {
  claudecode: { package: '@anthropic-ai/claude-code-linux-x64', file: 'claude' },
  codex: { package: '@openai/codex', file: 'bin/codex.js', script: true },
  geminicli: { package: '@google/gemini-cli', file: 'bundle/gemini.js', script: true },
  opencode: { package: 'opencode-linux-x64-baseline', file: 'bin/opencode' },
};

const startSeconds = 30; // of --version, on a busy machine
const runSeconds = 60; // of one run; it takes a few

function commandOf(name) {
  const { package: folder, file, script } = programs[name];
  const path = join(modules, folder, file);
  return { path, command: script ? [process.execPath, path] : [path] };
}

/** Why the client cannot run here; false when it can. */
export function skipReason(name) {
  const { path, command } = commandOf(name);
  if (!existsSync(path)) return `${programs[name].package} is not installed here`;
  const home = mkdtempSync(join(tmpdir(), 'kirotray-client-'));
  try {
    execFileSync(command[0], [...command.slice(1), '--version'], {
      env: quietEnvironment(home, home), timeout: startSeconds * 1000, stdio: ['ignore', 'pipe', 'pipe'],
    });
    return false;
  } catch (error) {
    return `${programs[name].package} does not start here: ${String(error.stderr || error.message).trim().split('\n')[0]}`;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Nothing of the caller's own settings; every way out of this machine ends at a closed port. */
function quietEnvironment(home, temporary) {
  const nowhere = 'http://127.0.0.1:9';
  return {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: home, LANG: 'C.UTF-8', TERM: 'dumb',
    TMPDIR: temporary, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local/share'),
    XDG_CACHE_HOME: join(home, '.cache'), XDG_STATE_HOME: join(home, '.local/state'),
    HTTPS_PROXY: nowhere, https_proxy: nowhere, HTTP_PROXY: nowhere, http_proxy: nowhere,
    NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost',
  };
}

/** A home and a work folder for one run, removed after test `t`. */
export class Workplace {
  static async make(t) {
    const place = new Workplace();
    place.root = await mkdtemp(join(tmpdir(), 'kirotray-client-'));
    place.home = join(place.root, 'home');
    place.work = join(place.root, 'work');
    await mkdir(place.home);
    await mkdir(place.work);
    await mkdir(join(place.root, 'tmp'));
    t.after(() => rm(place.root, { recursive: true, force: true, maxRetries: 5 }));
    return place;
  }
  async write(path, text) {
    const file = join(this.root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }
  read(path) {
    return readFile(join(this.root, path), 'utf8');
  }
  /** Runs the client to its end; it and everything it started is killed after the time limit and at the end. */
  async run(name, args, env = {}) {
    const { command } = commandOf(name);
    const child = spawn(command[0], [...command.slice(1), ...args], {
      cwd: this.work, env: { ...quietEnvironment(this.home, join(this.root, 'tmp')), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    });
    const killAll = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
    };
    const limit = setTimeout(killAll, runSeconds * 1000);
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    const [code, signal] = await once(child, 'exit');
    clearTimeout(limit);
    killAll();
    await Promise.all([child.stdout, child.stderr].map((stream) => stream.closed || once(stream, 'close')));
    if (signal) throw new Error(`${name} was stopped by ${signal} after ${runSeconds} s\n${out}\n${err}`);
    return { code, out, err };
  }
}
