import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readSettings, SETTINGS } from '../../src/cli/settings.ts';
import { TOKEN_VARIABLES, tokensOf } from '../../src/cli/tokens.ts';
import { ended, said, startWaybill, temporaryFolder, waybill } from './command.ts';

function fileOf(context: TestContext, value: unknown): string {
  const path = join(temporaryFolder(context), 'settings.json');
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

test('a flag wins over the environment, that over the file, and that over what is usual', (context) => {
  const config = fileOf(context, { port: 1, data: 'of-file', host: '::1' });
  const setting = readSettings(
    new Map([
      ['config', config],
      ['port', '3'],
    ] as const),
    { WAYBILL_PORT: '2', WAYBILL_DATA: 'of-env', WAYBILL_HOST: '' },
  );
  assert.deepEqual(setting('port'), { name: '--port', value: '3' });
  assert.deepEqual(setting('data'), { name: 'WAYBILL_DATA', value: 'of-env' });
  assert.deepEqual(setting('host'), { name: `"host" in ${config}`, value: '::1' });
  assert.equal(setting('tokens'), undefined);
  assert.equal(readSettings(new Map(), {})('port')?.value, '7733');
});

test('a key that nobody knows is refused with the one that may have been meant', async (context) => {
  const { code, stderr } = await waybill(['serve', '--config', fileOf(context, { prot: 1 })]);
  assert.equal(code, 2);
  assert.match(stderr, /has an unknown key "prot": did you mean "port"\? \(CONFIG_UNKNOWN\)\nfix: {3}/);
});

test('a file that is no configuration is refused, and what is in it is not told', async (context) => {
  for (const written of ['{"read":["a-secret-token"]', '[]', 'null', { port: ['a-secret-token'] }]) {
    const { code, stderr } = await waybill(['serve', '--config', fileOf(context, written)]);
    assert.equal(code, 2);
    assert.match(stderr, /\(CONFIG_UNREADABLE\)/);
    assert.doesNotMatch(stderr, /a-secret-token/);
  }
  assert.equal((await waybill(['serve', '--config', join(temporaryFolder(context), 'none.json')])).code, 2);
});

test('a wrong value is named by where it came from', async () => {
  const { code, stderr } = await waybill(['serve'], { env: { WAYBILL_PORT: '70000' } });
  assert.equal(code, 2);
  assert.match(stderr, /^error: WAYBILL_PORT has to be a number from 0 to 65535, and is 70000/);
});

test('tokens are those of the environment and those of the file', (context) => {
  const file = fileOf(context, { read: ['c'], admin: ['d'] });
  const env = { WAYBILL_INGEST_TOKEN: 'a, b\n', WAYBILL_READ_TOKEN: 'e' };
  assert.deepEqual(tokensOf(file, env), { ingest: ['a', 'b'], read: ['e', 'c'], admin: ['d'] });
  for (const written of [{ read: 'c' }, { raed: ['c'] }, { read: [1] }])
    assert.throws(() => tokensOf(fileOf(context, written), {}), { code: /^CONFIG_UN/ });
});

test('without tokens the ledger does not begin where others can reach it', async (context) => {
  const { code, stderr } = await waybill([
    'serve',
    '--host',
    '0.0.0.0',
    '--port',
    '0',
    '--data',
    temporaryFolder(context),
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /does not listen on 0\.0\.0\.0 \(ADDRESS_PUBLIC\)\nfix: {3}Set WAYBILL_INGEST_TOKEN/);
});

test('with tokens it does, and the command line shows its own', async (context) => {
  const env = { WAYBILL_INGEST_TOKEN: 'an-ingest-token-one', WAYBILL_READ_TOKEN: 'a-token-that-reads' };
  const child = startWaybill(['serve', '--host', '0.0.0.0', '--port', '0', '--data', temporaryFolder(context)], env);
  context.after(() => child.kill('SIGKILL'));
  const end = ended(child);
  const [, port] = await said(child, /^Ledger {2}http:\/\/0\.0\.0\.0:(\d+) .*\nTokens {2}ingest 1, read 1, admin 0\n/);
  const asked = (token?: string) =>
    waybill(['why', 'PWASC1'], {
      env: { WAYBILL_URL: `http://127.0.0.1:${port}`, ...(token && { WAYBILL_TOKEN: token }) },
    });
  const codes = [await asked(), await asked('an-ingest-token-one'), await asked('a-token-that-reads')];
  assert.deepEqual(
    codes.map(({ code }) => code),
    [6, 6, 3],
  );
  child.kill('SIGTERM');
  assert.equal((await end).code, 0);
});

test('the page of operations has each setting with its flag, its variable and what it is otherwise', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
  for (const [key, { flag, variable, byDefault, says }] of Object.entries(SETTINGS))
    assert.ok(
      page.includes(
        `| \`${key}\` | \`--${flag}\` | \`${variable}\` | ${byDefault ? `\`${byDefault}\`` : ''} | ${says} |`,
      ),
      key,
    );
  for (const variable of Object.values(TOKEN_VARIABLES)) assert.ok(page.includes(`\`${variable}\``), variable);
});
