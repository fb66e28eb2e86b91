import assert from 'node:assert/strict';
import type { Context } from '../../core/context.ts';
import { bind, current, logFields, withBindings } from '../../core/scope.ts';
import type { Case } from '../case.ts';
import { ONE_ORDER } from './one-order.ts';

/** The context that a handler runs in; a delivery always has one. */
function here(): Context {
  return current() ?? assert.fail('a handler ran outside every scope');
}

/** What only some libraries can do. */
export const TRANSPORT_CASES: readonly Case[] = [
  {
    outcome: 'of two messages with one key the library takes one, and that one keeps its own cause and bindings',
    needs: 'deduplication',
    async act({ request, sendWithKey, consume, until }) {
      const orders: unknown[] = [];
      for (const order of ['ORD-1', 'ORD-2']) {
        await request(() => withBindings({ order_id: order }, () => sendWithKey('orders', 'once', { id: 1 })));
      }
      await consume('orders', () => orders.push(logFields()['order_id']));
      await until('orders#1 settled');
      assert.deepEqual(orders, ['ORD-1']);
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'orders#1 sent in request by request for acme',
      'request settled ok',
      'request started attempt 1 in request L untrusted edge',
      'orders#2 sent in request by request for acme: duplicate',
      'request settled ok',
      'orders#1 started attempt 1 in request P command',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'each tick of a schedule is the root of a workflow of its own, whatever scope the schedule was made in',
    needs: 'schedule',
    isOpenEnded: true,
    async act({ request, schedule, consume, until }) {
      const ticks: Context[] = [];
      await request(() => {
        bind({ order_id: 'ORD-1' });
        return schedule('reports', 'nightly', { id: 1 });
      });
      await consume('reports', () => {
        assert.equal('order_id' in logFields(), false);
        ticks.push(here());
      });
      await until('reports#2 settled ok');
      const [first, second] = ticks;
      assert.ok(first !== undefined && second !== undefined);
      assert.notEqual(first.correlationId, second.correlationId);
      for (const { messageId, correlationId, causationId } of ticks) {
        assert.deepEqual([correlationId, causationId], [messageId, null]);
      }
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'request settled ok',
      'reports#1 started attempt 1 in reports#1 root schedule',
      'reports#1 settled ok',
      'reports#2 started attempt 1 in reports#2 root schedule',
      'reports#2 settled ok',
    ],
  },
  {
    outcome: "a flow's messages are caused by whoever created it, and the parent's start says what released it",
    needs: 'flow',
    async act({ request, sendFlow, consume, until }) {
      await request(() => sendFlow('parents', ['children', 'children'], { id: 1 }));
      await consume('children', () => {});
      await consume('parents', () => {});
      await until('parents#1 settled ok');
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'children#1 sent in a flow in request by request for acme',
      'children#2 sent in a flow in request by request for acme',
      'parents#1 sent in a flow in request by request for acme',
      'request settled ok',
      'children#1 started attempt 1 in request L flow',
      'children#1 settled ok',
      'children#2 started attempt 1 in request L flow',
      'children#2 settled ok',
      'parents#1 started attempt 1 in request released by children L flow',
      'parents#1 settled ok',
    ],
  },
  {
    outcome: 'a message whose worker died is delivered again as the same message, in another execution',
    needs: 'stall',
    isOpenEnded: true,
    async act({ request, send, consume, consumeAndDie, until }) {
      const seen: Context[] = [];
      await request(() => withBindings({ order_id: 'ORD-1' }, () => send('orders', { id: 1 })));
      await consumeAndDie('orders', () => {
        bind({ step: 'charged' });
        seen.push(here());
      });
      await consume('orders', () => {
        assert.deepEqual([logFields()['order_id'], logFields()['step']], ['ORD-1', undefined]);
        seen.push(here());
      });
      await until('orders#1 settled ok');
      const [first, second] = seen;
      assert.ok(first !== undefined && second !== undefined);
      assert.notEqual(first.executionId, second.executionId);
      for (const { messageId, correlationId, causationId } of seen) {
        assert.deepEqual(
          [messageId, correlationId, causationId],
          [first.messageId, first.correlationId, first.causationId],
        );
      }
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok'],
  },
];
