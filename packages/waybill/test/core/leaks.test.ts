import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Delivery } from '../../src/core/delivery.ts';
import { bind, current, keepScope, logFields, newWorkflow, withBindings } from '../../src/core/scope.ts';
import { createWaybill } from '../../src/core/waybill.ts';
import { anEnvelope } from '../known-waybill.ts';
import { type Seeded, seeded } from '../seeded.ts';

const JOBS = 20_000;
const CONCURRENCY = 100;

const waybill = createWaybill({ service: 'checkout' });

/** One client that all jobs share, as a pool or a connection is shared: it answers in a turn that is nobody's. */
function sharedClient() {
  const waiting: (() => void)[] = [];
  const answers = new EventEmitter();
  return {
    ask: (answer: () => void) => {
      waiting.push(answer);
      if (waiting.length > 7) for (const next of waiting.splice(0)) next();
    },
    flush: () => {
      for (const next of waiting.splice(0)) next();
    },
    answers,
  };
}

test(`${JOBS} jobs, ${CONCURRENCY} at a time, never see each other’s context or bindings`, async () => {
  const chance = seeded(15);
  const client = sharedClient();
  let looks = 0;
  let wrong = 0;
  const floating: Promise<void>[] = [];

  /** Whether all that can be seen from here is this job's own. */
  const look = (job: number, branch?: string) => {
    looks++;
    const { job: bound, branch: own, message_id: messageId } = logFields();
    const isRight = bound === job && own === branch && messageId === `msg_${job}` && current()?.tenantId === `t_${job}`;
    if (!isRight) wrong++;
  };

  const steps: ((job: number, random: Seeded) => unknown)[] = [
    (job) => turn().then(() => look(job)),
    (job) => Promise.resolve().then(() => look(job)),
    (job) => new Promise<void>((resolve) => setTimeout(() => resolve(look(job)), 0)),
    (job) => new Promise<void>((resolve) => process.nextTick(() => resolve(look(job)))),
    (job) => new Promise<void>((resolve) => client.ask(keepScope(() => resolve(look(job))))),
    (job) =>
      withBindings({ branch: `b${job}` }, async () => {
        await turn();
        look(job, `b${job}`);
      }),
    (job) => {
      const sent = waybill.produce({ system: 'nats', destination: 'mails' }, ({ causationId }) => causationId);
      if (sent !== `msg_${job}`) wrong++;
    },
    (job) =>
      newWorkflow(async () => {
        await turn();
        if ('job' in logFields() || current()?.messageId !== `msg_${job}`) wrong++;
      }),
    (job) =>
      void floating.push(
        turn()
          .then(() => turn())
          .then(() => look(job)),
      ),
    (job) =>
      waybill.consume(deliveryOf(-job), async () => {
        if ('job' in logFields()) wrong++;
        bind({ job: -job });
        await turn();
        look(-job);
      }),
    async (job) => {
      const rows = waybill.execute(waybill.open(deliveryOf(-job)), async function* () {
        bind({ job: -job });
        await turn();
        yield look(-job);
      });
      for await (const _ of rows) look(job);
    },
    () => {
      throw new Error('this job fails here');
    },
  ];

  async function handle(job: number, random: Seeded): Promise<void> {
    if ('job' in logFields() || 'branch' in logFields()) wrong++;
    bind({ job });
    for (let left = 1 + random.below(4); left > 0; left--) {
      await random.pick(steps)(job, random);
      look(job);
    }
  }

  let next = 1;
  async function consumer(): Promise<void> {
    while (next <= JOBS) {
      const job = next++;
      await waybill.consume(deliveryOf(job), () => handle(job, chance)).catch(() => {});
      if (current() !== undefined) wrong++;
    }
  }
  const flushing = setInterval(() => client.flush(), 1);
  await Promise.all(Array.from({ length: CONCURRENCY }, consumer));
  clearInterval(flushing);
  await Promise.all(floating);
  assert.ok(looks > JOBS * 2, `only ${looks} looks`);
  assert.equal(wrong, 0, `${wrong} of ${looks} looks saw another job`);
  assert.equal(current(), undefined);
});

function deliveryOf(job: number): Delivery {
  const envelope = anEnvelope({ messageId: `msg_${job}`, tenantId: `t_${job}`, bindingsJson: null });
  return { system: 'nats', destination: 'orders', envelope };
}

test('consumers that are started in a request do not hand its scope to their jobs', async () => {
  const seen: unknown[] = [];
  await waybill.ingress({ operation: 'start up', tenantId: 'whoever started it' }, async () => {
    bind({ job: 'start up' });
    await waybill.consume({ ...deliveryOf(1), envelope: 'absent' }, async () => {
      await turn();
      seen.push(current()?.tenantId, 'job' in logFields());
    });
    assert.equal(logFields()['job'], 'start up');
  });
  assert.deepEqual(seen, [null, false]);
});
