import { ledgerError } from '../../errors.ts';
import type { ReplayData } from '../../questions/replay/answer.ts';
import { askQuestion, QUESTION_FLAGS } from '../asking.ts';
import type { Call, Verb } from '../call.ts';

export const replay: Verb = {
  name: 'replay',
  operands: '<id>',
  group: 'QUESTIONS',
  says: 'what would sending this again do, and do twice?',
  flags: ['plan', 'execute', 'reason', 'actor', 'yes', ...QUESTION_FLAGS],
  examples: [
    ['waybill replay 21KYV7 --plan', 'changes nothing'],
    ["waybill replay 21KYV7 --execute --reason 'fixed'", 'by waybill.config.mjs'],
  ],
  run: runReplay,
};

async function runReplay(call: Call): Promise<number> {
  const { given } = call;
  const { replayText } = await import('../text/replay.ts');
  if (!given.has('execute')) return askQuestion<ReplayData>('replay', call, replayText);
  for (const flag of ['plan', 'as-of'] as const)
    if (given.has(flag)) throw ledgerError('ARGUMENT_INVALID', '--execute', `given without --${flag}`, 'given with it');
  const { executeReplay } = await import('../execute-replay.ts');
  try {
    const page: typeof replayText = (data, asOf, terminal) => replayText(data, asOf, { ...terminal, hasHints: false });
    return await askQuestion<ReplayData>('replay', call, page, (ledger, data) => executeReplay(call, ledger, data));
  } finally {
    // What the app's configuration has opened, a connection to its broker perhaps, does not keep us when all is said.
    setImmediate(() => process.exit());
  }
}
