import { ledgerError } from '../../errors.ts';
import type { TailData } from '../../questions/tail/answer.ts';
import { askWindow, jsonLines, WINDOW_FLAGS } from '../asking-window.ts';
import type { Call, Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';
import { shownDocument } from '../shown.ts';

export const tail: Verb = {
  name: 'tail',
  operands: '',
  group: 'QUESTIONS',
  says: 'what happened last?',
  flags: ['follow', ...WINDOW_FLAGS],
  examples: [['waybill tail --limit 5 --follow', 'the last five facts, and those that come']],
  run: runTail,
};

async function runTail(call: Call): Promise<number> {
  refuseOperands(call);
  const { given, terminal, print, remark } = call;
  const { factText, tailText } = await import('../text/tail.ts');
  const page = { textOf: tailText, itemsOf: ({ facts }: TailData) => facts };
  if (!given.has('follow')) return askWindow<TailData>('tail', call, page);
  for (const end of ['until', 'as-of'] as const)
    if (given.has(end)) throw ledgerError('ARGUMENT_INVALID', '--follow', `without --${end}`, 'given with it');
  return askWindow<TailData>('tail', call, {
    ...page,
    async goOn({ ledger, parameters: { since, tenant }, document: { data, as_of } }) {
      const filter = { ...(since && { since }), ...(tenant && { tenant }) };
      // Late: no other command reads a stream.
      const { followed } = await import('../following.ts');
      const lost = () => remark('the ledger is away: trying again\n');
      for await (const fact of followed(ledger, filter, data.cursor ?? '0', lost)) {
        const shown = () => factText(shownDocument(fact, call), shownDocument(as_of, call), terminal);
        print(given.has('json') ? jsonLines([fact]) : shown());
      }
    },
  });
}
