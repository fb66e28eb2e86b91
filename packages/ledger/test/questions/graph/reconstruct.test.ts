import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { Destination } from '../../../src/questions/graph/destinations.ts';
import type { MessageAtSubscription } from '../../../src/questions/graph/message.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { capturedAt, destinations, WORKFLOW, workflowFacts } from '../../workflow.ts';
import { discarded, replayed, sent, settled, started, timeout } from '../fact-makers.ts';

interface Derived {
  readonly message_id: string;
  readonly event_type: string;
  readonly state: string;
  readonly elapsed_ms?: number;
  readonly totals_ms: Record<string, number>;
  readonly executions: readonly {
    execution_id: string;
    attempt: number;
    is: string;
    outcome: string;
    evidence: string;
  }[];
  readonly segments: readonly { kind: string; from: string; to: string; ms: number; evidence: string }[];
}
// Sound: the document says so of itself, and what it derives is compared below, field by field.
const { messages: derived } = (WORKFLOW as unknown as { derived: { messages: Derived[] } }).derived;

/** The document calls these observed, and they rest on the lack of a fact, or on a conclusion: stricter here. */
const isStricter = (message: Derived, index: number) =>
  message.segments[index - 1]?.kind === 'lease_lost' ||
  (message.executions.length === 0 && message.state === 'overdue');

for (const expected of derived) {
  test(`${expected.event_type} ${expected.message_id.slice(-6)} of the checkout comes out as derived`, () => {
    const graph = reconstruct(workflowFacts(), { asOf: capturedAt, destinations: destinations() });
    const message = graph.message(expected.message_id);
    assert.ok(message);
    const [at] = message.subscriptions;
    assert.equal(at.state, expected.state);
    assert.deepEqual(
      at.executions.map(({ executionId, attempt, is, outcome, evidence }) => [
        executionId,
        attempt,
        is,
        outcome,
        evidence,
      ]),
      expected.executions.map(({ execution_id, attempt, is, outcome, evidence }) => [
        execution_id,
        attempt,
        is,
        outcome,
        evidence,
      ]),
    );
    assert.equal(at.elapsedMs, expected.elapsed_ms ?? null);
    assert.deepEqual(Object.fromEntries(at.totals), expected.totals_ms);
    assert.deepEqual(
      at.segments.map(({ kind, from, to, ms, evidence }) => [kind, from, to, ms, evidence]),
      expected.segments.map(({ kind, from, to, ms, evidence }, index) => [
        kind,
        Date.parse(from),
        Date.parse(to),
        ms,
        isStricter(expected, index) ? 'inferred' : evidence,
      ]),
    );
  });
}

test('what the checkout infers comes out as the document says', () => {
  const graph = reconstruct(workflowFacts(), { asOf: capturedAt, destinations: destinations() });
  const inferences = new Map(WORKFLOW.inferences.map((inference) => [inference.kind, inference]));
  const [cause, lost, delivery] = ['cause', 'lost', 'delivery'].map((kind) => inferences.get(kind));
  const shipment = graph.message(cause?.message_id ?? '')?.cause;
  assert.deepEqual(
    [shipment?.messageIds, shipment?.evidence, shipment?.because_facts],
    [[cause?.cause_message_id], cause?.evidence, cause?.because_facts],
  );
  const silent = graph
    .message(lost?.message_id ?? '')
    ?.subscriptions[0].executions.find(({ executionId }) => executionId === lost?.execution_id);
  assert.deepEqual(
    [silent?.outcome, silent?.evidence, silent?.because_facts],
    ['lost', lost?.evidence, lost?.because_facts],
  );
  const stock = graph.message(delivery?.message_id ?? '')?.subscriptions[0];
  assert.deepEqual([stock?.state, stock?.subscription, stock?.executions], ['unknown', 'warehouse-bridge', []]);
});

const ORDERS: readonly Destination[] = [{ name: 'orders', instrumented: true }];

