import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import stringWidth from 'string-width';
import type { MessageFact } from 'waybill';
import { terminalOf } from '../../src/cli/terminal.ts';
import { traceText } from '../../src/cli/text/trace.ts';
import { whyText } from '../../src/cli/text/why.ts';
import { ask as askTrace } from '../../src/questions/trace/trace.ts';
import { ask as askWhy } from '../../src/questions/why/why.ts';
import type { FactReader } from '../../src/store/store.ts';
import { discarded, gap, handled, replayed, sent, settled, started, timeout } from '../questions/fact-makers.ts';
import { checkoutReader, firstNamed, readerOf } from '../questions/reader-of.ts';
import { capturedAt, workflowFacts } from '../workflow.ts';

type Columns = 40 | 70 | 80 | 120;
const page = (columns: number, env: NodeJS.ProcessEnv = {}) => terminalOf({}, { COLUMNS: String(columns), ...env }, {});
const rfc3339 = (at: number) => new Date(at).toISOString();

type Told = readonly MessageFact[] | FactReader;
const readerAbout = async (told: Told) => ('factsOf' in told ? told : readerOf(told));

async function why(told: Told, id: string, columns = 80, asOf = 100_000): Promise<string> {
  const reader = await readerAbout(told);
  return whyText(askWhy(reader, firstNamed(reader, id), asOf), rfc3339(asOf), page(columns));
}

async function trace(
  told: Told,
  id: string,
  columns = 80,
  asOf = 100_000,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const reader = await readerAbout(told);
  return traceText(askTrace(reader, firstNamed(reader, id), asOf), rfc3339(asOf), page(columns, env));
}

const golden = (name: string) => readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');
const widestLine = (text: string) => Math.max(...text.split('\n').map((line) => stringWidth(line)));

for (const columns of [40, 70, 80, 120] as Columns[]) {
  test(`in ${columns} columns, why and trace print the checkout as their pages show`, async () => {
    const answers = {
      why: await why(await checkoutReader(), 'PWASC1', columns, capturedAt),
      trace: await trace(await checkoutReader(), 'ORD-48213', columns, capturedAt),
    };
    assert.equal(answers.why, golden(`why-${columns}`));
    assert.equal(answers.trace, golden(`trace-${columns}`));
    assert.ok(widestLine(answers.why) <= columns && widestLine(answers.trace) <= columns);
  });
}

test('on a terminal the page of why ends with what to ask next, and nothing else differs but colour', async () => {
  const terminal = terminalOf({ isTTY: true, columns: 80 }, {}, {});
  const reader = await checkoutReader();
  const asOf = rfc3339(capturedAt);
  const shown = {
    why: whyText(askWhy(reader, firstNamed(reader, 'PWASC1'), capturedAt), asOf, terminal),
    trace: traceText(askTrace(reader, firstNamed(reader, 'ORD-48213'), capturedAt), asOf, terminal),
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is taken away
  const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '');
  assert.equal(plain(shown.why), `${golden('why-80')}NEXT      waybill blast PWASC1\n`);
  assert.equal(plain(shown.trace), golden('trace-80'));
  assert.notEqual(shown.trace, plain(shown.trace));
});

test('a dead message says in its head after which attempt, and why in its verdict', async () => {
  const text = await why(workflowFacts(), '21KYV7', 80, capturedAt);
  assert.match(text, /^shipment\.requested {2}DEAD after attempt 3, limit 3 {2}acme-eu {2}order:ORD-48213\n/);
  assert.match(text, /\[observed\] Attempt 3 settled as dead: AddressRejected: postcode missing/);
  assert.match(text, /stock\.reserved .* \[inferred\]/);
  assert.ok(widestLine(text) <= 80);
});

test('a chain of derived facts is inferred in its head, and messages without a type go by where they went', async () => {
  const derived = { inferred: true, correlation_id: 'req_1', event_type: null, business_key: 'order:1' } as const;
  const facts = [
    started('req_1', 1, 0, { ...derived, event_type: 'POST /orders', destination: 'web' }),
    settled('req_1', 1, 10, 'ok', { ...derived, event_type: 'POST /orders', destination: 'web' }),
    ...handled('msg_order', 5, { ...derived, causation_id: 'req_1', destination: 'orders' }),
  ];
  const text = await why(facts, 'msg_order');
  assert.match(text, /^orders msg_order {2}done on attempt 1 /);
  assert.match(text, /^CAUSED BY \[inferred\]\n {2}POST \/orders .*\n {2}- +msg_order .* orders$/m);
  assert.doesNotMatch(text, /observed/);
  assert.match(await trace(facts, 'req_1'), /done +1 {2}POST \/orders\n.*done +1 {2}└ orders msg_order$/m);
});

