import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundFields, bindingsJsonOf, bindingsOf, fitBindings, quote } from '../../src/core/bindings.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { bind, logFields } from '../../src/core/scope.ts';
import { writeRecord } from '../../src/layouts/record.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';
import { quickestMs } from '../quickest.ts';
import { seeded } from '../seeded.ts';

/** What a field is once it is bound, on the wire and in the log alike. */
function carried(value: unknown): unknown {
  const bound = new BoundFields(null);
  bound.add({ field: value });
  const line: Record<string, unknown> = {};
  bound.copyTo(line);
  const onWire = bindingsOf(bound.json());
  assert.deepEqual(line, onWire, 'a log line and the wire say the same');
  return onWire['field'];
}

function lostOf(fields: Record<string, unknown>): number {
  const bound = new BoundFields(null);
  bound.add(fields);
  return bound.lost;
}

test('fields are bound by value: what the app changes later is not carried', () => {
  const order = { id: 'ord_1', lines: [{ sku: 'a' }] };
  const bound = new BoundFields(null);
  bound.add({ order });
  order.id = 'ord_2';
  order.lines.push({ sku: 'b' });
  assert.equal(bound.json(), '{"order":{"id":"ord_1","lines":[{"sku":"a"}]}}');
});

test('a field bound anew has its new value, and counts as the last one bound', () => {
  const bound = new BoundFields('{"a":1,"b":2}');
  bound.add({ a: 3 });
  assert.equal(bound.json(), '{"b":2,"a":3}');
  bound.add({ b: undefined });
  assert.equal(bound.json(), '{"a":3}');
  assert.equal(bound.lost, 0);
});

test('nothing bound is nothing written', () => {
  const bound = new BoundFields(null);
  assert.equal(bound.json(), null);
  bound.add({});
  assert.equal(bound.json(), null);
});

test('values that JSON has no word for are carried in the words that readers know', () => {
  const cases: [given: unknown, expected: unknown][] = [
    ['text', 'text'],
    ['', ''],
    [0.5, 0.5],
    [true, true],
    [null, null],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [2n ** 64n, '18446744073709551616'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), null],
    [
      new Map<unknown, unknown>([
        ['a', 1],
        [2, new Map([['b', 3]])],
      ]),
      { a: 1, 2: { b: 3 } },
    ],
    [new Set([1, 'a', new Set([2])]), [1, 'a', [2]]],
    [new TypeError('broken'), { type: 'TypeError', message: 'broken' }],
    [{ toJSON: () => ({ a: new Date(0) }) }, { a: '1970-01-01T00:00:00.000Z' }],
    [new URL('http://localhost/a'), 'http://localhost/a'],
    [
      [1, undefined, () => 1, Symbol('s')],
      [1, null, null, null],
    ],
    [{ a: undefined, b: () => 1, c: 1 }, { c: 1 }],
    [Object.create(null, { a: { value: 1, enumerable: true } }), { a: 1 }],
  ];
  for (const [given, expected] of cases) assert.deepEqual(carried(given), expected);
});

test('what cannot be carried is left out and counted, and takes no other field with it', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const throwing = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  const hostile: Record<string, unknown> = {
    function: () => 1,
    symbol: Symbol('s'),
    bytes: new Uint8Array(4),
    revoked: revoked.proxy,
    throwing,
    toJSON: {
      toJSON: () => {
        throw new Error('no');
      },
    },
    key: new Map([[Object.create(null), 1]]),
  };
  for (const [name, value] of Object.entries(hostile)) {
    const bound = new BoundFields(null);
    bound.add({ before: 1, [name]: value, after: 2 });
    assert.equal(bound.json(), '{"before":1,"after":2}', name);
    assert.equal(bound.lost, 1, name);
  }
});

test('a getter that throws loses its own field only', () => {
  const bound = new BoundFields(null);
  bound.add({
    get field(): never {
      throw new Error('no');
    },
    other: 1,
  });
  assert.equal(bound.json(), '{"other":1}');
  assert.equal(bound.lost, 1);
});

test('fields that cannot even be listed are lost without a throw', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const fields of [revoked.proxy, null, undefined]) {
    const bound = new BoundFields('{"kept":1}');
    bound.add(fields as Record<string, unknown>);
    assert.equal(bound.json(), '{"kept":1}');
    assert.equal(bound.lost, 1);
  }
});

