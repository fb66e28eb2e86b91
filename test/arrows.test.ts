import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

/** What a folder may import. `types`: nothing of it when it runs. */
interface Arrows {
  /** Folders of the same package, and single files of its root. */
  readonly to: readonly string[];
  readonly types?: readonly string[];
  /** Modules from elsewhere, as they are named; `node:` stands for all of them. */
  readonly modules?: readonly string[];
  /** Its files do not import each other: each, and each folder in it, is a subpath of its own. */
  readonly isFlat?: true;
}

const ARROWS: Readonly<Record<string, Readonly<Record<string, Arrows>>>> = {
  waybill: {
    'index.ts': { to: ['core', 'recorders'] },
    core: { to: [], modules: ['node:'] },
    layouts: { to: ['core'] },
    dialects: { to: ['core'], isFlat: true },
    // Never the API itself: the app hands it over.
    tracing: { to: ['core'], modules: ['node:'] },
    recorders: { to: ['core'], modules: ['node:'] },
    loggers: { to: ['core'], isFlat: true },
    queues: { to: ['core', 'layouts'], modules: ['node:'], isFlat: true },
    web: { to: ['core', 'layouts'], modules: ['node:'], isFlat: true },
    testing: { to: ['core', 'layouts', 'recorders', 'queues', 'web', 'loggers', 'index.ts'], modules: ['node:'] },
  },
  ledger: {
    'index.ts': { to: ['questions', 'server', 'store'] },
    'errors.ts': { to: [] },
    ingest: { to: ['errors.ts'], types: ['waybill'], modules: ['node:'] },
    store: {
      to: ['errors.ts'],
      types: ['waybill'],
      modules: ['node:', 'fastest-levenshtein', 'fflate', '@clickhouse/client'],
    },
    questions: { to: ['errors.ts'], types: ['waybill', 'store/store.ts'] },
    server: {
      to: ['errors.ts', 'questions', 'ingest'],
      types: ['store/store.ts', 'waybill'],
      modules: ['node:', 'hono', '@hono/node-server'],
    },
    // The command line asks the API; without a server it runs the same routes on a store in its own process.
    cli: {
      to: [
        'errors.ts',
        'server',
        'store/sqlite.ts',
        'store/backup.ts',
        'store/clickhouse/clickhouse.ts',
        'store/clickhouse/schema.ts',
      ],
      types: ['questions', 'store/store.ts'],
      modules: ['node:', 'string-width', 'fastest-levenshtein', 'eventsource-parser'],
    },
  },
};

interface Import {
  readonly from: string;
  readonly folder: string;
  /** A path below `src`, or a module's name. */
  readonly target: string;
  readonly isOwn: boolean;
  readonly isType: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s*from\s+)?'([^']+)'/gm;
const DYNAMIC = /(?<!typeof )\bimport\(\s*'([^']+)'/g;

function importsOf(pack: string): Import[] {
  const source = join(root, 'packages', pack, 'src');
  return globSync('**/*.ts', { cwd: source }).flatMap((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    const from = file.split(sep).join('/');
    const found = [
      ...[...text.matchAll(STATEMENT)].map(([, type, names, target]) => ({ target, isType: isTypeOnly(type, names) })),
      ...[...text.matchAll(DYNAMIC)].map(([, target]) => ({ target, isType: false })),
    ];
    return found.map(({ target = '', isType }) => {
      const isOwn = target.startsWith('.');
      const path = isOwn
        ? relative(source, join(source, dirname(file), target))
            .split(sep)
            .join('/')
        : target;
      return { from, folder: from.split('/')[0] ?? '', target: path, isOwn, isType };
    });
  });
}

function isTypeOnly(type: string | undefined, names: string | undefined): boolean {
  if (type !== undefined) return true;
  const listed = /^\{([^}]*)\}$/.exec(names?.trim() ?? '')?.[1];
  if (listed === undefined) return false;
  return listed.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
}

/** Whether `target` is `place`, or lies below it. */
const isAt = (target: string, place: string) =>
  target === place || target.startsWith(place.endsWith(':') ? place : `${place}/`);

function isAllowed({ from, folder, target, isOwn, isType }: Import, arrows: Arrows | undefined): boolean {
  if (arrows === undefined) return false;
  if (isType && arrows.types?.some((place) => isAt(target, place))) return true;
  if (!isOwn) return arrows.modules?.some((place) => isAt(target, place)) ?? false;
  if (folder === target.split('/')[0]) return arrows.isFlat === undefined || isOneAdapter(from, target);
  return arrows.to.some((place) => isAt(target, place));
}

/** An adapter that brings more than one file has a folder of its own. */
function isOneAdapter(from: string, target: string): boolean {
  const [folder, adapter, file] = from.split('/');
  return from === target || (file !== undefined && isAt(target, `${folder}/${adapter}`));
}

for (const [pack, folders] of Object.entries(ARROWS)) {
  test(`every import in packages/${pack} goes along the arrows`, () => {
    const imports = importsOf(pack);
    assert.ok(imports.length > 20, 'imports are found');
    const wrong = imports.filter((one) => !isAllowed(one, folders[one.folder]));
    assert.deepEqual(
      wrong.map(({ from, target, isType }) => `${from} imports ${isType ? 'types of ' : ''}${target}`),
      [],
    );
  });
}

test('nothing imports the kit for tests', () => {
  const imports = Object.keys(ARROWS).flatMap(importsOf);
  const wrong = imports.filter(
    ({ folder, target }) => folder !== 'testing' && /^(testing\/|waybill\/testing)/.test(target),
  );
  assert.deepEqual(wrong, []);
});

test('every way to import is seen', () => {
  const seen = (text: string) => [...text.matchAll(STATEMENT), ...text.matchAll(DYNAMIC)].length;
  assert.equal(
    seen("import a from 'a';\nimport 'b';\nimport {\n  c,\n} from 'c';\nexport * from 'd';\nexport { e } from 'e';"),
    5,
  );
  assert.equal(seen("const a = await import('a');\nconst [b] = await Promise.all([import('b')]);"), 2);
  assert.equal(isTypeOnly(undefined, '{ type A, type B }'), true);
  assert.equal(isTypeOnly(undefined, '{ type A, b }'), false);
});
