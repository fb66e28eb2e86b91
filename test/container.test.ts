import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SETTINGS } from '../packages/ledger/src/cli/settings.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const image = read('Dockerfile');
const compose = read('compose.yaml');

test('the image has the Node on which everything here is tested', () => {
  const pinned = JSON.parse(read('package.json')).devDependencies.node;
  assert.deepEqual(
    [...image.matchAll(/^FROM node:([\d.]+)-slim/gm)].map(([, version]) => version),
    [pinned],
  );
});

test('image and compose file listen, and are asked, where the ledger is by default', () => {
  const port = SETTINGS.port.byDefault;
  assert.match(image, new RegExp(`^EXPOSE ${port}$`, 'm'));
  assert.match(image, new RegExp(`^HEALTHCHECK .*http://127\\.0\\.0\\.1:${port}/readyz`, 'm'));
  assert.match(compose, new RegExp(`- "127\\.0\\.0\\.1:${port}:${port}"`));
});

test('each variable of image and compose file is one that the ledger reads', () => {
  const known: string[] = Object.values(SETTINGS).map(({ variable }) => variable);
  known.push('WAYBILL_INGEST_TOKEN', 'WAYBILL_READ_TOKEN', 'WAYBILL_ADMIN_TOKEN');
  const named = [...`${image}${compose}`.matchAll(/\b(WAYBILL_\w+)/g)].map(([, variable]) => variable ?? '');
  assert.ok(named.length > 5);
  assert.deepEqual(
    named.filter((variable) => !known.includes(variable)),
    [],
  );
});

test('what the image copies is there, and every workspace has its manifest in it', () => {
  const copied = [...image.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, files = '']) => files.split(' '));
  for (const file of copied) assert.ok(existsSync(join(root, file)), file);
  const { packages } = JSON.parse(read('package-lock.json'));
  const workspaces = Object.keys(packages).filter((path) => /^(packages|fixtures)\/[^/]+$/.test(path));
  for (const workspace of workspaces) assert.ok(copied.includes(`${workspace}/package.json`), workspace);
});
