import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERBS } from '../../src/cli/verbs.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { handled } from '../questions/fact-makers.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { answering, ended, ledgerFile, startWaybill, temporaryFolder } from './command.ts';
import { performed } from './performed.ts';

const facts = fileURLToPath(new URL('../../demo/workflow.json', import.meta.url));

/** What a verb is held to at the edges: a question about an id, by some words, or about a time, a check, work on a file, what runs on, or what asks nobody. */
type Line =
  | { readonly asks: 'id' | 'words' | 'time' }
  | { readonly checks: true }
  | Work
  | { readonly runsOn: readonly string[] }
  | { readonly tells: readonly string[] };

interface Work {
  /** Its words, in a folder of its own. */
  readonly words: (folder: string) => readonly string[];
  /** Its exit codes: where there is no ledger, and where that is of a newer schema. */
  readonly missing: number;
  readonly newer: number;
}

/** Each verb has its line. */
const LINES: Readonly<Record<string, Line>> = {
  why: { asks: 'id' },
  trace: { asks: 'id' },
  blast: { asks: 'id' },
  replay: { asks: 'id' },
  gaps: { asks: 'time' },
  overdue: { asks: 'time' },
  failures: { asks: 'time' },
  queues: { asks: 'time' },
  doctor: { checks: true },
  search: { asks: 'words' },
  tail: { asks: 'time' },
  demo: { runsOn: ['demo'] },
  dev: { runsOn: ['dev', 'npm', 'start'] },
  serve: { runsOn: ['serve'] },
  export: { words: () => [], missing: 5, newer: 8 },
  import: { words: () => [facts], missing: 0, newer: 8 },
  backup: { words: (folder) => [join(folder, 'copy')], missing: 5, newer: 8 },
  restore: { words: (folder) => [join(folder, 'none')], missing: 5, newer: 2 },
  completion: { tells: ['completion', 'bash'] },
  migrate: { words: () => [], missing: 5, newer: 8 },
  forget: { words: () => ['--tenant', 'acme-eu', '--yes'], missing: 5, newer: 8 },
};

test('every verb is held to what is said at its edges', () => {
  assert.deepEqual(Object.keys(LINES).sort(), VERBS.map(({ name }) => name).sort());
});

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One line that says what happened, one to paste or follow, and nothing of where in our code. */
function assertSaid({ code, stdout, stderr }: Said, expected: number, what: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.match(stderr, what);
  assert.match(stderr, /^error: .* \([A-Z_]+\)$/m);
  assert.match(stderr, /^fix: {3}\S/m);
  assert.doesNotMatch(stderr, /\n\s+at /);
  assert.equal(stdout, '');
}

async function newerLedger(context: TestContext): Promise<string> {
  const path = join(temporaryFolder(context), 'newer.sqlite');
  await openSqliteStore({ path }).close();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 999');
  database.close();
  return path;
}

/** Two messages whose ids end alike. */
const alike = ['msg_01KKY1NB8XFWSAEFM6GEPWASC1', 'msg_01KKY1NB8XFWSAEFM6GFPWASC1'].flatMap((id) => handled(id, 1_000));

