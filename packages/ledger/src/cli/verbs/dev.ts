import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerError } from '../../errors.ts';
import type { Listening } from '../../server/listen.ts';
import { sizeOf } from '../amounts.ts';
import type { Call, Verb } from '../call.ts';
import { listenLocally, urlDefault } from '../ports.ts';
import { letGoOfParent } from '../stopped.ts';
import { terminalOf } from '../terminal.ts';

export const dev: Verb = {
  name: 'dev',
  operands: '<command>',
  group: 'LEDGER',
  says: 'run an app with a ledger of its own beside it',
  flags: ['port', 'data', 'max-bytes', 'quiet', 'debug', 'help', 'version'],
  examples: [
    ['waybill dev -- npm start', 'and nothing is kept'],
    ['waybill dev --data .waybill -- npm start', 'keeps the ledger'],
  ],
  run: runDev,
};

const bytesMaxDefault = '256MiB';
/** An app that is tried out may fill a ledger within a minute. */
const RETENTION = { sparedMs: 60_000, everyMs: 10_000 };

async function runDev(call: Call): Promise<number> {
  const { operands, given, env, remark } = call;
  if (operands.length === 0) throw ledgerError('ARGUMENT_MISSING', 'dev', 'a command: waybill dev -- npm start');
  const bytesMax = sizeOf({ name: '--max-bytes', value: given.get('max-bytes') ?? bytesMaxDefault });
  // Late: questions to a server need neither SQLite nor the routes.
  const [{ openSqliteStore }, { createApp }, { tellingWorkflows }, { runCommand }] = await Promise.all([
    import('../../store/sqlite.ts'),
    import('../../server/app.ts'),
    import('../workflow-lines.ts'),
    import('../run-command.ts'),
  ]);
  const path = join(folderOf(given.get('data')), 'ledger.sqlite');
  const { width } = terminalOf(process.stderr, env, {});
  const store = tellingWorkflows(openSqliteStore({ path }), width, remark);
  const app = createApp({ store, retention: { ...RETENTION, bytesMax } });
  let server: Listening | undefined;
  try {
    server = await listenLocally(app, given.get('port'), 'dev', ...operands);
    const { url } = server;
    const asking = url === urlDefault ? '' : `. Where you ask, first: export WAYBILL_URL=${url}`;
    remark(`waybill: ledger at ${url}${asking}\n`);
    // No variable of OpenTelemetry's: the app's own exporters go on sending where they did.
    const options = { env: { ...env, WAYBILL_URL: url }, isOnTerminal: process.stdin.isTTY === true, remark };
    return await runCommand(operands, options);
  } finally {
    await (server ?? app).close();
    letGoOfParent();
  }
}

/** A folder that goes with this process, however it ends; or the one that is given, which stays. */
function folderOf(given: string | undefined): string {
  if (given !== undefined) {
    mkdirSync(given, { recursive: true });
    return given;
  }
  const folder = mkdtempSync(join(tmpdir(), 'waybill-dev-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
