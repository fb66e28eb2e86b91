import assert from 'node:assert/strict';
import { bind, current, logFields, withBindings } from '../../core/scope.ts';
import type { Case } from '../case.ts';
import { ONE_ORDER } from './one-order.ts';

export const RETRY_CASES: readonly Case[] = [
  {
    outcome: 'a retry keeps message, workflow and cause, raises the attempt, and starts from the original bindings',
    needs: 'retry',
    async act({ request, send, consume, until }) {
      const attempts: unknown[] = [];
      await request(() => withBindings({ order_id: 'ORD-1' }, () => send('orders', { id: 1 })));
      await consume('orders', () => {
        const { messageId, correlationId, causationId, attempt } = current() ?? {};
        attempts.push({ messageId, correlationId, causationId, fields: logFields()['order_id'], attempt });
        assert.equal('step' in logFields(), false);
        bind({ step: 'charged', order_id: 'changed' });
        if (attempts.length === 1) throw new Error('no stock');
      });
      await until('orders#1 settled ok');
      const [first, second] = attempts as Record<string, unknown>[];
      assert.deepEqual({ ...second, attempt: 1 }, { ...first, attempt: 1 });
      assert.deepEqual([first?.['attempt'], second?.['attempt'], first?.['fields']], [1, 2, 'ORD-1']);
    },
    facts: [
      ...ONE_ORDER,
      'orders#1 settled retry: no stock',
      'orders#1 started attempt 2 in request L retry',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'two attempts that both send make two messages of one cause',
    needs: 'retry',
    async act({ request, send, consume, until }) {
      let attempts = 0;
      await request(() => send('orders', { id: 1 }));
      await consume('orders', async () => {
        await send('receipts', { id: 1 });
        if (++attempts === 1) throw new Error('no stock');
      });
      await until('orders#1 settled ok');
    },
    facts: [
      ...ONE_ORDER,
      'receipts#1 sent in request by orders#1 for acme',
      'orders#1 settled retry: no stock',
      'orders#1 started attempt 2 in request L retry',
      'receipts#2 sent in request by orders#1 for acme',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'a message taken from a dead-letter queue is the same message, with its workflow and bindings',
    needs: 'dead letter',
    async act({ request, send, consume, until }) {
      let line: Record<string, unknown> = {};
      const ids = new Set<string | undefined>();
      await request(() => withBindings({ order_id: 'ORD-1' }, () => send('orders', { id: 1 })));
      await consume('orders', () => {
        ids.add(current()?.messageId);
        throw new Error('no stock');
      });
      await consume('dead.orders', () => {
        ids.add(current()?.messageId);
        line = logFields();
      });
      await until('orders#1 settled ok');
      assert.equal(ids.size, 1);
      assert.equal(line['order_id'], 'ORD-1');
    },
    facts: [
      ...ONE_ORDER,
      'orders#1 settled retry: no stock',
      'orders#1 started attempt 2 in request L retry',
      'orders#1 settled dead: no stock',
      'orders#1 started attempt 1 in request dead-lettered L dead letter',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'the retries of a message that carries nothing are one message',
    needs: 'retry',
    async act({ sendForeign, consume, until }) {
      let attempts = 0;
      await sendForeign('orders', { id: 1 });
      await consume('orders', () => {
        if (++attempts === 1) throw new Error('no stock');
      });
      await until('orders#1 settled ok');
    },
    facts: [
      'orders#1 gap no_context',
      'orders#1 started attempt 1 in orders#1 root no_context',
      'orders#1 settled retry: no stock',
      'orders#1 gap no_context',
      'orders#1 started attempt 2 in orders#1 root no_context',
      'orders#1 settled ok',
    ],
  },
];