for (const [verb, line] of Object.entries(LINES)) {
  if ('asks' in line) {
    const words = [verb, ...(line.asks === 'time' ? [] : ['PWASC1'])];

    test(`${verb}: a ledger that cannot be reached, answers of a newer version, and a file of a newer schema`, async (context) => {
      assertSaid(await performed(words), 5, /refused the connection \(LEDGER_UNREACHABLE\)/);
      const url = await answering(context, (_, response) => response.end(`{"schema":"waybill.${verb}/2"}`));
      assertSaid(await performed(words, { env: { WAYBILL_URL: url } }), 8, /\(LEDGER_NEWER\)/);
      assertSaid(
        await performed([...words, '--db', await newerLedger(context)]),
        8,
        /has schema 999.*\(LEDGER_NEWER\)/,
      );
      assertSaid(await performed([...words, '--db', '/none/at/all']), 5, /no such file \(LEDGER_UNOPENABLE\)/);
    });

    test(`${verb}: the errors of --json are documents, on stderr`, async () => {
      const { code, stdout, stderr } = await performed([...words, '--json']);
      const { schema, code: name, message, fix } = JSON.parse(stderr);
      assert.deepEqual([code, stdout, schema, name], [5, '', 'waybill.error/1', 'LEDGER_UNREACHABLE']);
      assert.ok(message && fix);
    });

    test(`${verb}: in a pipe there is no colour, no hint and no more than 80 columns; a closed one is no error`, async (context) => {
      const db = ['--db', await ledgerFile(context, workflowFacts()), '--as-of', WORKFLOW.captured_at];
      const { code, stdout, stderr } = await performed([...words, ...db]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(!stdout.includes('\u001b') && !stdout.includes('NEXT'));
      for (const text of stdout.split('\n')) assert.ok(text.length <= 80, text);
      const child = startWaybill([...words, ...db]);
      child.stdout?.destroy();
      const closed = await ended(child);
      assert.deepEqual([closed.code, closed.stderr], [0, '']);
    });
  }

  if ('asks' in line && line.asks === 'id') {
    test(`${verb}: an id that is unknown, or fits several, and a ledger that is empty`, async (context) => {
      const db = await ledgerFile(context, workflowFacts());
      const unknown = await performed([verb, 'PWASC2', '--db', db]);
      assertSaid(unknown, 3, new RegExp(`^did you mean PWASC1 .*\\nfix: {3}waybill ${verb} PWASC1$`, 'm'));
      assertSaid(await performed([verb, 'nonsense', '--db', db]), 3, /no id or key "nonsense" in 29 facts/);
      const empty = await ledgerFile(context, []);
      assertSaid(await performed([verb, 'nonsense', '--db', empty]), 3, /: the ledger is empty \(ID_UNKNOWN\)/);
      const several = await ledgerFile(context, alike);
      assertSaid(await performed([verb, 'PWASC1', '--db', several]), 4, /^ {2}msg_01KKY1NB8XFWSAEFM6GFPWASC1 /m);
      assertSaid(await performed([verb]), 2, /^fix: {3}waybill tail --limit 5$/m);
    });

    test(`${verb}: of another tenant nothing is answered, and no id is suggested`, async (context) => {
      const db = ['--db', await ledgerFile(context, workflowFacts())];
      const env = { WAYBILL_TENANT: 'borealis' };
      assertSaid(await performed([verb, 'PWASC1', ...db], { env }), 3, /\(ID_UNKNOWN\)/);
      const { stderr } = await performed([verb, 'PWASC2', ...db, '--tenant', 'borealis']);
      assert.doesNotMatch(stderr, /PWASC1/);
      assert.equal((await performed([verb, 'PWASC1', ...db, '--tenant', 'acme-eu'], { env })).code, 0);
    });
  }

  if ('asks' in line && line.asks === 'time')
    test(`${verb}: a ledger that is empty is said to be so in one sentence`, async (context) => {
      const { code, stdout } = await performed([verb, '--db', await ledgerFile(context, [])]);
      assert.equal(code, 0);
      assert.match(stdout, /^No(thing)? [^\n]*\.\n$/);
    });

  if ('checks' in line)
    test(`${verb}: what keeps it from asking a ledger is what it finds`, async (context) => {
      for (const more of [[], ['--db', '/none/at/all'], ['--db', await newerLedger(context)]]) {
        const { code, stdout, stderr } = await performed([verb, ...more]);
        assert.deepEqual([code, stderr], [10, '']);
        assert.match(stdout, /^fail {2}.*\n( +.*\n)* +fix: \S.*\n( +.*\n)*1 failure\n$/);
      }
    });

  if ('words' in line)
    test(`${verb}: without a ledger, and on one of a newer schema`, async (context) => {
      const folder = temporaryFolder(context);
      const words = [verb, ...line.words(folder)];
      const missing = await performed([...words, '--db', join(folder, 'missing.sqlite')]);
      if (line.missing === 0) assert.equal(missing.code, 0);
      else assertSaid(missing, line.missing, /missing\.sqlite|none/);
      assertSaid(await performed([...words, '--db', await newerLedger(context)]), line.newer, /999|terminal to ask/);
    });

  if ('runsOn' in line)
    test(`${verb}: a port that is none is wrong usage`, async () => {
      const [name = '', ...rest] = line.runsOn;
      assertSaid(await performed([name, '--port', 'none', ...rest]), 2, /--port has to be a number from 0 to 65535/);
    });

  if ('tells' in line)
    test(`${verb}: it asks no ledger, and a word too many is wrong usage`, async () => {
      assert.equal((await performed(line.tells)).code, 0);
      assertSaid(await performed([...line.tells, 'more']), 2, /\(ARGUMENT_INVALID\)/);
    });

  test(`${verb}: its help fits a screen, and a flag that it does not have is answered with its nearest`, async () => {
    const { code, stdout } = await performed([verb, '--help']);
    assert.equal(code, 0);
    assert.ok(stdout.split('\n').length <= 25, stdout);
    for (const text of stdout.split('\n')) assert.ok(text.length <= 80, text);
    assertSaid(
      await performed([verb, '--halp']),
      2,
      /has no flag "--halp" \(FLAG_UNKNOWN\)\nfix: {3}waybill .*--help$/m,
    );
  });
}
