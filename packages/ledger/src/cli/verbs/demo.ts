import type { Call, Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';
import { listenLocally, urlDefault } from '../ports.ts';
import { letGoOfParent, stopped } from '../stopped.ts';

export const demo: Verb = {
  name: 'demo',
  operands: '',
  group: 'LEDGER',
  says: 'show a recorded workflow, with nothing to set up',
  flags: ['port', 'color', 'quiet', 'debug', 'help', 'version'],
  examples: [['waybill demo', 'then ask from another shell; Ctrl-C leaves nothing']],
  run: runDemo,
};

async function runDemo(call: Call): Promise<number> {
  refuseOperands(call);
  const { given, print, remark, terminal } = call;
  // Late: questions to a server need neither SQLite nor the routes.
  const [{ openRecording }, { demoText }] = await Promise.all([import('../recording.ts'), import('../text/demo.ts')]);
  const { app, recordedAt, loaded } = await openRecording();
  try {
    const stop = stopped();
    const server = await listenLocally(app, given.get('port'), 'demo');
    if (server.url !== urlDefault)
      remark(`Listens on another port. Where you ask, first: export WAYBILL_URL=${server.url}\n`);
    remark(`Its answers are as of ${recordedAt.slice(0, 19).replace('T', ' ')}, when it was recorded.\n`);
    print(demoText(loaded, terminal));
    await stop;
    await server.close();
  } finally {
    await app.close();
    letGoOfParent();
  }
  return 0;
}