test('a cycle ends, and is counted', () => {
  const order: Record<string, unknown> = { id: 'ord_1' };
  order['self'] = order;
  order['list'] = [order, order];
  const bound = new BoundFields(null);
  bound.add({ order, other: 1 });
  assert.equal(bound.lost, 1);
  assert.equal((bindingsOf(bound.json())['order'] as { id: string }).id, 'ord_1');
  assert.equal(bindingsOf(bound.json())['other'], 1);
});

test('eight levels are carried, and what is deeper is cut and counted', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
  assert.deepEqual(carried(nested(8)), nested(8));
  assert.equal(lostOf({ field: nested(8) }), 0);
  assert.equal(lostOf({ field: nested(10) }), 1);
  const text = JSON.stringify(carried(nested(100)));
  assert.ok(text.length < 80, text);
});

test('a field of more than a thousand values is cut and counted, and binding it is quick', () => {
  assert.equal(lostOf({ field: Array.from({ length: 900 }, (_, at) => ({ at: [at] })).slice(0, 300) }), 0);
  const large: unknown[] = [
    Array.from({ length: 2_000_000 }, (_, at) => at),
    new Set(Array.from({ length: 200_000 }, (_, at) => at)),
    new Map(Array.from({ length: 200_000 }, (_, at) => [`key_${at}`, at])),
    new Array(2 ** 31),
    Array.from({ length: 100_000 }, () => ({})),
    Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 1)),
  ];
  for (const field of large) {
    const ms = quickestMs(() => new BoundFields(null).add({ field }));
    assert.ok(ms < 200, `${ms} ms`);
    const bound = new BoundFields(null);
    bound.add({ field, other: 1 });
    assert.equal(bound.lost, 1);
    assert.ok((bound.json()?.length ?? 0) < 20_000);
    assert.equal(bindingsOf(bound.json())['other'], 1);
  }
});

const SECRETS =
  `password PASSWORD passwd Pwd passphrase secret client_secret clientSecret secret-key sharedSecret token access_token accessToken
   refresh_token id_token authToken session_token csrf_token api_token bearer_token jwt api_key apiKey x-api-key X-API-Key access_key
   secret_access_key private_key signing_key encryption_key authorization Authorization proxy-authorization auth credentials cookie
   Cookie set-cookie session_id sessionId connection_string database_url credit_card card_number cvv pin otp ssn`.split(
    /\s+/,
  );
const CANARY = 'canary-7d41';

test('no secret leaves, whatever the depth at which it was bound', () => {
  for (const name of SECRETS) {
    const shapes: unknown[] = [
      { [name]: CANARY },
      { user: { [name]: CANARY } },
      { list: [[{ [name]: { inner: CANARY } }]] },
      { map: new Map([[name, CANARY]]) },
      { set: new Set([{ [name]: [CANARY] }]) },
      { object: { toJSON: () => ({ [name]: CANARY }) } },
    ];
    for (const fields of shapes) {
      const { waybill, facts } = knownWaybill();
      const packed = waybill.ingress({ operation: 'checkout' }, () => {
        bind(fields as Record<string, unknown>);
        const line = JSON.stringify(logFields());
        const header = waybill.produce({ system: 'nats', destination: 'orders' }, (envelope) => packWaybill(envelope));
        return [line, header];
      });
      const record = JSON.stringify(
        writeRecord(anEnvelope({ bindingsJson: bindingsJsonOf(fields as Record<string, unknown>) }), {}),
      );
      const written = [...packed, record, JSON.stringify(facts)].join('\n');
      assert.ok(!written.includes(CANARY), `${name}: ${written}`);
      assert.ok(written.includes('[redacted]'), name);
    }
  }
});

test('a secret is blanked whatever stands before its name', () => {
  for (const name of ['db_password', 'newPassword', 'AWS_SECRET_ACCESS_KEY', 'stripe-api-key', 'webhookSecret']) {
    const json = bindingsJsonOf({ [name]: 'canary' });
    assert.equal(json, `{"${name}":"[redacted]"}`);
  }
});

test('a name that only sounds like a secret is not blanked', () => {
  for (const name of ['token_count', 'secretary', 'author', 'passed', 'pinned', 'key', 'sessions', 'authorized_at'])
    assert.deepEqual(bindingsOf(bindingsJsonOf({ [name]: 'plain' })), { [name]: 'plain' });
});

