import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const source = join(import.meta.dirname, '../../src');

/** Every file that is loaded when this one is, before anything runs; and the modules from elsewhere. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!existsSync(file)) return seen;
  const text = readFileSync(file, 'utf8');
  for (const [, names = '', target = ''] of text.matchAll(/^import\s+(?!type\s)([^'";]*?)\s*(?:from\s+)?'([^']+)'/gm)) {
    const isOfTypes = /^\{(\s*type [\w$]+,?)+\s*\}$/.test(names);
    if (!isOfTypes) loadedWith(target.startsWith('.') ? join(dirname(file), target) : target, seen);
  }
  return seen;
}

const loaded = loadedWith(join(source, 'cli/main.ts'));

test('what one verb alone needs is loaded when that verb runs', () => {
  const own = [...loaded].filter((file) => file.startsWith(source)).map((file) => file.slice(source.length + 1));
  assert.ok(own.includes('cli/verbs/why.ts') && own.includes('cli/asking.ts'), 'imports are found');
  assert.deepEqual(
    own.filter((file) => !/^(cli|errors)/.test(file)),
    [],
    'no store, no routes',
  );
  const pages = own.filter((file) => file.startsWith('cli/text/'));
  assert.deepEqual(pages.sort(), [
    'cli/text/bytes.ts',
    'cli/text/clean.ts',
    'cli/text/counts.ts',
    'cli/text/ids.ts',
    'cli/text/lines.ts',
    'cli/text/local-times.ts',
    'cli/text/width.ts',
  ]);
});

test('nothing is loaded at the start that takes longer than the rest together', () => {
  const slow = ['string-width', 'hono', 'node:http', 'node:https', 'node:sqlite', 'undici'];
  assert.deepEqual(
    slow.filter((module) => loaded.has(module)),
    [],
  );
});
