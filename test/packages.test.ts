import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const library = join(root, 'packages/waybill');

interface Manifest {
  readonly [field: string]: unknown;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const manifest = manifestOf(library);

/** Folders of which each file is a subpath; and a folder that is one itself. */
const SUBPATHS = [
  'queues/*',
  'queues/asynq/asynq',
  'queues/bullmq/bullmq',
  'queues/pg-boss/pg-boss',
  'loggers/*',
  'web/*',
  'dialects/*',
  'tracing/otel',
  'layouts/cloudevents',
  'testing/testing',
];
/** What serves no library: Node's own, or a form that others write. */
const WITHOUT_PEER = /^(dialects|layouts|testing)\/|^web\/fetch|^queues\/task-record/;

function subpaths(): Map<string, string> {
  const files = globSync(
    SUBPATHS.map((place) => `${place}.ts`),
    { cwd: join(library, 'src') },
  );
  return new Map(files.sort().map((file) => [`./${basename(file, '.ts')}`, file.split('\\').join('/')]));
}

test('the library depends on nothing', () => {
  assert.equal(manifest['dependencies'], undefined);
  assert.equal(manifest['optionalDependencies'], undefined);
  for (const script of Object.keys(manifest['scripts'] ?? {})) assert.ok(!/install|prepare/.test(script), script);
});

test('a subpath is a file of that name, from its source and as it is built, and the manifest can be read', () => {
  const expected = [...subpaths()].map(([subpath, file]) => {
    const built = file.replace(/\.ts$/, '');
    return [
      subpath,
      { '@waybill/source': `./src/${file}`, types: `./dist/${built}.d.ts`, default: `./dist/${built}.js` },
    ];
  });
  const index = { '@waybill/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' };
  assert.deepEqual(manifest.exports, {
    '.': index,
    ...Object.fromEntries(expected),
    './package.json': './package.json',
  });
});

test('the source comes first and the built file last: the first condition that fits is taken', () => {
  for (const [subpath, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions !== 'string')
      assert.deepEqual(Object.keys(conditions), ['@waybill/source', 'types', 'default'], subpath);
  }
});

for (const name of ['waybill', 'ledger']) {
  test(`packages/${name} says what a registry and a bundler ask`, () => {
    const folder = join(root, 'packages', name);
    const { version, license, type, sideEffects, engines, publishConfig, files, description } = manifestOf(folder);
    assert.match(String(version), /^\d+\.\d+\.\d+/);
    assert.deepEqual(
      [license, type, sideEffects, publishConfig],
      ['Apache-2.0', 'module', false, { access: 'public' }],
    );
    assert.deepEqual(engines, { node: '^22.22.0 || >=24.13.0' });
    assert.ok(String(description).length > 20);
    for (const file of files) {
      if (file.startsWith('!') || file === 'dist') continue;
      assert.ok(existsSync(join(folder, file)), `${file} is listed and not there`);
    }
    assert.ok(files.includes('dist') && files.includes('src'));
  });
}

const ROOT_EXPORTS = [
  'bind',
  'captureScope',
  'consoleRecorder',
  'createWaybill',
  'current',
  'keepScope',
  'logFields',
  'memoryRecorder',
  'newWorkflow',
  'otlpRecorder',
  'restoreScope',
  'withBindings',
];

test('the root exports the names of the design, and the pair that passes a scope to a thread', async () => {
  assert.deepEqual(Object.keys(await import('waybill')).sort(), ROOT_EXPORTS);
});

test('an adapter’s library is an optional peer, in the versions that the adapter says', async () => {
  const peers: Record<string, string> = {};
  for (const [, file] of subpaths()) {
    const { peer }: { peer?: { name: string; range: string } } = await import(join(library, 'src', file));
    if (WITHOUT_PEER.test(file)) assert.equal(peer, undefined);
    else assert.ok(peer, `${file} exports no peer`);
    if (peer !== undefined) peers[peer.name] = peer.range;
  }
  assert.deepEqual(manifest.peerDependencies, peers);
  const optional = Object.fromEntries(Object.keys(peers).map((name) => [name, { optional: true }]));
  assert.deepEqual(manifest.peerDependenciesMeta, optional);
});

// Node's own http module adds two globals when it is first imported: they are not ours.
const IMPORTING = `
  import 'node:http';
  const before = { resources: process.getActiveResourcesInfo(), names: Reflect.ownKeys(globalThis), listeners: process.eventNames() };
  for (const subpath of process.argv.slice(1)) await import(subpath);
  const since = (list, old) => list.filter((item) => !old.includes(item)).map(String);
  console.log(JSON.stringify({
    resources: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap'),
    names: since(Reflect.ownKeys(globalThis), before.names),
    listeners: since(process.eventNames(), before.listeners),
  }));`;

test('importing all of it opens nothing, starts nothing, and adds one symbol to the world', () => {
  const specifiers = ['waybill', ...[...subpaths().keys()].map((subpath) => `waybill${subpath.slice(1)}`)];
  const args = ['--conditions=@waybill/source', '--input-type=module', '--eval', IMPORTING, ...specifiers];
  const printed = execFileSync(process.execPath, args, { cwd: library, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(printed), { resources: [], names: ['Symbol(waybill.context.v1)'], listeners: [] });
});

test('that symbol is one that another copy of the library finds', async () => {
  await import('waybill');
  assert.ok(Symbol.for('waybill.context.v1') in globalThis);
});

/** The files that are ours: what git knows, and what it would take. */
function ownFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n');
  return files.filter((file) => file !== '' && existsSync(join(root, file)));
}

// Put together from pieces: this file is one of those that are looked into.
const FOREIGN: Readonly<Record<string, RegExp>> = {
  'a path of one machine': new RegExp(
    `(^|[\\s"'\`(=:])/(${['wo' + 'rk', 'ho' + 'me', 'Us' + 'ers', 'ro' + 'ot', 'mnt', 'opt'].join('|')})/`,
    'm',
  ),
  'a drive of one machine': new RegExp(`[A-Z]:\\\\(${'Us' + 'ers'})`),
  'a registry of packages':
    /\b(registry|artifactory|nexus|verdaccio)\.[a-z0-9.-]+\.[a-z]{2,}|\bnpm\.[a-z0-9-]+\.[a-z]{2,}/i,
  'a mirror of packages': new RegExp(`${'regis' + 'try'}\\s*=|"${'resol' + 'ved'}": "(?!packages/|fixtures/)`),
  'who or what helped to write it': new RegExp(
    ['clau' + 'de', 'anthro' + 'pic', 'chat' + 'gpt', 'co' + 'pilot', 'co-authored' + '-by'].join('|'),
    'i',
  ),
};

test('no file names a machine, a registry or the tools it was made with', () => {
  const found = ownFiles().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return Object.entries(FOREIGN).flatMap(([what, pattern]) => {
      const [match] = pattern.exec(text) ?? [];
      return match === undefined ? [] : [`${file} names ${what}: ${match.trim()}`];
    });
  });
  assert.deepEqual(found, []);
});
