import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLedgerError, ledgerError } from '../../errors.ts';
import { sizeOf, spanOf } from '../amounts.ts';
import type { Call, Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';
import { readSettings, type Setting } from '../settings.ts';
import { tokensOf } from '../tokens.ts';

const portMax = 65_535;

export const serve: Verb = {
  name: 'serve',
  operands: '',
  group: 'LEDGER',
  says: 'receive facts, and answer questions about them',
  flags: ['host', 'port', 'data', 'keep', 'max-bytes', 'tokens', 'config', 'debug', 'help', 'version'],
  examples: [
    ['waybill serve', 'on port 7733, its file in .waybill'],
    ['waybill serve --port 0 --data ./trial', 'on any free port, in another folder'],
  ],
  run: runServer,
};

async function runServer(call: Call): Promise<number> {
  refuseOperands(call);
  const { given, env, print } = call;
  const setting = readSettings(given, env);
  const port = portOf(setting('port'));
  const hostname = setting('host')?.value ?? '';
  const folder = setting('data')?.value ?? '';
  const [keep, bytesMax] = [setting('keep'), setting('max_bytes')];
  const retention = { keepMs: keep && spanOf(keep), bytesMax: bytesMax && sizeOf(bytesMax) };
  const tokens = tokensOf(setting('tokens')?.value, env);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'ledger.sqlite');
  // Late: questions to a server need neither SQLite nor the routes.
  const [{ openSqliteStore }, { createApp }, { listen }] = await Promise.all([
    import('../../store/sqlite.ts'),
    import('../../server/app.ts'),
    import('../../server/listen.ts'),
  ]);
  const store = openSqliteStore({ path });
  try {
    const stop = stopped();
    const app = createApp({ store, tokens, retention });
    const server = await listen(app, { port, hostname }).catch((error: unknown) => {
      throw elsewhere(error, port);
    });
    const { facts } = await store.read((reader) => reader.extent());
    print(`Ledger  ${server.url}  (${path}, ${facts} fact${facts === 1 ? '' : 's'})\n`);
    if (app.hasTokens)
      print(
        `Tokens  ${Object.entries(tokens)
          .map(([kind, { length }]) => `${kind} ${length}`)
          .join(', ')}\n`,
      );
    print('Ctrl-C to stop.\n');
    await stop;
    await server.close();
  } finally {
    await store.close();
    // Listening for the parent to go keeps the channel, and with it this process, open.
    process.channel?.unref();
  }
  return 0;
}

function portOf(setting: Setting | undefined): number {
  const { name, value } = setting ?? { name: '--port', value: '' };
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > portMax)
    throw ledgerError('ARGUMENT_INVALID', name, `a number from 0 to ${portMax}`, value);
  return port;
}

/** Resolves when somebody asks it to stop; whoever asks twice does not want to wait. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const)
      process.on(signal, () => {
        process.on(signal, () => process.exit(code));
        resolve();
      });
    // A ledger that was started as somebody's child does not outlive them.
    process.once('disconnect', resolve);
  });
}

/** Another port is what one would try next: the next one is likely free. */
function elsewhere(error: unknown, port: number): unknown {
  if (!isLedgerError(error) || error.code !== 'PORT_UNAVAILABLE') return error;
  return Object.assign(error, { fix: `waybill serve --port ${port < portMax ? port + 1 : 0}` });
}
