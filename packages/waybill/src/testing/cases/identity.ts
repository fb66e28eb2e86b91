import assert from 'node:assert/strict';
import { current } from '../../core/scope.ts';
import type { Case } from '../case.ts';
import { ONE_ORDER } from './one-order.ts';

export const IDENTITY_CASES: readonly Case[] = [
  {
    outcome: "a message joins its producer's workflow, and what its handler sends names it as the cause",
    async act({ request, send, consume }) {
      await request(() => send('orders', { id: 1 }));
      await consume('receipts', () => {});
      await consume('orders', () => send('receipts', { id: 1 }));
    },
    facts: [
      ...ONE_ORDER,
      'receipts#1 sent in request by orders#1 for acme',
      'orders#1 settled ok',
      'receipts#1 started attempt 1 in request P command',
      'receipts#1 settled ok',
    ],
  },
  {
    outcome: 'a message that carries nothing starts a workflow of its own, and the loss is a gap',
    async act({ sendForeign, consume, send }) {
      await sendForeign('orders', { id: 1 });
      await consume('orders', () => send('receipts', { id: 1 }));
    },
    facts: [
      'orders#1 gap no_context',
      'orders#1 started attempt 1 in orders#1 root no_context',
      'receipts#1 sent in orders#1 by orders#1 for nobody',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'a message with W3C headers alone starts a workflow, and is linked to their trace',
    async act({ sendForeign, consume }) {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await sendForeign('orders', { id: 1 }, { traceparent });
      await consume('orders', () => {});
    },
    facts: ['orders#1 gap w3c_only', 'orders#1 started attempt 1 in orders#1 L w3c_only', 'orders#1 settled ok'],
  },
  {
    outcome: 'a message sent outside every scope starts a workflow, and the loss is a gap',
    async act({ send, consume }) {
      await send('orders', { id: 1 });
      await consume('orders', () => {});
    },
    facts: [
      'orders#1 gap no_context',
      'orders#1 sent in orders#1 by nothing for nobody',
      'orders#1 started attempt 1 in orders#1 root no_context',
      'orders#1 settled ok',
    ],
  },
  {
    outcome: 'every message of a bulk has an id of its own',
    needs: 'bulk',
    async act({ request, send, consume, until }) {
      const ids = new Set<string | undefined>();
      await request(() => send('orders', { id: 1 }, { id: 2 }, { id: 3 }));
      await consume('orders', () => ids.add(current()?.messageId));
      await until('orders#3 settled');
      await until('orders#2 settled');
      await until('orders#1 settled');
      assert.equal(ids.size, 3);
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'orders#1 sent 1/3 in request by request for acme',
      'orders#2 sent 2/3 in request by request for acme',
      'orders#3 sent 3/3 in request by request for acme',
      'request settled ok',
      'orders#1 started attempt 1 in request P command',
      'orders#2 started attempt 1 in request P command',
      'orders#3 started attempt 1 in request P command',
      'orders#1 settled ok',
      'orders#2 settled ok',
      'orders#3 settled ok',
    ],
  },
  {
    outcome: 'a delayed message keeps the workflow, the cause and the bindings it was sent with',
    needs: 'delay',
    async act({ request, sendLater, consume }) {
      await request(() => sendLater('reminders', 1000, { id: 1 }));
      await consume('reminders', () => {});
    },
    facts: [
      'request started attempt 1 in request L untrusted edge',
      'reminders#1 sent delayed in request by request for acme',
      'request settled ok',
      'reminders#1 started attempt 1 in request L delayed',
      'reminders#1 settled ok',
    ],
  },
  {
    outcome: 'the tenant and the operation of the request are those of the handler',
    async act({ request, send, consume, until }) {
      let seen: unknown;
      await request(() => send('orders', { id: 1 }));
      await consume('orders', () => {
        seen = [current()?.tenantId, current()?.operation, current()?.hop];
      });
      await until('orders#1 settled');
      assert.deepEqual(seen, ['acme', 'checkout', 1]);
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok'],
  },
  {
    outcome: 'requests that send at the same time name each its own workflow and cause',
    async act({ request, send, consume, until }) {
      const seen: unknown[] = [];
      const cause = () => current()?.messageId;
      const requests = [1, 2, 3].map((id) => request(() => Promise.all([cause(), send('orders', { id })])));
      const causes = await Promise.all(requests);
      await consume('orders', (payload) => {
        const { id } = payload as { id: number };
        seen.push([current()?.causationId, id]);
      });
      for (const id of [1, 2, 3]) await until(`orders#${id} settled`);
      assert.deepEqual(seen.sort(), causes.map(([messageId], index) => [messageId, index + 1]).sort());
    },
    facts: [1, 2, 3].flatMap((id) => [
      'request started attempt 1 in request L untrusted edge',
      `orders#${id} sent in request by request for acme`,
      'request settled ok',
      `orders#${id} started attempt 1 in request P command`,
      `orders#${id} settled ok`,
    ]),
  },
  {
    outcome: 'what a handler sends after its own end is late, and still names its message as the cause',
    async act({ request, send, consume, until }) {
      await request(() => send('orders', { id: 1 }));
      await consume('receipts', () => {});
      await consume('orders', () => void setTimeout(() => void send('receipts', { id: 1 }), 200));
      await until('receipts#1 settled');
    },
    facts: [
      ...ONE_ORDER,
      'orders#1 settled ok',
      'receipts#1 sent late in request by orders#1 for acme',
      'receipts#1 started attempt 1 in request L late',
      'receipts#1 settled ok',
    ],
  },
];