test('a field named like what all objects have is a field, and __proto__ is none', () => {
  const bound = new BoundFields('{"__proto__":{"polluted":1},"constructor":"c"}');
  bound.add(JSON.parse('{"__proto__":{"polluted":1},"toString":"t","nested":{"__proto__":{"polluted":1},"a":1}}'));
  const line: Record<string, unknown> = {};
  bound.copyTo(line);
  assert.deepEqual(line, { constructor: 'c', toString: 't', nested: { a: 1 } });
  assert.equal(Object.getPrototypeOf(line), Object.prototype);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('what the line has already is not overwritten', () => {
  const line: Record<string, unknown> = { tenant_id: 'tenant_42' };
  new BoundFields('{"tenant_id":"somebody else","a":1}').copyTo(line);
  assert.deepEqual(line, { tenant_id: 'tenant_42', a: 1 });
});

test('bindings that came as broken text are no bindings', () => {
  for (const text of ['{"a":', '[1]', 'null', '7', '"a"']) {
    const line = {};
    new BoundFields(text).copyTo(line);
    assert.deepEqual(line, {});
    assert.deepEqual(bindingsOf(text), {});
  }
});

test('a fork has all of its origin, and changes nothing in it', () => {
  const origin = new BoundFields('{"a":1}');
  origin.add({ b: 2, lost: () => 1 });
  const fork = origin.fork();
  fork.add({ c: 3 });
  assert.equal(fork.json(), '{"a":1,"b":2,"c":3}');
  assert.equal(fork.lost, 1);
  assert.equal(origin.json(), '{"a":1,"b":2}');
});

test('text of any letters is quoted in ASCII as JSON says it', () => {
  const chance = seeded(4);
  for (let round = 0; round < 3000; round++) {
    const text = chance.text(20);
    const quoted = quote(text);
    assert.match(quoted, /^"[\x20-\x7e]*"$/);
    assert.equal(JSON.parse(quoted), text);
  }
});

test('fitting keeps as many of the first fields as there is room for, to the character', () => {
  const json = '{"a":1,"b":"two","c":[3]}';
  for (let room = 0; room <= json.length; room++) {
    const fitted = fitBindings(json, room);
    const kept = Object.keys(bindingsOf(fitted.json));
    assert.ok((fitted.json?.length ?? 0) <= room, `${fitted.json} in ${room}`);
    assert.deepEqual(kept, ['a', 'b', 'c'].slice(0, kept.length));
    assert.equal(fitted.dropped, 3 - kept.length);
    const expected = room >= 25 ? 3 : room >= 17 ? 2 : room >= 7 ? 1 : 0;
    assert.equal(kept.length, expected, `${room} characters`);
  }
});

test('hidden fields are carried to the handlers, and are in no log line and no fact', () => {
  const { waybill, facts } = knownWaybill();
  const envelope = waybill.ingress({ operation: 'checkout' }, () => {
    bind({ claim: CANARY }, { hidden: true });
    bind({ plan: 'gold' });
    assert.deepEqual(logFields()['plan'], 'gold');
    assert.ok(!JSON.stringify(logFields()).includes(CANARY));
    return waybill.produce({ system: 'nats', destination: 'orders' }, (sent) => sent);
  });
  assert.equal(envelope.hiddenJson, `{"claim":"${CANARY}"}`);
  const onward = waybill.consume({ system: 'nats', destination: 'orders', envelope }, () => {
    assert.ok(!JSON.stringify(logFields()).includes(CANARY));
    return waybill.produce({ system: 'nats', destination: 'mails' }, (sent) => sent);
  });
  assert.equal(onward.hiddenJson, `{"claim":"${CANARY}"}`);
  assert.ok(!JSON.stringify(facts).includes(CANARY));
  assert.ok(JSON.stringify(facts).includes('gold'));
});

test('what could not be bound is said on every message that is sent without it', () => {
  const { waybill } = knownWaybill();
  const envelope = waybill.ingress({ operation: 'checkout' }, () => {
    bind({ broken: () => 1 });
    bind({ alsoBroken: Symbol('s') }, { hidden: true });
    return waybill.produce({ system: 'nats', destination: 'orders', eventType: 'x'.repeat(129) }, (sent) => sent);
  });
  assert.equal(envelope.overflow, 3);
  assert.equal(envelope.eventType, null);
});
