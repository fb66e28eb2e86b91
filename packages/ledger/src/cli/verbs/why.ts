import type { WhyAnswer } from '../../questions/why/why.ts';
import { askQuestion, QUESTION_FLAGS } from '../asking.ts';
import type { Verb } from '../call.ts';

export const why: Verb = {
  name: 'why',
  operands: '<id>',
  group: 'QUESTIONS',
  says: 'which request created this, and where did its time go?',
  flags: QUESTION_FLAGS,
  examples: [
    ['waybill why PWASC1', 'by the ending of an id'],
    ['tail -1 app.log | waybill why -', 'by the ids in a log line or stack trace'],
  ],
  run: async (call) => {
    const { whyText } = await import('../text/why.ts');
    return askQuestion<WhyAnswer>('why', call, whyText);
  },
};
