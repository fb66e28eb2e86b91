import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope, Gap } from '../../src/core/envelope.ts';
import { readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { PAYLOAD_FIELD, readPayloadField, writePayloadField } from '../../src/layouts/payload-field.ts';
import { readRecord, writeRecord } from '../../src/layouts/record.ts';
import { knownWaybill, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';
import { type RawHeader, startRelay, valuesOf } from './relay.ts';

type Standard = Readonly<Partial<Record<'traceparent' | 'tracestate' | 'baggage', string>>>;
/** Takes a message that carries these, sends another while it is handled, and says what that one carries. */
type Hop = (carried: Standard) => Promise<Standard>;

const NAMES = ['traceparent', 'tracestate', 'baggage'] as const;
const relay = await startRelay();

async function overHttp(carried: Standard): Promise<Standard> {
  const [call = []] = await relay(Object.entries(carried).map(([name, value]): RawHeader => [name, value]));
  return standardOf(Object.fromEntries(NAMES.map((name) => [name, valuesOf(call, name)[0]])));
}

/** Through a queue whose messages hold context in one layout. */
const through =
  (read: (carrier: Standard) => Envelope | Gap, write: (envelope: Envelope) => unknown): Hop =>
  async (carried) => {
    const { waybill } = knownWaybill();
    const delivery = { system: 'nats', destination: 'orders', brokerId: '7', envelope: read(carried) };
    const send = { system: 'nats', destination: 'mails' };
    const carrier = waybill.consume(delivery, () => waybill.produce(send, write));
    return standardOf(carrier as Readonly<Record<string, string>>); // sound: every layout writes a map
  };

/** The three, and none that is absent. */
function standardOf(carrier: Readonly<Record<string, string | undefined>>): Standard {
  return Object.fromEntries(NAMES.flatMap((name) => (carrier[name] === undefined ? [] : [[name, carrier[name]]])));
}

const ORDER = { order: 'ORD-48213' };
const HOPS: Readonly<Record<string, Hop>> = {
  HTTP: overHttp,
  headers: through(readHeaders, (envelope) => writeHeaders(envelope, {})),
  'a record': through(
    (carrier) => readRecord(carrier).envelope,
    (envelope) => writeRecord(envelope, {}),
  ),
  'a payload field': through(
    (carrier) => readPayloadField({ ...ORDER, [PAYLOAD_FIELD]: carrier }).envelope,
    // Sound: a payload that is an object stays one.
    (envelope) => (writePayloadField(envelope, ORDER) as Record<string, unknown>)[PAYLOAD_FIELD],
  ),
};

/** What a hop adds to baggage, where the message that it handles is of this workflow. */
const OURS = 'waybill.correlation_id=req_7';
/** And where it is the first of one: made here, or of where it lay. */
const NAMED_ANEW = /^waybill\.correlation_id=(?!req_7$)(req|msg)_\w+$/;

for (const [way, hop] of Object.entries(HOPS)) {
  test(`through ${way} no trace is begun that nobody would export`, async () => {
    for (const carried of [{}, { tracestate: 'a=1' }, { traceparent: '00-abc-def-01', tracestate: 'a=1' }]) {
      const { baggage, ...trace } = await hop(carried);
      assert.deepEqual(trace, {});
      assert.match(baggage ?? '', NAMED_ANEW, 'the workflow is named all the same');
    }
  });

  test(`through ${way} what came goes on byte for byte, and in baggage only our own member is another`, async () => {
    const states = ['a=1', 'a=1,b=2', 'a=1 \t , \t b= x y,,c@d=3', 'a=1,a=2', ',a=1,', `${'k'.repeat(256)}=1`];
    for (const tracestate of states) {
      const carried = { traceparent: TRACEPARENT, tracestate, baggage: `k=v; p=1 ,\tl=w, ${OURS} ,m= %C3%A9` };
      assert.deepEqual(await hop(carried), { ...carried, baggage: `k=v; p=1 ,\tl=w,m= %C3%A9,${OURS}` });
    }
  });

  test(`through ${way} flags go on as they came, also those that nobody knows`, async () => {
    for (const flags of ['00', '01', '02', '03', 'ff']) {
      const traceparent = TRACEPARENT.replace(/01$/, flags);
      assert.equal((await hop({ traceparent })).traceparent, traceparent);
    }
  });

  test(`through ${way} a version of the future goes on whole`, async () => {
    for (const more of ['', '-', '-extra', '-what the future: will be like!']) {
      const traceparent = `cc-${TRACE_ID}-00f067aa0ba902b7-01${more}`;
      const { baggage: _, ...trace } = await hop({ traceparent, tracestate: 'a=1' });
      assert.deepEqual(trace, { traceparent, tracestate: 'a=1' });
    }
  });

  test(`through ${way} 8,192 bytes in all go on, and one more leaves nothing of them`, async () => {
    const tracestate = Array.from({ length: 16 }, (_, at) => `k${at}=${'v'.repeat(200)}`).join();
    const rest = 8192 - TRACEPARENT.length - tracestate.length;
    for (const member of ['', `,${OURS}`]) {
      const value = 'v'.repeat(rest - 'k='.length - member.length);
      const full = { traceparent: TRACEPARENT, tracestate, baggage: `k=${value}${member}` };
      assert.equal(Object.values(full).join('').length, 8192);
      assert.deepEqual(await hop(full), full, 'where our member is missing there is no room for it');
      const { baggage, ...trace } = await hop({ ...full, baggage: `k=v${value}${member}` });
      assert.deepEqual(trace, {});
      assert.match(baggage ?? '', NAMED_ANEW);
    }
  });
}

test('over HTTP a header that comes in several parts goes on as one, with every part as it was', async () => {
  const [call = []] = await relay([
    ['TraceParent', TRACEPARENT],
    ['tracestate', 'a=1 '],
    ['baggage', 'k=v;p=1'],
    ['TRACESTATE', 'b= 2\t, c=3'],
    ['Baggage', 'l=w ,m=x'],
  ]);
  assert.deepEqual(valuesOf(call, 'tracestate'), ['a=1, b= 2\t, c=3']);
  assert.match(valuesOf(call, 'baggage').join('|'), /^k=v;p=1, l=w ,m=x,waybill\.correlation_id=req_\w+$/);
});

test('over HTTP two traceparent go nowhere, whatever their version, and their tracestate with them', async () => {
  const later = `cc${TRACEPARENT.slice(2)}-extra`;
  for (const pair of [
    [TRACEPARENT, TRACEPARENT],
    [later, TRACEPARENT],
    [TRACEPARENT, later],
    [later, later],
  ]) {
    const [call = []] = await relay([...pair.map((value): RawHeader => ['traceparent', value]), ['tracestate', 'a=1']]);
    assert.deepEqual([valuesOf(call, 'traceparent'), valuesOf(call, 'tracestate')], [[], []], pair.join());
  }
});
