// SPDX-License-Identifier: MIT
// Writes resources/docs/*/compatibility.md from what the tests register: `node compatibility.mjs`. With --check it only
// compares and fails when the files differ. Needs nothing from node_modules.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apis, clientAbilities, clients, features, refusals } from './features.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const docs = join(here, '../../resources/docs');
const sdks = ['@anthropic-ai/sdk', 'openai', '@google/genai'];
/** Whose tables the names of a kind of test belong to. */
const kinds = {
  feature: { tables: [features], columns: apis }, refusal: { tables: [refusals], columns: apis },
  leftOut: { tables: [features, refusals], columns: apis }, clientTest: { tables: [clientAbilities], columns: clients },
};

/** What the test files register: for each kind the set of "column row". */
async function registrations() {
  const found = { feature: new Set(), refusal: new Set(), leftOut: new Set(), clientTest: new Set() };
  for (const file of (await readdir(here)).filter((name) => name.endsWith('.test.mjs')).sort()) {
    const source = await readFile(join(here, file), 'utf8');
    for (const [call, kind] of source.matchAll(/^\s*(feature|refusal|leftOut|clientTest)\(.*/gm)) {
      const keys = /\(\s*'([\w-]+)',\s*'([\w-]+)',/.exec(call);
      if (!keys) throw new Error(`${file}: the keys are not written out in ${call.trim()}`);
      const [, column, row] = keys;
      if (!kinds[kind].columns[column] || !kinds[kind].tables.some((rows) => rows[row]))
        throw new Error(`${file}: '${column}', '${row}' is not in features.mjs`);
      found[kind].add(`${column} ${row}`);
    }
  }
  for (const rows of [features, refusals, clientAbilities]) {
    const all = Object.keys(kinds).filter((kind) => kinds[kind].tables.includes(rows)).flatMap((kind) => [...found[kind]]);
    const idle = Object.keys(rows).find((row) => !all.some((name) => name.endsWith(` ${row}`)));
    if (idle) throw new Error(`features.mjs: no test is called '${idle}'`);
  }
  return found;
}

const words = {
  en: {
    title: 'Which API can do what',
    made: 'Made by tests/e2e/compatibility.mjs from the names of the tests: change those, not this file.',
    intro: (versions) => `Each ✓ stands for tests with the vendor's own library (${versions}) against the real program and a `
      + 'simulated Kiro service. An empty cell: the API knows no such thing. –: it is left out, as below.',
    feature: 'Feature',
    clients: 'Clients',
    clientsIntro: 'The real programs, run whole against the real program and a simulated Kiro service.',
    client: ['Client', 'Version tested', 'API', 'Tested'],
    refused: 'Not supported',
    refusedIntro: 'What these APIs have and Kiro has not. ✗: a request for it gets a clear error in the API\'s own form. '
      + '–: it is left out, the record of the request says so, and the rest is answered. Both are tested.',
    separator: '; ',
  },
  zh: {
    title: '各 API 支持的功能',
    made: '本文件由 tests/e2e/compatibility.mjs 根据测试名称生成：请修改测试，不要修改本文件。',
    intro: (versions) => `每个 ✓ 表示用厂商官方库（${versions}）对真实程序和模拟的 Kiro 服务做过测试。空白表示该 API 没有此功能，– 表示略去此项（见下文）。`,
    feature: '功能',
    clients: '客户端',
    clientsIntro: '用真实的客户端程序，对真实程序和模拟的 Kiro 服务做完整测试。',
    client: ['客户端', '测试版本', 'API', '测试内容'],
    refused: '不支持的功能',
    refusedIntro: '这些 API 具备而 Kiro 没有的功能。✗ 表示请求会得到该 API 格式的明确错误；'
      + '– 表示略去此项并在请求记录中注明，其余部分照常回答。两者均已测试。',
    separator: '；',
  },
};

const line = (cells) => `| ${cells.join(' | ')} |`;
const rule = (cells) => `|${cells.map((_, i) => (i === 0 ? ' --- |' : ' :---: |')).join('')}`;

/** The rows by API; `marks` says which kind of test is shown how. */
function matrix(language, rows, marks, found) {
  const cell = (name) => Object.entries(marks).filter(([kind]) => found[kind].has(name)).map(([, mark]) => mark).join(' ');
  const head = [words[language].feature, ...Object.values(apis)];
  return [line(head), rule(head), ...Object.entries(rows).map(([row, titles]) => line([titles[language],
    ...Object.keys(apis).map((api) => cell(`${api} ${row}`) || ' ')]))];
}

function clientTable(language, versions, found) {
  const { client: head, separator } = words[language];
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...Object.entries(clients).map(([name, client]) => {
    const tested = Object.entries(clientAbilities).filter(([key]) => found.clientTest.has(`${name} ${key}`));
    return line([client.title, versions[client.package], client.apis.map((api) => apis[api]).join(', '),
      tested.map(([, titles]) => titles[language]).join(separator)]);
  })];
}

function page(language, versions, found) {
  const text = words[language];
  return [`# ${text.title}`, '', `<!-- ${text.made} -->`, '',
    text.intro(sdks.map((name) => `${name} ${versions[name]}`).join(', ')), '', 
    ...matrix(language, features, { feature: '✓', leftOut: '–' }, found), '',
    `## ${text.clients}`, '', text.clientsIntro, '', ...clientTable(language, versions, found), '',
    `## ${text.refused}`, '', text.refusedIntro, '', 
    ...matrix(language, refusals, { refusal: '✗', leftOut: '–' }, found), ''].join('\n');
}

const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
const found = await registrations();
let stale = false;
for (const [language, folder] of [['en', 'en'], ['zh', 'zh_CN']]) {
  const file = join(docs, folder, 'compatibility.md');
  const text = page(language, { ...dependencies, ...optionalDependencies }, found);
  if (!process.argv.includes('--check')) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${file} differs from what the tests register: run node ${join(here, 'compatibility.mjs')}`);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
