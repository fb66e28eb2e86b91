import { sizeOf, spanOf } from '../amounts.ts';
import type { Call, Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';
import { elsewhere, portOf } from '../ports.ts';
import { readDestinations, readSettings } from '../settings.ts';
import { keepHeapSmall } from '../small-heap.ts';
import { letGoOfParent, stopped } from '../stopped.ts';
import { openStore } from '../stores.ts';
import { tokensOf } from '../tokens.ts';

export const serve: Verb = {
  name: 'serve',
  operands: '',
  group: 'LEDGER',
  says: 'receive facts, and answer questions about them',
  flags: [
    'host',
    'port',
    'data',
    'clickhouse',
    'keep',
    'max-bytes',
    'tokens',
    'config',
    'quiet',
    'debug',
    'help',
    'version',
  ],
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
  const [keep, bytesMax] = [setting('keep'), setting('max_bytes')];
  const retention = { keepMs: keep && spanOf(keep), bytesMax: bytesMax && sizeOf(bytesMax) };
  const tokens = tokensOf(setting('tokens')?.value, env);
  const destinations = readDestinations(given);
  keepHeapSmall(process);
  // Late: questions to a server need none of the routes.
  const [{ createApp }, { listen }, { declareDestinations }] = await Promise.all([
    import('../../server/app.ts'),
    import('../../server/listen.ts'),
    import('../../server/declare-destinations.ts'),
  ]);
  const { store, place } = await openStore(setting);
  try {
    const stop = stopped();
    await declareDestinations(store, destinations, call.now);
    const app = createApp({ store, tokens, retention });
    const server = await listen(app, { port, hostname }).catch((error: unknown) => {
      throw elsewhere(error, 'serve', port);
    });
    const { facts } = await store.read((reader) => reader.extent());
    print(`Ledger  ${server.url}  (${place}, ${facts} fact${facts === 1 ? '' : 's'})\n`);
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
    letGoOfParent();
  }
  return 0;
}
