// Why: a service in Go and one in Node share a queue. Asynq's workers and these read each other's tasks, so a
// request in one language is the cause of work in the other; nothing has to be changed on the Go side.
import { Redis } from 'ioredis';
import { bind, createWaybill, current, logFields, memoryRecorder } from 'waybill';
import { createClient, createServer } from 'waybill/asynq';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'checkout', recorder });
const redis = new Redis();
const queue = `example-${process.pid}`;

// Workers older than v0.26 know no headers: for them the payload of this type carries context too, under "header".
const client = createClient(redis, waybill, {
  types: { 'email:send': { queue, maxRetry: 3, headerInPayload: true } },
});

const request = await waybill.ingress({ operation: 'POST /checkout', tenantId: 'acme' }, async () => {
  bind({ order_id: 'ORD-48213' });
  const first = await client.enqueue({ type: 'email:send', taskId: 'receipt-48213', payload: { order: 'ORD-48213' } });
  const second = await client.enqueue({ type: 'email:send', taskId: 'receipt-48213', payload: {} });
  console.log('enqueued:', first.status, 'and, with the same id,', second.status);
  return current();
});

// The bytes that a Go worker is given.
const stored = await redis.hgetBuffer(`asynq:{${queue}}:t:receipt-48213`, 'msg');
console.log('a Go worker finds context in the headers:', stored?.includes('waybill') === true);

const done = Promise.withResolvers<void>();
const server = createServer(redis, waybill, {
  queues: [queue],
  taskCheckMs: 20,
  delayedTaskCheckMs: 20,
  retryDelayMs: () => 0,
});
server.start(async ({ type, payload, retried }) => {
  const { order_id, tenant_id, attempt } = logFields();
  console.log(`attempt ${attempt} of ${type} for ${tenant_id}, ${order_id}: ${payload}`);
  console.log('caused by the request:', current()?.causationId === request?.messageId);
  if (retried === 0) throw new Error('the mail server is away');
  done.resolve();
});
await done.promise;
await server.stop();

const outcomes = recorder.facts.flatMap((fact) =>
  fact.kind === 'settled' && fact.system === 'asynq' ? fact.outcome : [],
);
console.log('outcomes:', outcomes.join(', '));
console.log(
  'failed and processed, as Asynq counts:',
  ...(await redis.mget(`asynq:{${queue}}:failed`, `asynq:{${queue}}:processed`)),
);

await redis.del(await redis.keys(`asynq:{${queue}}:*`));
await redis.srem('asynq:queues', queue);
await redis.quit();

// Output:
// enqueued: pending and, with the same id, duplicate
// a Go worker finds context in the headers: true
// attempt 1 of email:send for acme, ORD-48213: {"order":"ORD-48213"}
// caused by the request: true
// attempt 2 of email:send for acme, ORD-48213: {"order":"ORD-48213"}
// caused by the request: true
// outcomes: retry, ok
// failed and processed, as Asynq counts: 1 2
