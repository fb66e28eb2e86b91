import type { FailuresData } from '../../questions/failures/answer.ts';
import { askWindow, CHECK_FLAGS } from '../asking-window.ts';
import type { Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';

export const failures: Verb = {
  name: 'failures',
  operands: '',
  group: 'QUESTIONS',
  says: 'what fails, and of what?',
  flags: CHECK_FLAGS,
  examples: [['waybill failures --tenant acme-eu', 'by cause, of one tenant']],
  run: async (call) => {
    refuseOperands(call);
    const { failuresText } = await import('../text/failures.ts');
    return askWindow<FailuresData>('failures', call, {
      textOf: failuresText,
      isFound: ({ total_failed_executions }) => total_failed_executions > 0,
    });
  },
};
