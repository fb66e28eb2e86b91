import type { TailData } from '../../questions/tail/answer.ts';
import { askWindow, WINDOW_FLAGS } from '../asking-window.ts';
import type { Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';

export const tail: Verb = {
  name: 'tail',
  operands: '',
  group: 'QUESTIONS',
  says: 'what happened last?',
  flags: WINDOW_FLAGS,
  examples: [
    ['waybill tail --limit 5', 'the last five facts'],
    ['waybill tail --since 14:50 --json', 'each fact as a line of JSON'],
  ],
  run: async (call) => {
    refuseOperands(call);
    const { tailText } = await import('../text/tail.ts');
    return askWindow<TailData>('tail', call, { textOf: tailText, itemsOf: ({ facts }) => facts });
  },
};
