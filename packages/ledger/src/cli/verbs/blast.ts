import type { BlastData } from '../../questions/blast/answer.ts';
import { askQuestion, QUESTION_FLAGS } from '../asking.ts';
import type { Verb } from '../call.ts';

export const blast: Verb = {
  name: 'blast',
  operands: '<id>',
  group: 'QUESTIONS',
  says: 'what did this lead to, and what else did its trouble hit?',
  flags: ['list', ...QUESTION_FLAGS],
  examples: [
    ['waybill blast PWASC1', 'what it caused, and who shares its trouble'],
    ['waybill blast PWASC1 --list', 'each of them by its id'],
  ],
  run: async (call) => {
    const { blastListText, blastText } = await import('../text/blast.ts');
    return askQuestion<BlastData>('blast', call, call.given.has('list') ? blastListText : blastText);
  },
};