test('where the chain stops at a cause without facts, the page says so', async () => {
  const text = await why(handled('msg_child', 0, { causation_id: 'msg_missing' }), 'msg_child');
  assert.match(text, /^ {2}no facts +msg_missing .*\[unknown\]$/m);
  assert.match(text, /^UNKNOWN {3}what caused msg_missing\? No facts of msg_missing$/m);
});

test('every state has its words', async () => {
  const start = [sent('msg_a', 0), started('msg_a', 1, 100, { max_attempts: 3 })];
  const error = { error: timeout };
  const retry = settled('msg_a', 1, 200, 'retry', { ...error, retry_at: 150_000 });
  const dead = [...start, settled('msg_a', 1, 200, 'dead', error)];
  const overlapping = [
    started('msg_a', 1, 0),
    started('msg_a', 2, 500, { redelivered: true }),
    settled('msg_a', 2, 600, 'ok'),
  ];
  const cases: readonly (readonly [facts: MessageFact[], ...words: string[]])[] = [
    [[sent('msg_a', 0)], 'order.created waiting acme', 'Sent 1m40s ago, and not started.'],
    [[sent('msg_a', 0, { not_before: 200_000 })], 'Sent 1m40s ago, for 00:03:20.'],
    [[sent('msg_a', 0, { due_at: 60_000 })], 'order.created OVERDUE 40.0s', 'Due at 00:01:00, and not started.'],
    [start, 'running attempt 1, limit 3', 'Attempt 1 has run for 1m39s on orders-1.'],
    [
      [sent('msg_a', 0), started('msg_a', 1, 100, { lease_until: 30_100 })],
      'order.created OVERDUE 1m09s',
      '[inferred] Attempt 1 has not settled, and its lease ran out at 00:00:30.',
      'not settled',
    ],
    [
      [...start, retry],
      'waiting after attempt 1, limit 3',
      'Attempt 1 failed: ProviderTimeout: answered 504. The next may start at 00:02:30.',
    ],
    [[...start, settled('msg_a', 1, 200, 'released')], 'Attempt 1 was handed back 1m39s ago, and not started again.'],
    [
      [...start, settled('msg_a', 1, 200, 'failed', error)],
      'unknown after attempt 1',
      'What its transport did next is not recorded.',
    ],
    [dead, 'DEAD after attempt 1, limit 3', 'Attempt 1 settled as dead: ProviderTimeout: answered 504.'],
    [[...dead, replayed('msg_a', 300)], 'Replayed, and not started again.', 'Replayed by mira at 00:00:00: fixed.'],
    [[sent('msg_a', 0), discarded('msg_a', 50, { actor: 'mira' })], 'It will not run: cancelled by mira.'],
    [[sent('msg_a', 0, { status: 'refused' })], 'It will not run: it was not taken.'],
    [
      [...overlapping, settled('msg_a', 1, 900, 'ok')],
      'Attempt 1 still ran on orders-1 when the next had started: for 400ms.',
    ],
    [
      [sent('msg_a', 1_050), started('msg_a', 1, 1_000), settled('msg_a', 1, 1_500, 'ok')],
      'queued -50ms',
      'Two clocks disagree: queued before attempt 1 is -50ms.',
    ],
    [[...overlapping], 'Worker orders-1 went silent in attempt 1; orders delivered it again 500ms later.'],
    [[gap('msg_a', 0), started('msg_a', 1, 0)], 'GAP at orders: no_context, without waybill'],
  ];
  for (const [facts, ...words] of cases) {
    const text = (await why(facts, 'msg_a')).replace(/\s+/g, ' ');
    for (const word of words) assert.ok(text.includes(word), `"${word}" in ${text}`);
  }
});

test('a message at two subscriptions tells of both', async () => {
  const at = (subscription: string) => ({ subscription, execution_id: `exe_${subscription}` });
  const facts = [
    sent('msg_a', 0),
    started('msg_a', 1, 100, at('mail')),
    started('msg_a', 1, 100, at('billing')),
    settled('msg_a', 1, 200, 'ok', at('mail')),
  ];
  assert.match(await why(facts, 'msg_a'), /^ALSO AT {3}orders\/mail done, attempt 1, 200ms$/m);
  assert.match(await trace(facts, 'msg_a'), /1 running, 1 done/);
});

