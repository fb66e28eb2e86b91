import type { OverdueData } from '../../questions/overdue/answer.ts';
import { askWindow, CHECK_FLAGS } from '../asking-window.ts';
import type { Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';

export const overdue: Verb = {
  name: 'overdue',
  operands: '',
  group: 'QUESTIONS',
  says: 'what was sent and never started, or never ended?',
  flags: CHECK_FLAGS,
  examples: [['waybill overdue --check', 'for a script: exits with 10 if anything is']],
  run: async (call) => {
    refuseOperands(call);
    const { overdueText } = await import('../text/overdue.ts');
    return askWindow<OverdueData>('overdue', call, {
      textOf: overdueText,
      isFound: ({ total_overdue }) => total_overdue > 0,
    });
  },
};
