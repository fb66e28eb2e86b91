// Why: pg-boss keeps jobs in PostgreSQL, beside the app's own data, and tells nobody who asked for one. One line makes
// every way to send carry that, to a worker, to the subscribers of an event, through a flow, and past the dead letter.

import { PgBoss } from 'pg-boss';
import { bind, createWaybill, current, logFields, memoryRecorder } from 'waybill';
import { instrumentBoss, runJob } from 'waybill/pg-boss';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'checkout', recorder });
const connectionString = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const schema = `example_${process.pid}`;
const boss = new PgBoss({ connectionString, schema, supervise: false, max: 3 });
boss.on('error', console.error);
instrumentBoss(boss, waybill);
await boss.start();
await boss.createQueue('charge.dead');
await boss.createQueue('charge', { retryLimit: 1, retryDelay: 0, deadLetter: 'charge.dead' });
for (const queue of ['email', 'stock', 'pick', 'ship']) await boss.createQueue(queue);
for (const queue of ['email', 'stock']) await boss.subscribe('order.placed', queue);

/** The names under which this example prints ids. */
const names = new Map<string | null | undefined, string>([[null, 'nothing']]);
function say(what: string): void {
  const { messageId, causationId, attempt } = current() ?? {};
  const { order_id, tenant_id } = logFields();
  const named = `${names.get(messageId) ?? 'a new message'} caused by ${names.get(causationId)}`;
  console.log(`${what}: attempt ${attempt} of ${named}, for ${order_id} of ${tenant_id}`);
}

// A request sends a job, publishes an event, and creates a flow.
await waybill.ingress({ operation: 'POST /checkout', tenantId: 'acme' }, async () => {
  names.set(current()?.messageId, 'the request');
  bind({ order_id: 'ORD-48213' });
  await boss.send('charge', { card: 'declined' });
  await boss.publish('order.placed', { items: 2 });
  await boss.flow([
    { ref: 'ship', name: 'ship', dependsOn: ['pick'] },
    { ref: 'pick', name: 'pick' },
  ]);
});
for (const fact of recorder.facts) {
  if (fact.kind === 'sent') names.set(fact.message_id, fact.destination);
}

// A consumer without a handler: it fetches, runs, and says how it ended.
async function takeOne(queue: string): Promise<void> {
  const [job] = await boss.fetch<{ card?: string }>(queue);
  if (job === undefined) throw new Error(`${queue} is empty`);
  await runJob(job, () => say(queue));
  if (job.data?.card === 'declined') await boss.fail(queue, job.id, new Error('card declined'));
  else await boss.complete(queue, job.id);
}

for (const queue of ['email', 'stock']) await takeOne(queue);
for (const queue of ['charge', 'charge']) await takeOne(queue);

// Somebody looks at the dead letter and sends it back: the same message.
console.log('redriven:', await boss.redrive('charge.dead'));
await takeOne('charge');

// A worker, as most are: its handler is in the workflow of its job, and so is all that it sends.
const shipped = Promise.withResolvers<void>();
for (const queue of ['pick', 'ship']) {
  await boss.work(queue, { pollingIntervalSeconds: 0.5 }, async () => {
    say(queue);
    if (queue === 'ship') shipped.resolve();
  });
}
while ((await boss.findJobs('ship'))[0]?.blocked) await boss.resolveFlow();
await shipped.promise;
for (const queue of ['pick', 'ship']) await boss.offWork(queue, { wait: true });
for (const fact of recorder.facts) {
  if (fact.kind === 'started' && fact.released_by !== undefined) {
    console.log(`${fact.destination} was released by ${names.get(fact.released_by)}`);
  }
}

await boss.getDb().executeSql(`DROP SCHEMA ${schema} CASCADE`);
await boss.stop({ graceful: false });

// Output:
// email: attempt 1 of order.placed caused by the request, for ORD-48213 of acme
// stock: attempt 1 of order.placed caused by the request, for ORD-48213 of acme
// charge: attempt 1 of charge caused by the request, for ORD-48213 of acme
// charge: attempt 2 of charge caused by the request, for ORD-48213 of acme
// redriven: 1
// charge: attempt 1 of charge caused by the request, for ORD-48213 of acme
// pick: attempt 1 of pick caused by the request, for ORD-48213 of acme
// ship: attempt 1 of ship caused by the request, for ORD-48213 of acme
// ship was released by pick
