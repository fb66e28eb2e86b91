import assert from 'node:assert/strict';
import { bind, logFields } from '../../core/scope.ts';
import type { Case } from '../case.ts';
import { ONE_ORDER } from './one-order.ts';

function cycle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}

/** Log fields as careless apps bind them. */
const HOSTILE: readonly (readonly [what: string, make: () => unknown, isLost?: true])[] = [
  ['a BigInt', () => 2n ** 70n],
  ['an object that contains itself', cycle, true],
  ['a function', () => () => 'called', true],
  ['a text of a megabyte', () => 'x'.repeat(1024 * 1024)],
  ['bytes', () => Buffer.from('bytes'), true],
  ['half a surrogate pair and a NUL', () => 'a\ud800b\u0000c'],
];

/** What cannot be carried as it is, is marked in the fact of the send. */
const [REQUEST, SENT, ...REST] = ONE_ORDER;

/** What a binding may be, and must not do to the message that carries it. */
export const HOSTILE_CASES: readonly Case[] = HOSTILE.map(([what, make, isLost]) => ({
  outcome: `bindings that hold ${what} never stop the send, and the fields beside them arrive`,
  async act({ request, send, consume, until }) {
    let line: Record<string, unknown> = {};
    let seen: unknown;
    await request(() => {
      bind({ order_id: 'ORD-1' });
      bind({ hostile: make() });
      return send('orders', { id: 1 });
    });
    await consume('orders', (payload) => {
      line = logFields();
      seen = payload;
    });
    await until('orders#1 settled');
    assert.deepEqual([line['order_id'], seen], ['ORD-1', { id: 1 }]);
  },
  facts: [REQUEST, isLost ? `${SENT}, 1 lost` : SENT, ...REST, 'orders#1 settled ok'],
}));
