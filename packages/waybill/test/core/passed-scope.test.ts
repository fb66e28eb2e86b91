import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { captureScope, restoreScope } from '../../src/core/passed-scope.ts';
import { bind, current, keepScope, logFields } from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';

const DELIVERY = { system: 'kafka', destination: 'orders', envelope: anEnvelope() };
const SEND = { system: 'kafka', destination: 'mails' };

/** What a worker thread of 200 tasks says of each: its identity and its fields. */
const THREAD = `
  import { parentPort } from 'node:worker_threads';
  const { restoreScope } = await import(${JSON.stringify(new URL('../../src/core/passed-scope.ts', import.meta.url).href)});
  const { logFields } = await import(${JSON.stringify(new URL('../../src/core/scope.ts', import.meta.url).href)});
  parentPort.on('message', ({ task, scope }) => {
    const line = restoreScope(scope, () => logFields());
    parentPort.postMessage({ task, line, after: logFields() });
  });
`;

test('200 tasks that handlers post to a worker thread have the context of their attempt there', async () => {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`));
  try {
    const { waybill } = knownWaybill();
    for (let task = 0; task < 200; task++) {
      const here = waybill.consume({ ...DELIVERY, attempt: task }, () => {
        bind({ task });
        worker.postMessage({ task, scope: captureScope() });
        return logFields();
      });
      const [there] = await once(worker, 'message');
      assert.deepEqual(there, { task, line: here, after: {} });
    }
  } finally {
    await worker.terminate();
  }
});

test('what a thread sends names the message that posted the task as its cause', () => {
  const here = knownWaybill();
  const there = knownWaybill();
  const scope = here.waybill.consume(DELIVERY, () => structuredClone(captureScope()));
  const sent = restoreScope(scope, () => there.waybill.produce(SEND, (envelope) => envelope));
  assert.deepEqual(
    [sent.causationId, sent.correlationId, sent.byExecutionId],
    ['msg_9', 'req_7', here.of('started')[0]?.execution_id],
  );
});

test('a captured scope is a copy: what either side binds later is its own', () => {
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => {
    const scope = captureScope();
    bind({ later: 1 });
    restoreScope(scope, () => {
      assert.equal('later' in logFields(), false);
      bind({ there: 1 });
    });
    assert.equal('there' in logFields(), false);
  });
});

test('outside every scope there is nothing to capture, and what is restored from nothing runs in none', () => {
  assert.equal(captureScope(), undefined);
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => assert.equal(restoreScope(undefined, current), undefined));
});

test('a timer or a pool of the same process keeps the very scope', () => {
  const { waybill } = knownWaybill();
  const [kept, context] = waybill.consume(DELIVERY, () => [keepScope(current), current()] as const);
  assert.equal(kept(), context);
});