test('a chain goes through a batch, and names how many messages it took', async () => {
  const batch = (index: number) => ({ execution_id: 'exe_b', batch: { id: 'bat_1', index, count: 3 } });
  const facts = [
    ...handled('msg_root', 0),
    ...['msg_1', 'msg_2'].flatMap((id, index) => [
      sent(id, 10, { causation_id: 'msg_root' }),
      started(id, 1, 50, { ...batch(index), causation_id: 'msg_root' }),
    ]),
    sent('msg_e', 80, { causation_id: 'bat_1', by_execution_id: 'exe_b' }),
  ];
  assert.match(await why(facts, 'msg_e'), /msg_root .*\n.* msg_1 .*\n {2}batch of 3 +bat_1\n.* msg_e /);
});

test('a long chain shows how it began and what came just before', async () => {
  const facts = Array.from({ length: 40 }, (_, index) =>
    sent(`msg_${index}`, index, { causation_id: index === 0 ? null : `msg_${index - 1}` }),
  );
  const text = await why(facts, 'msg_39');
  assert.match(text, /msg_3 .*\n {2}… 28 more, with --json\n.*msg_32 /);
});

test('a page of another day says so once, and only other days again', async () => {
  const text = await why(
    [...handled('msg_a', 0), ...handled('msg_b', 86_400_000, { causation_id: 'msg_a' })],
    'msg_b',
    80,
    2 * 86_400_000,
  );
  assert.match(text, /^order\.created {2}done on attempt 1 {2}acme\/checkout {2}1970-01-02\n/);
  assert.match(text, /msg_a {2}1970-01-01 00:00:00\.000 {2}orders\n.*msg_b {2}00:00:00\.000/);
});

test('names lose their middle, and ids, figures and verdicts nothing', async () => {
  const facts = handled('msg_a', 0, { event_type: `${'very.'.repeat(30)}long` });
  const text = await trace(facts, 'msg_a', 80);
  assert.match(text, /very\.very.*….*\.long/);
  assert.ok(widestLine(text) <= 80);
});

test('the heads of a trace stay apart, however short its states are', async () => {
  assert.match(await trace(handled('msg_a', 0), 'msg_a'), / STATE +TRY +MESSAGE\n/);
});

test('wide characters take two columns', async () => {
  const text = await trace(handled('msg_a', 0, { event_type: '注文が作成されました'.repeat(5) }), 'msg_a', 80);
  assert.ok(widestLine(text) <= 80);
});

test('a chain of a hundred keeps its names on the page', async () => {
  const facts = Array.from({ length: 100 }, (_, index) =>
    sent(`msg_${index}`, index, { causation_id: index === 0 ? null : `msg_${index - 1}` }),
  );
  assert.ok(widestLine(await trace(facts, 'msg_0', 80)) <= 80);
});

test('without UTF-8 a tree is drawn with | and -', async () => {
  const text = await trace(workflowFacts(), 'ORD-48213', 80, capturedAt, { LC_ALL: 'C' });
  assert.match(text, /^[\x20-\x7e\n]*$/);
  assert.match(text, /\| - email\.send/);
});

test('messages beyond the rows are counted by what they are and how they stand', async () => {
  const long = `${'import.of.rows.'.repeat(12)}mail`;
  const under = { causation_id: 'msg_root', event_type: long };
  const facts = [
    ...handled('msg_root', 0),
    ...Array.from({ length: 999 }, (_, index) => sent(`msg_${index}`, 1_000, { causation_id: 'msg_root' })),
    ...Array.from({ length: 1_005 }, (_, index) => handled(`msg_l${index}`, 2_000, under)).flat(),
  ];
  const page = await trace(facts, 'msg_root');
  assert.match(page, /^checkout {2}acme {2}2,005 messages, 1,006 executions$/m);
  assert.match(page, /^00:00:01 {21}└ … 998 more order\.created:\n {30}998 waiting$/m);
  for (const columns of [40, 70, 80, 140]) {
    const printed = await trace(facts, 'msg_root', columns);
    assert.ok(widestLine(printed) <= columns, printed);
    assert.match(printed, /… 1,004 more import.*…?.*mail:/, printed);
    assert.match(printed, /1,004 done/);
  }
});
