import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Cluster, Redis } from 'ioredis';
import { createClient, createServer, peer, probeQueues } from '../../../src/queues/asynq/asynq.ts';
import type { RedisLike } from '../../../src/queues/asynq/redis.ts';
import { knownWaybill } from '../../known-waybill.ts';

/** Takes everything. */
const redis: RedisLike = { callBuffer: async () => 1 };

test('ioredis’ own clients fit, the one for a cluster too', () => {
  const single = new Redis({ lazyConnect: true });
  const cluster = new Cluster([{ host: '127.0.0.1', port: 6379 }], { lazyConnect: true });
  const { waybill } = knownWaybill();
  for (const client of [single, cluster]) {
    createClient(client, waybill);
    createServer(client, waybill);
    probeQueues(client);
  }
  assert.equal(peer.name, 'ioredis');
  single.disconnect();
  cluster.disconnect();
});

// What a user in JavaScript may give: the types refuse it.
const wrong = (options: object) => options as never;

const MISTAKES: [what: string, make: (waybill: ReturnType<typeof knownWaybill>['waybill']) => unknown, code: string][] =
  [
    ['a client that is no Redis client', (waybill) => createClient(wrong({}), waybill), 'CLIENT_UNFIT'],
    ['a server without one', (waybill) => createServer(wrong({ call() {} }), waybill), 'CLIENT_UNFIT'],
    ['a probe without one', () => probeQueues(wrong({})), 'CLIENT_UNFIT'],
    ['a probe of no queues', () => probeQueues(redis, { queues: [] }), 'OPTION_INVALID'],
    ['an option with a typo', (waybill) => createServer(redis, waybill, wrong({ queue: ['a'] })), 'OPTION_UNKNOWN'],
    ['no queues', (waybill) => createServer(redis, waybill, { queues: [] }), 'OPTION_INVALID'],
    ['a queue without a name', (waybill) => createServer(redis, waybill, { queues: [' '] }), 'OPTION_INVALID'],
    ['no concurrency', (waybill) => createServer(redis, waybill, { concurrency: 0 }), 'OPTION_INVALID'],
    ['types that are a list', (waybill) => createClient(redis, waybill, wrong({ types: [] })), 'OPTION_INVALID'],
    [
      'a type’s option with a typo',
      (waybill) => createClient(redis, waybill, { types: { a: wrong({ headersInPayload: true }) } }),
      'OPTION_UNKNOWN',
    ],
    [
      'a lock that Asynq refuses too',
      (waybill) => createClient(redis, waybill, { types: { a: { uniqueMs: 999 } } }),
      'OPTION_INVALID',
    ],
  ];

for (const [what, make, code] of MISTAKES) {
  test(`${what}: configuration says so, with ${code}`, () => {
    assert.throws(() => make(knownWaybill().waybill), { code });
  });
}

function cycle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}

const NO_TASKS: [what: string, task: object][] = [
  ['without a type', { payload: {} }],
  ['with a blank type', { type: ' ' }],
  ['with a blank queue', { type: 'a', queue: '' }],
  ['with a blank id', { type: 'a', taskId: ' ' }],
  ['with fewer than no retries', { type: 'a', maxRetry: -1 }],
  ['with a time that is none', { type: 'a', processAt: new Date(Number.NaN) }],
  ['with a payload that JSON cannot hold', { type: 'a', payload: cycle() }],
  ['with headers that are no strings', { type: 'a', headers: { a: 1 } }],
];

for (const [what, task] of NO_TASKS) {
  test(`a task ${what} is refused before anything is sent, or recorded`, async () => {
    const { waybill, facts } = knownWaybill();
    const client = createClient(redis, waybill);
    await assert.rejects(client.enqueue(wrong(task)), { code: /^OPTION_/ });
    await assert.rejects(client.enqueueAll([{ type: 'fine' }, wrong(task)]), { code: /^OPTION_/ });
    assert.deepEqual(facts, []);
  });
}

test('unique tasks with their context in the payload are warned of, once for each type', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listen);
  const both = { headerInPayload: true, uniqueMs: 60_000 };
  const client = createClient(redis, knownWaybill().waybill, {
    types: { configured: both, later: { headerInPayload: true }, native: { uniqueMs: 60_000 } },
  });
  for (let round = 0; round < 2; round++) {
    for (const type of ['configured', 'later', 'native']) await client.enqueue({ type, uniqueMs: 60_000 });
  }
  process.emitWarning('the last');
  while (warnings.at(-1) !== 'the last') await once(process, 'warning');
  process.off('warning', listen);
  const types = warnings.slice(0, -1).map((warning) => /Tasks of type "(\w+)" are unique/.exec(warning)?.[1]);
  assert.deepEqual(types, ['configured', 'later']);
});

test('a Redis that fails is the caller’s to hear of, and the send is unknown', async () => {
  const away = new Error('away');
  const { waybill, of } = knownWaybill();
  const client = createClient({ callBuffer: () => Promise.reject(away) }, waybill);
  await assert.rejects(client.enqueue({ type: 'a' }), away);
  assert.deepEqual(
    of('sent').map(({ status }) => status),
    ['unknown'],
  );
});

test('of several tasks each says what became of it, although one fails', async () => {
  const away = new Error('away');
  let scripts = 0;
  const flaky: RedisLike = {
    callBuffer: async (command) => {
      if (command === 'SADD') return 1;
      scripts++;
      if (scripts === 2) throw away;
      return scripts === 3 ? 0 : 1;
    },
  };
  const { waybill, of } = knownWaybill();
  const client = createClient(flaky, waybill);
  const tasks = ['a', 'b', 'c'].map((taskId) => ({ type: 'x', taskId }));
  await assert.rejects(client.enqueueAll(tasks), away);
  assert.deepEqual(
    of('sent').map(({ status, broker_id }) => [status, broker_id]),
    [
      ['taken', 'a'],
      ['unknown', undefined],
      ['duplicate', 'c'],
    ],
  );
});

test('a script that Redis has forgotten is sent again as text', async () => {
  const commands: string[] = [];
  const forgetful: RedisLike = {
    callBuffer: async (command) => {
      commands.push(command);
      if (command === 'EVALSHA') throw new Error('NOSCRIPT No matching script. Please use EVAL.');
      return 1;
    },
  };
  const answer = await createClient(forgetful, knownWaybill().waybill).enqueue({ type: 'a' });
  assert.equal(answer.status, 'pending');
  assert.deepEqual(commands, ['SADD', 'EVALSHA', 'EVAL']);
});
