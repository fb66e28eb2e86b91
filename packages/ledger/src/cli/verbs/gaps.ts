import type { GapsData } from '../../questions/gaps/answer.ts';
import { askWindow, CHECK_FLAGS } from '../asking-window.ts';
import type { Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';

export const gaps: Verb = {
  name: 'gaps',
  operands: '',
  group: 'QUESTIONS',
  says: 'where was context lost, and who lost it?',
  flags: CHECK_FLAGS,
  examples: [['waybill gaps --since 14:00', "by boundary, since two o'clock"]],
  run: async (call) => {
    refuseOperands(call);
    const { gapsText } = await import('../text/gaps.ts');
    return askWindow<GapsData>('gaps', call, {
      textOf: gapsText,
      isFound: ({ total_messages }) => total_messages > 0,
    });
  },
};
