import assert from 'node:assert/strict';
import { logFields } from '../../core/scope.ts';
import type { Case, World } from '../case.ts';
import { ONE_ORDER } from './one-order.ts';

/** Lets one foreign message through, and gives what its handler was handed. */
async function foreign(world: World, payload: unknown, carrier: Readonly<Record<string, string>>): Promise<unknown> {
  let seen: unknown;
  await world.sendForeign('orders', payload, carrier);
  await world.consume('orders', (received) => {
    seen = received;
  });
  await world.until('orders#1 settled');
  return seen;
}

const UNHARMED = ['orders#1 started attempt 1 in orders#1 root no_context', 'orders#1 settled ok'];

export const HARM_CASES: readonly Case[] = [
  {
    outcome: 'a payload comes out of the queue as it went in',
    async act({ request, send, consume, until }) {
      const payload = { id: 1, nested: { list: [1, { deep: null }], text: 'é😀\n"' }, waybill: 'mine', empty: {} };
      let seen: unknown;
      await request(() => send('orders', payload));
      await consume('orders', (received) => {
        seen = received;
      });
      await until('orders#1 settled');
      assert.deepEqual(seen, payload);
      assert.deepEqual(
        Object.keys(payload),
        ['id', 'nested', 'waybill', 'empty'],
        "the sender's own object is not touched",
      );
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok'],
  },
  {
    outcome: 'a message without a payload reaches its handler without one',
    needs: 'no payload',
    async act({ request, send, consume, until }) {
      let seen: unknown = 'nothing yet';
      await request(() => send('orders', undefined));
      await consume('orders', (received) => {
        seen = received;
      });
      await until('orders#1 settled');
      assert.equal(seen ?? null, null);
    },
    facts: [...ONE_ORDER, 'orders#1 settled ok'],
  },
  {
    outcome: "another tool's strings beside ours are left alone",
    async act(world) {
      const seen = await foreign(world, { id: 1 }, { 'x-vendor-trace': 'abc' });
      assert.match(JSON.stringify(seen), /"id":1/);
      assert.match(JSON.stringify(seen), /"x-vendor-trace":"abc"/);
    },
    facts: ['orders#1 gap no_context', ...UNHARMED],
  },
  {
    outcome: 'a malformed waybill never stops the job',
    async act(world) {
      const waybill = '{"v":1,"message_id":"msg_9218","correlation';
      assert.deepEqual(await foreign(world, { id: 1 }, { waybill }), { id: 1 });
    },
    facts: ['orders#1 gap unreadable', ...UNHARMED],
  },
  {
    outcome: 'an oversized waybill never stops the job',
    async act(world) {
      const waybill = JSON.stringify({ v: 1, message_id: 'msg_9218', correlation_id: 'x'.repeat(9000) });
      assert.deepEqual(await foreign(world, { id: 1 }, { waybill }), { id: 1 });
    },
    facts: ['orders#1 gap oversized', ...UNHARMED],
  },
  {
    outcome: 'a recorder that throws never stops the job, nor what it carries',
    hasBrokenRecorder: true,
    async act({ request, send, consume }) {
      const handled = Promise.withResolvers<Record<string, unknown>>();
      await request(() => send('orders', { id: 1 }));
      await consume('orders', () => handled.resolve(logFields()));
      assert.equal((await handled.promise)['tenant_id'], 'acme');
    },
    facts: [],
  },
  {
    outcome: "the handler's error reaches the library unchanged",
    needs: 'retry',
    async act({ request, send, consume, until, failureOf }) {
      await request(() => send('orders', { id: 1 }));
      await consume('orders', () => Promise.reject(new RangeError('stock of 12 is below 0')));
      await until('orders#1 settled dead');
      assert.equal(await failureOf('orders'), 'RangeError: stock of 12 is below 0');
    },
    facts: [
      ...ONE_ORDER,
      'orders#1 settled retry: stock of 12 is below 0',
      'orders#1 started attempt 2 in request L retry',
      'orders#1 settled dead: stock of 12 is below 0',
    ],
  },
];