function only(facts: readonly MessageFact[], asOf = 100_000): MessageAtSubscription {
  const [message, ...others] = reconstruct(facts, { asOf, destinations: ORDERS }).messages();
  assert.ok(message && others.length === 0);
  const [at, ...more] = message.subscriptions;
  assert.deepEqual(more, []);
  const summed = at.segments.filter(({ kind }) => kind !== 'skipped');
  if (at.elapsedMs !== null)
    assert.equal(
      summed.reduce((sum, { ms }) => sum + ms, 0),
      at.elapsedMs,
      'the parts add up',
    );
  return at;
}
const parts = ({ segments }: MessageAtSubscription) =>
  segments.map(({ kind, ms, evidence }) => `${kind} ${ms} ${evidence}`);

test('a message that nobody has started waits since it was sent', () => {
  const at = only([sent('msg_a', 1_000)], 4_000);
  assert.equal(at.state, 'waiting');
  assert.deepEqual([at.evidence, ...parts(at)], ['inferred', 'queued 3000 inferred']);
});

test('a delayed message is scheduled until its time, and queued after it', () => {
  assert.deepEqual(parts(only([sent('msg_a', 1_000, { not_before: 5_000 })], 4_000)), ['scheduled 3000 inferred']);
  assert.deepEqual(parts(only([sent('msg_a', 1_000, { not_before: 5_000 })], 6_000)), [
    'scheduled 4000 inferred',
    'queued 1000 inferred',
  ]);
});

test('a message is overdue only where its facts say when it was due', () => {
  assert.equal(only([sent('msg_a', 1_000, { due_at: 3_000 })], 4_000).state, 'overdue');
  assert.equal(only([sent('msg_a', 1_000, { due_at: 3_000 })], 2_000).state, 'waiting');
});

test('an execution without an end is open, and its message is running', () => {
  const at = only([sent('msg_a', 0), started('msg_a', 1, 1_000)], 4_000);
  assert.equal(at.state, 'running');
  assert.equal(at.executions[0]?.outcome, 'open');
  assert.deepEqual(parts(at), ['queued 1000 inferred', 'run 3000 inferred']);
});

test('a redelivery after a start without an end says that the first execution was lost, until its lease ran out', () => {
  const at = only([
    sent('msg_a', 0),
    started('msg_a', 1, 1_000, { lease_until: 6_000 }),
    started('msg_a', 2, 7_000, { redelivered: true }),
    settled('msg_a', 2, 8_000, 'ok'),
  ]);
  assert.equal(at.executions[0]?.outcome, 'lost');
  assert.equal(at.executions[0]?.evidence, 'inferred');
  assert.equal(at.executions[0]?.because_facts.length, 2);
  assert.deepEqual(parts(at), [
    'queued 1000 inferred',
    'lease_lost 5000 inferred',
    'queued 1000 inferred',
    'run 1000 observed',
  ]);
});

test('without a lease the lost execution lasts until the message is delivered again', () => {
  const at = only([
    started('msg_a', 1, 0),
    started('msg_a', 2, 9_000, { redelivered: true }),
    settled('msg_a', 2, 9_500, 'ok'),
  ]);
  assert.deepEqual(parts(at), ['lease_lost 9000 inferred', 'run 500 observed']);
});

test('a later start that is no redelivery leaves what became of the first unknown', () => {
  const at = only([started('msg_a', 1, 0), started('msg_a', 2, 9_000), settled('msg_a', 2, 9_500, 'ok')]);
  assert.equal(at.executions[0]?.outcome, 'open');
  assert.equal(at.executions[0]?.evidence, 'unknown');
  assert.deepEqual(parts(at), ['unaccounted 9000 unknown', 'run 500 observed']);
});

test('two executions that overlap are both kept, and the time still adds up', () => {
  const at = only([
    sent('msg_a', 0),
    started('msg_a', 1, 1_000),
    started('msg_a', 2, 5_000, { redelivered: true }),
    settled('msg_a', 2, 6_000, 'ok'),
    settled('msg_a', 1, 9_000, 'ok'),
  ]);
  assert.deepEqual(
    at.executions.map(({ isOverlapping }) => isOverlapping),
    [true, false],
  );
  assert.equal(at.elapsedMs, 9_000);
});

test('a wait that two clocks make negative is kept, and is an inference', () => {
  const at = only([sent('msg_a', 1_050), started('msg_a', 1, 1_000), settled('msg_a', 1, 1_500, 'ok')]);
  assert.deepEqual(parts(at), ['queued -50 inferred', 'run 500 observed']);
  assert.equal(at.elapsedMs, 450);
});

