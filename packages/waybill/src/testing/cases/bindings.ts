import assert from 'node:assert/strict';
import { bind, current, keepScope, logFields, withBindings } from '../../core/scope.ts';
import type { Case, World } from '../case.ts';
import { ONE_ORDER } from './one-order.ts';

const STRANGER = [
  'orders#2 gap no_context',
  'orders#2 started attempt 1 in orders#2 root no_context',
  'orders#2 settled ok',
];

/** A line of the app's, and the span of the run that it is of; none, where no tracer runs. */
function lineHere(): Line {
  return { fields: logFields(), spanId: current()?.spanId ?? null };
}

interface Line {
  readonly fields: Record<string, unknown>;
  readonly spanId: string | null;
}

/** Sends one order with bindings, and when it is settled a stranger without any; gives what the second one logged. */
async function secondLine(world: World, first: () => unknown, settled: string): Promise<Line> {
  let line: Line = { fields: {}, spanId: null };
  let deliveries = 0;
  await world.request(() => withBindings({ order_id: 'ORD-1' }, () => world.send('orders', { id: 1 })));
  await world.consume('orders', () => {
    if (++deliveries <= (settled.includes('dead') ? 2 : 1)) return first();
    line = lineHere();
    return undefined;
  });
  await world.until(settled);
  await world.sendForeign('orders', { id: 2 });
  await world.until('orders#2 settled');
  return line;
}

function assertClean({ fields: { span_id, ...others }, spanId }: Line): void {
  assert.deepEqual(Object.keys(others).sort(), ['attempt', 'correlation_id', 'execution_id', 'message_id', 'trace_id']);
  assert.equal(span_id ?? null, spanId);
}

export const BINDING_CASES: readonly Case[] = [
  {
    outcome: "the log fields bound in the request are in the handler's lines, and hidden ones are not",
    async act({ request, send, consume, until }) {
      let line: Record<string, unknown> = {};
      await request(() => {
        bind({ order_id: 'ORD-1', items: ['é', 2], password: 'hunter2' });
        bind({ plan: 'secret deal' }, { hidden: true });
        return send('orders', { id: 1 });
      });
      await consume('orders', () => {
        line = logFields();
      });
      await until('orders#1 settled');
      assert.deepEqual([line['order_id'], line['items'], line['password']], ['ORD-1', ['é', 2], '[redacted]']);
      assert.equal('plan' in line, false);
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok'],
  },
  {
    outcome: 'nothing leaks into the next delivery when a handler returns',
    async act(world) {
      assertClean(await secondLine(world, () => void bind({ customer: 'C-7' }), 'orders#1 settled ok'));
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok', ...STRANGER],
  },
  {
    outcome: 'nothing leaks into the next delivery when a handler throws',
    needs: 'retry',
    async act(world) {
      const fail = () => {
        bind({ customer: 'C-7' });
        throw new Error('no stock');
      };
      assertClean(await secondLine(world, fail, 'orders#1 settled dead'));
    },
    facts: [
      ...ONE_ORDER,
      'orders#1 settled retry: no stock',
      'orders#1 started attempt 2 in request L retry',
      'orders#1 settled dead: no stock',
      ...STRANGER,
    ],
  },
  {
    outcome: 'a timer that a handler leaves running keeps its own scope, says that it is late, and leaks nothing',
    async act(world) {
      const fired = Promise.withResolvers<Record<string, unknown>>();
      const leave = () => void setTimeout(() => fired.resolve(logFields()), 200);
      assertClean(await secondLine(world, leave, 'orders#1 settled ok'));
      const late = await fired.promise;
      assert.deepEqual([late['order_id'], late['late']], ['ORD-1', true]);
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok', ...STRANGER],
  },
  {
    outcome: 'nothing leaks from the scope in which the worker was started',
    async act({ request, sendForeign, consume, until }) {
      let line: Line = { fields: {}, spanId: null };
      await request(() =>
        withBindings({ deploy: 'D-1' }, () =>
          consume('orders', () => {
            line = lineHere();
          }),
        ),
      );
      await sendForeign('orders', { id: 1 });
      await until('orders#1 settled');
      assertClean(line);
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'request settled ok',
      'orders#1 gap no_context',
      'orders#1 started attempt 1 in orders#1 root no_context',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'deliveries that run at the same time see each their own bindings',
    needs: 'concurrency',
    async act({ request, send, consume, until }) {
      const seen: unknown[] = [];
      const both = Promise.withResolvers<void>();
      for (const order of ['ORD-1', 'ORD-2']) {
        await request(() => withBindings({ order_id: order }, () => send('orders', { order })));
      }
      let running = 0;
      const handler = async (payload: unknown) => {
        if (++running === 2) both.resolve();
        await both.promise; // neither goes on before the other has begun
        seen.push([(payload as { order: string }).order, logFields()['order_id']]);
      };
      await consume('orders', handler, 2);
      await until('orders#1 settled');
      await until('orders#2 settled');
      assert.deepEqual(seen.sort(), [
        ['ORD-1', 'ORD-1'],
        ['ORD-2', 'ORD-2'],
      ]);
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'request started attempt 1 in request L untrusted edge',
      'orders#1 sent in request by request for acme',
      'orders#2 sent in request by request for acme',
      'request settled ok',
      'request settled ok',
      'orders#1 started attempt 1 in request P command',
      'orders#2 started attempt 1 in request P command',
      'orders#1 settled ok',
      'orders#2 settled ok',
    ],
  },
  {
    outcome: 'a callback given to a foreign client keeps the scope of its handler',
    async act({ request, send, consume, until }) {
      let callback = () => ({}) as Record<string, unknown>;
      await request(() => withBindings({ order_id: 'ORD-1' }, () => send('orders', { id: 1 })));
      await consume('orders', () => {
        callback = keepScope(() => logFields());
      });
      await until('orders#1 settled');
      assert.equal(callback()['order_id'], 'ORD-1');
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok'],
  },
];
