import type { TraceAnswer } from '../../questions/trace/trace.ts';
import { askQuestion, QUESTION_FLAGS } from '../asking.ts';
import type { Verb } from '../call.ts';

export const trace: Verb = {
  name: 'trace',
  operands: '<id>',
  group: 'QUESTIONS',
  says: 'what belongs to this workflow, and what caused what?',
  flags: QUESTION_FLAGS,
  examples: [
    ['waybill trace ORD-48213', 'by a business key'],
    ['waybill trace PWASC1 --as-of 14:30', 'as it stood at half past two'],
  ],
  run: async (call) => {
    const { traceText } = await import('../text/trace.ts');
    return askQuestion<TraceAnswer>('trace', call, traceText);
  },
};