test('attempts keep their order when the clock of the second worker is ten minutes behind', () => {
  const at = only(
    [
      sent('msg_a', 600_000),
      started('msg_a', 1, 600_100),
      settled('msg_a', 1, 600_200, 'retry', { error: timeout }),
      started('msg_a', 2, 5_000),
      settled('msg_a', 2, 5_100, 'ok'),
    ],
    1_000_000,
  );
  assert.deepEqual(
    at.executions.map(({ attempt, isOverlapping }) => [attempt, isOverlapping]),
    [
      [1, false],
      [2, false],
    ],
  );
  assert.equal(at.state, 'done');
  assert.deepEqual(parts(at), [
    'queued 100 inferred',
    'run 100 observed',
    'queued -595200 inferred',
    'run 100 observed',
  ]);
});

test('between two attempts a message waits, first for its backoff and then for a worker', () => {
  const facts = [
    sent('msg_a', 0),
    started('msg_a', 1, 100),
    settled('msg_a', 1, 200, 'retry', { retry_at: 5_200, error: timeout }),
  ];
  assert.deepEqual(parts(only(facts, 1_200)).at(-1), 'backoff 1000 inferred');
  assert.equal(only(facts, 1_200).state, 'waiting');
  const again = only([...facts, started('msg_a', 2, 5_700), settled('msg_a', 2, 6_000, 'ok')]);
  assert.deepEqual(parts(again).slice(2), ['backoff 5000 observed', 'queued 500 inferred', 'run 300 observed']);
  assert.equal(again.executions[1]?.is, 'retry');
});

test('a message that was handed back waits again, and comes as a redelivery', () => {
  const facts = [started('msg_a', 1, 0), settled('msg_a', 1, 100, 'released')];
  assert.equal(only(facts).state, 'waiting');
  assert.equal(only([...facts, started('msg_a', 2, 200)]).executions[1]?.is, 'redelivery');
});

test('a request that its client gave up waits for nobody', () => {
  const at = only([
    started('req_a', 1, 0, { system: 'http' }),
    settled('req_a', 1, 100, 'released', { system: 'http' }),
  ]);
  assert.deepEqual([at.state, at.evidence], ['discarded', 'inferred']);
});

test('after a failure of which nobody said what follows, the state is unknown', () => {
  const at = only([started('msg_a', 1, 0), settled('msg_a', 1, 100, 'failed', { error: timeout })]);
  assert.deepEqual([at.state, at.evidence], ['unknown', 'unknown']);
});

test('a dead message is parked until a redrive starts it again', () => {
  const facts = [started('msg_a', 1, 0), settled('msg_a', 1, 100, 'dead', { error: timeout })];
  assert.equal(only(facts).state, 'dead');
  assert.equal(only(facts).elapsedMs, 100);
  assert.equal(only([...facts, replayed('msg_a', 900)]).state, 'waiting');
  const again = only([
    ...facts,
    replayed('msg_a', 900),
    started('msg_a', 2, 1_100, { plan_id: 'plan_1' }),
    settled('msg_a', 2, 1_200, 'ok'),
  ]);
  assert.deepEqual(parts(again), ['run 100 observed', 'parked 1000 inferred', 'run 100 observed']);
  assert.equal(again.executions[1]?.is, 'replay');
});

test('a message that died of its redrive waits again for the next one', () => {
  const died = [
    ...[started('msg_a', 1, 0), settled('msg_a', 1, 100, 'dead'), replayed('msg_a', 1_000)],
    started('msg_a', 1, 1_100, { plan_id: 'plan_1', execution_id: 'exe_again' }),
    settled('msg_a', 1, 1_200, 'dead', { execution_id: 'exe_again' }),
  ];
  assert.equal(only(died).state, 'dead');
  assert.equal(only([...died, replayed('msg_a', 5_000, { plan_id: 'plan_2' })]).state, 'waiting');
});

test('a dead message that was replayed with changes stays dead', () => {
  const facts = [
    started('msg_a', 1, 0),
    settled('msg_a', 1, 100, 'dead'),
    replayed('msg_a', 900, { new_message_id: 'msg_b' }),
  ];
  assert.equal(only(facts).state, 'dead');
});

