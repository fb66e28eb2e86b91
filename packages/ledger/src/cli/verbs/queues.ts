import { ledgerError } from '../../errors.ts';
import type { QueuesData } from '../../questions/queues/answer.ts';
import { askWindow, WINDOW_FLAGS } from '../asking-window.ts';
import type { Verb } from '../call.ts';
import { refuseOperands } from '../operands.ts';

const ORDERS: readonly string[] = ['oldest', 'depth', 'name', 'consumers'];

export const queues: Verb = {
  name: 'queues',
  operands: '',
  group: 'QUESTIONS',
  says: 'where does work wait, and who takes it?',
  flags: ['sort', ...WINDOW_FLAGS],
  examples: [['waybill queues --sort depth', 'where most waits first']],
  run: async (call) => {
    refuseOperands(call);
    const sort = call.given.get('sort');
    if (sort !== undefined && !ORDERS.includes(sort))
      throw ledgerError('ARGUMENT_INVALID', '--sort', ORDERS.join(', '), sort);
    const { queuesText } = await import('../text/queues.ts');
    return askWindow<QueuesData>('queues', call, { textOf: queuesText }, sort === undefined ? {} : { sort });
  },
};