test('a duplicate is kept, and is no part of the sum', () => {
  const at = only([
    started('msg_a', 1, 0),
    settled('msg_a', 1, 100, 'ok'),
    started('msg_a', 2, 300),
    settled('msg_a', 2, 310, 'skipped'),
  ]);
  assert.deepEqual(parts(at), ['run 100 observed', 'skipped 10 observed']);
  assert.deepEqual([at.attempts, at.elapsedMs, at.executions[1]?.is], [1, 100, 'duplicate']);
});

test('a cancelled message will not run', () => {
  const at = only([sent('msg_a', 0), discarded('msg_a', 500)]);
  assert.deepEqual([at.state, at.elapsedMs], ['discarded', 500]);
});

test('a message that was made, and never seen handed over, is unknown', () => {
  const { status: _, ...made } = sent('msg_a', 0);
  assert.equal(only([{ ...made, kind: 'created' }]).state, 'unknown');
  assert.equal(only([sent('msg_a', 0, { status: 'unknown' })]).state, 'unknown');
});

test('a message that the transport refused will not run', () => {
  assert.equal(only([sent('msg_a', 0, { status: 'refused' })]).state, 'discarded');
});

test('two publishes of one message are one message', () => {
  const at = only([
    sent('msg_a', 0),
    sent('msg_a', 50, { status: 'duplicate' }),
    started('msg_a', 1, 100),
    settled('msg_a', 1, 200, 'ok'),
  ]);
  assert.deepEqual([at.state, at.elapsedMs], ['done', 200]);
});

test('an end without a start leaves the time before it unaccounted', () => {
  assert.deepEqual(parts(only([sent('msg_a', 0), settled('msg_a', 1, 700, 'ok')])), ['unaccounted 700 unknown']);
});

test('one subscription that is done says nothing about another', () => {
  const facts = [
    sent('msg_a', 0),
    started('msg_a', 1, 100, { subscription: 'billing', execution_id: 'exe_b' }),
    settled('msg_a', 1, 200, 'ok', { subscription: 'billing', execution_id: 'exe_b' }),
    started('msg_a', 1, 150, { subscription: 'mail', execution_id: 'exe_m' }),
    settled('msg_a', 1, 250, 'dead', { subscription: 'mail', execution_id: 'exe_m' }),
  ];
  const message = reconstruct(facts, { asOf: 1_000 }).message('msg_a');
  assert.deepEqual(
    message?.subscriptions.map(({ subscription, state }) => [subscription, state]),
    [
      ['mail', 'dead'],
      ['billing', 'done'],
    ],
  );
});

test('what was forwarded to a second destination waits there', () => {
  const facts = [
    sent('msg_a', 0),
    started('msg_a', 1, 100),
    sent('msg_a', 150, { destination: 'archive' }),
    settled('msg_a', 1, 200, 'ok'),
  ];
  const message = reconstruct(facts, { asOf: 1_000, destinations: [...ORDERS, { name: 'archive' }] }).message('msg_a');
  assert.deepEqual(
    message?.subscriptions.map(({ destination, state }) => [destination, state]),
    [
      ['archive', 'waiting'],
      ['orders', 'done'],
    ],
  );
});

test('a consumer that knows the destination by another name has begun with the same send', () => {
  const at = only([
    sent('msg_a', 0, { destination: 'exchange' }),
    started('msg_a', 1, 100),
    settled('msg_a', 1, 200, 'ok'),
  ]);
  assert.deepEqual([at.destination, at.elapsedMs], ['orders', 200]);
});

test('what came after the instant that is asked about is not looked at', () => {
  const facts = [sent('msg_a', 0), started('msg_a', 1, 100), settled('msg_a', 1, 200, 'ok')];
  assert.deepEqual(
    [only(facts, 50).state, only(facts, 150).state, only(facts, 250).state],
    ['waiting', 'running', 'done'],
  );
});

test('facts that arrive in any order give the same answer', () => {
  const facts = [sent('msg_a', 0), started('msg_a', 1, 100), settled('msg_a', 1, 200, 'ok')];
  assert.deepEqual(only(facts.toReversed()), only(facts));
});
