import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { factErrorOf } from '../../../../waybill/src/core/failure.ts';
import { derive } from '../../../src/ingest/spans/derive.ts';
import type { Known } from '../../../src/ingest/spans/known.ts';
import type { Span } from '../../../src/ingest/spans/span.ts';
import { sent, started } from '../../store/made-facts.ts';
import { hexId, lineOf, namesOf, spansOf, type ToldSpan } from './made-spans.ts';

const PATIENCE = { settleMs: 2_000, graceMs: 60_000, againMs: 5_000 };
const settledAt = 12_000;
const graceAt = 70_000;
/** Of a message that was taken: its sender may be waiting itself. */
const takenGraceAt = 80_000;

/** All spans came at 10 s; `facts` are in the ledger already. */
function derivedOf(told: readonly ToldSpan[], now: number, facts: readonly MessageFact[] = []) {
  const known: Known = {
    factsAt: ({ trace_id, span_id }) => facts.filter((fact) => fact.trace_id === trace_id && fact.span_id === span_id),
    records: (service, system) =>
      facts.some((fact) => !fact.inferred && fact.service === service && (system === null || fact.system === system)),
  };
  const arrived = spansOf(told).map((span) => ({ span, arrivedAt: 10_000 }));
  return derive(arrived, known, { now, ...PATIENCE });
}

function linesOf(told: readonly ToldSpan[], now = settledAt, facts: readonly MessageFact[] = []): string[] {
  const names = namesOf([...told, REQUEST]);
  return derivedOf(told, now, facts).facts.map((fact) => lineOf(fact, names));
}

const REQUEST: ToldSpan = { name: 'request', kind: 'SERVER' };
const SEND: ToldSpan = { name: 'send', parent: 'request', kind: 'PRODUCER' };
const HANDLE: ToldSpan = { name: 'handle', parent: 'send', kind: 'CONSUMER', service: 'mailer' };
const REQUEST_LINES = ['started req:request in req:request as exe:request, root root span', 'settled req:request ok'];
const SEND_LINE = 'sent msg:send in req:request by req:request of exe:request';
const HANDLE_LINES = [
  'started msg:send in req:request by req:request as exe:handle, P span parent',
  'settled msg:send ok',
];

const CASES: readonly (readonly [outcome: string, told: readonly ToldSpan[], lines: readonly string[]])[] = [
  [
    'a request, what it sent and who took it are one workflow',
    [REQUEST, SEND, HANDLE],
    [...REQUEST_LINES, SEND_LINE, ...HANDLE_LINES],
  ],
  ['a request that sends nothing is no message', [REQUEST, { name: 'query', parent: 'request', kind: 'CLIENT' }], []],
  [
    'what lies between a request and its send does not hide it',
    [
      REQUEST,
      { name: 'view', parent: 'request' },
      { name: 'pool', parent: 'view', kind: 'CLIENT' },
      { ...SEND, parent: 'pool' },
    ],
    [...REQUEST_LINES, SEND_LINE],
  ],
  [
    'what is sent while a message is handled is caused by that message',
    [HANDLE, SEND, REQUEST, { name: 'second', parent: 'handle', kind: 'PRODUCER', service: 'mailer' }],
    [...REQUEST_LINES, SEND_LINE, ...HANDLE_LINES, 'sent msg:second in req:request by msg:send of exe:handle'],
  ],
  [
    'a request that another one made through a client is caused by it',
    [
      { name: 'outer', kind: 'SERVER' },
      { name: 'call', parent: 'outer', kind: 'CLIENT' },
      { ...REQUEST, parent: 'call', service: 'stock' },
      { ...SEND, service: 'stock' },
    ],
    [
      'started req:outer in req:outer as exe:outer, root root span',
      'settled req:outer ok',
      'started req:call in req:outer by req:outer as exe:request, P span parent',
      'settled req:call ok',
      'sent msg:send in req:outer by req:call of exe:request',
    ],
  ],
  [
    'a request that a proxy handed on is another one, caused by that at the proxy',
    [{ name: 'proxy', kind: 'SERVER', service: 'edge' }, { ...REQUEST, parent: 'proxy' }, SEND],
    [
      'started req:proxy in req:proxy as exe:proxy, root root span',
      'settled req:proxy ok',
      'started req:request in req:proxy by req:proxy as exe:request, P span parent',
      'settled req:request ok',
      'sent msg:send in req:proxy by req:request of exe:request',
    ],
  ],
  [
    'what is sent at the root of a trace begins a workflow without a cause',
    [{ ...SEND, parent: 'cron' }, { name: 'cron' }],
    ['sent msg:send in msg:send'],
  ],
  [
    'a handler without a span of its own is what its sender’s message caused',
    [
      REQUEST,
      SEND,
      { name: 'worker', parent: 'send', service: 'mailer' },
      { name: 'second', parent: 'worker', kind: 'PRODUCER', service: 'mailer' },
    ],
    [...REQUEST_LINES, SEND_LINE, 'sent msg:second in req:request by msg:send'],
  ],
  [
    'a producer inside another of the same service is caused by what surrounds both',
    [REQUEST, SEND, { name: 'inner', parent: 'send', kind: 'PRODUCER' }],
    [...REQUEST_LINES, SEND_LINE, 'sent msg:inner in req:request by req:request of exe:request'],
  ],
  [
    'a client that sends what others created creates nothing; one that links to nobody does',
    [
      REQUEST,
      { ...SEND, name: 'create' },
      {
        name: 'flush',
        parent: 'request',
        kind: 'CLIENT',
        links: ['create'],
        attributes: { 'messaging.operation.type': 'send' },
      },
      { name: 'put', parent: 'request', kind: 'CLIENT', attributes: { 'messaging.operation.type': 'send' } },
    ],
    [
      ...REQUEST_LINES,
      'sent msg:create in req:request by req:request of exe:request',
      'sent msg:put in req:request by req:request of exe:request',
    ],
  ],
  [
    'what fetches or acknowledges messages tells nothing',
    [
      { name: 'poll', kind: 'CLIENT', attributes: { 'messaging.operation.type': 'receive' } },
      { name: 'fetch', kind: 'CONSUMER', attributes: { 'messaging.operation.type': 'receive' } },
      { name: 'loop' },
      { name: 'fetch below', parent: 'loop', kind: 'CONSUMER', attributes: { 'messaging.operation': 'receive' } },
      { name: 'ack', kind: 'CLIENT', attributes: { 'messaging.operation.type': 'settle' } },
      { name: 'ack too', kind: 'CONSUMER', attributes: { 'messaging.operation': 'settle' } },
    ],
    [],
  ],
  [
    'a `receive` around a handler, as older instrumentations have it, handles its parent’s message',
    [REQUEST, SEND, { ...HANDLE, attributes: { 'messaging.operation': 'receive' } }],
    [...REQUEST_LINES, SEND_LINE, ...HANDLE_LINES],
  ],
  [
    'a `receive` above the span that handles the message handles nothing',
    [
      REQUEST,
      SEND,
      { ...HANDLE, name: 'fetch', attributes: { 'messaging.operation': 'receive' } },
      { ...HANDLE, parent: 'fetch', links: ['send'] },
    ],
    [
      ...REQUEST_LINES,
      SEND_LINE,
      'started msg:send in req:request by req:request as exe:handle, L span link',
      'settled msg:send ok',
    ],
  ],
  [
    'a consumer that knows nothing of who sent stands for its message',
    [{ name: 'loop' }, { ...HANDLE, parent: 'loop' }],
    ['started msg:handle in msg:handle as exe:handle, root no_context', 'settled msg:handle ok'],
  ],
  [
    'a batch is one execution of each of its messages, and what it sends is caused by the batch',
    [
      REQUEST,
      SEND,
      { ...SEND, name: 'other' },
      { ...HANDLE, links: ['send', 'other'] },
      { name: 'report', parent: 'handle', kind: 'PRODUCER', service: 'mailer' },
    ],
    [
      ...REQUEST_LINES,
      SEND_LINE,
      'sent msg:other in req:request by req:request of exe:request',
      'started msg:send in req:request by req:request as exe:handle 1/2 of bat:handle, L batch',
      'settled msg:send ok',
      'started msg:other in req:request by req:request as exe:handle 2/2 of bat:handle, L batch',
      'settled msg:other ok',
      'sent msg:report in req:request by bat:handle of exe:handle',
    ],
  ],
  [
    'a batch of two workflows begins one of its own',
    [
      { name: 'send', kind: 'PRODUCER' },
      { name: 'other', kind: 'PRODUCER' },
      { ...HANDLE, links: ['send', 'other'] },
      { name: 'report', parent: 'handle', kind: 'PRODUCER', service: 'mailer' },
    ],
    [
      'sent msg:send in msg:send',
      'sent msg:other in msg:other',
      'started msg:send in msg:send as exe:handle 1/2 of bat:handle, L batch',
      'settled msg:send ok',
      'started msg:other in msg:other as exe:handle 2/2 of bat:handle, L batch',
      'settled msg:other ok',
      'sent msg:report in bat:handle by bat:handle of exe:handle',
    ],
  ],
  [
    'where a producer failed nobody knows whether its message was taken; a handler that failed may be tried again',
    [REQUEST, { ...SEND, error: 'timeout' }, { ...HANDLE, error: 'no such user' }],
    [
      ...REQUEST_LINES,
      `${SEND_LINE}: unknown`,
      'started msg:send in req:request by req:request as exe:handle, P span parent',
      'settled msg:send failed: Error no such user',
    ],
  ],
  [
    'a request that failed, or was answered with 500, is over for good',
    [
      { ...REQUEST, attributes: { 'http.request.method': 'GET', 'http.response.status_code': 503 } },
      SEND,
      { ...REQUEST, name: 'thrown', error: 'boom' },
      { ...SEND, name: 'third', parent: 'thrown' },
    ],
    [
      'started req:request in req:request as exe:request, root root span',
      'settled req:request dead: HTTP 503 ',
      SEND_LINE,
      'started req:thrown in req:thrown as exe:thrown, root root span',
      'settled req:thrown dead: Error boom',
      'sent msg:third in req:thrown by req:thrown of exe:thrown',
    ],
  ],
];

for (const [outcome, told, lines] of CASES) test(outcome, () => assert.deepEqual(linesOf(told), lines));

test('a span is derived once it has settled, so that facts that its service records come first', () => {
  const all = [REQUEST, SEND];
  assert.deepEqual(derivedOf(all, settledAt - 1), { facts: [], nextAt: settledAt });
  assert.equal(derivedOf(all, settledAt).nextAt, null);
});

test('what was sent waits for what was going on when it was sent, and not for ever', () => {
  assert.deepEqual(linesOf([SEND]), []);
  assert.equal(derivedOf([SEND], settledAt).nextAt, settledAt + PATIENCE.againMs);
  assert.equal(derivedOf([SEND], graceAt - 1).nextAt, graceAt);
  assert.deepEqual(linesOf([SEND], graceAt), ['sent msg:send in msg:send']);
});

test('what is linked to another trace waits for what is known of that, and else has lost its context', () => {
  const linked: ToldSpan = { ...HANDLE, trace: 'u', links: ['t/send', 't/send'] };
  assert.deepEqual(linesOf([linked], takenGraceAt - 1), []);
  assert.deepEqual(linesOf([linked], takenGraceAt), [
    'started msg:send in msg:send as exe:handle, L w3c_only',
    'settled msg:send ok',
  ]);
  const { facts } = derivedOf([REQUEST, SEND], settledAt);
  assert.deepEqual(linesOf([linked], settledAt, facts), [
    'started msg:send in req:request by req:request as exe:handle, L span link',
    'settled msg:send ok',
  ]);
});

test('a request whose caller is not known has lost its context, and what it sends has not', () => {
  const told = [{ ...REQUEST, parent: 'gateway' }, SEND];
  assert.deepEqual(linesOf(told), []);
  assert.deepEqual(linesOf(told, graceAt), [
    'started req:request in req:request as exe:request, P w3c_only',
    'settled req:request ok',
    SEND_LINE,
  ]);
});

test('of a batch only the messages that nobody knows have lost their context', () => {
  const told = [REQUEST, SEND, { ...HANDLE, links: ['send', 'u/stranger'] }];
  assert.deepEqual(linesOf(told, takenGraceAt).slice(3), [
    'started msg:send in req:request by req:request as exe:handle 1/2 of bat:handle, L batch',
    'settled msg:send ok',
    'started msg:stranger in msg:stranger as exe:handle 2/2 of bat:handle, L w3c_only',
    'settled msg:stranger ok',
  ]);
});

test('an identity that was stamped on a span stands, and needs no other span', () => {
  const stamped = {
    'waybill.message_id': 'msg_stamped',
    'waybill.correlation_id': 'req_stamped',
    'waybill.causation_id': 'msg_before',
    'waybill.tenant_id': 'acme',
    'waybill.operation': 'checkout',
    'waybill.event_type': 'order.created',
    'waybill.business_key': 'order:1',
  };
  const send = { ...SEND, attributes: stamped };
  assert.equal(linesOf([REQUEST, send]).at(-1), 'sent msg_stamped in req_stamped by msg_before');
  const handle = { ...HANDLE, attributes: { 'waybill.execution_id': 'exe_stamped' } };
  assert.deepEqual(linesOf([send, handle]), [
    'sent msg_stamped in req_stamped by msg_before',
    'started msg_stamped in req_stamped by msg_before as exe_stamped, P span parent',
    'settled msg_stamped ok',
  ]);
  const [fact] = derivedOf([send], settledAt).facts;
  assert.deepEqual(
    [fact?.tenant_id, fact?.operation, fact?.event_type, fact?.business_key],
    ['acme', 'checkout', 'order.created', 'order:1'],
  );
  const alone = { ...HANDLE, attributes: stamped };
  assert.deepEqual(linesOf([alone]), [
    'started msg_stamped in req_stamped by msg_before as exe:handle, P span parent',
    'settled msg_stamped ok',
  ]);
});

const AT_SEND = { trace_id: hexId('t', 32), span_id: hexId('send', 16), system: 'rabbitmq' };

test('what a sender has recorded is the message, whoever takes it', () => {
  const own = sent({ ...AT_SEND, service: 'shop', message_id: 'msg_own', correlation_id: 'req_own' });
  assert.deepEqual(linesOf([SEND, HANDLE], settledAt, [own]), [
    'started msg_own in req_own as exe:handle, P span parent',
    'settled msg_own ok',
  ]);
});

test('of several messages that one span has recorded it is the one with that id or to that place, and else none', () => {
  const one = sent({
    ...AT_SEND,
    message_id: 'msg_1',
    correlation_id: 'req_own',
    destination: 'orders',
    broker_id: '1',
  });
  const two = { ...one, message_id: 'msg_2', broker_id: '2' };
  const taken = (attributes: object, facts: readonly MessageFact[]) =>
    linesOf([{ ...HANDLE, attributes: { 'messaging.system': 'rabbitmq', ...attributes } }], takenGraceAt, facts)[1];
  const orders = { 'messaging.destination.name': 'orders' };
  assert.equal(taken({ ...orders, 'messaging.message.id': '2' }, [one, two]), 'settled msg_2 ok');
  assert.equal(taken(orders, [one, { ...two, destination: 'mails' }]), 'settled msg_1 ok');
  assert.equal(taken(orders, [one, two]), 'settled msg:send ok');
  assert.equal(taken(orders, [one, { ...two, broker_id: undefined }]), 'settled msg:send ok');
  assert.equal(taken(orders, [{ ...one, system: 'kafka' }]), 'settled msg:send ok');
});

test('a service that records facts of a system tells nothing more of it by spans, and of others it does', () => {
  const own = started({ service: 'shop', system: 'rabbitmq', message_id: 'msg_other', trace_id: hexId('u', 32) });
  const kafka = { ...SEND, name: 'kafka', attributes: { 'messaging.system': 'kafka' } };
  assert.deepEqual(linesOf([REQUEST, SEND, kafka], settledAt, [own]), [
    ...REQUEST_LINES,
    'sent msg:kafka in req:request by req:request of exe:request',
  ]);
  const taken = { ...HANDLE, service: 'shop' };
  assert.deepEqual(derivedOf([taken, { ...SEND, parent: 'handle' }], settledAt, [own]), { facts: [], nextAt: null });
  assert.deepEqual(linesOf([taken, { ...kafka, parent: 'handle' }], settledAt, [own]), []);
  assert.deepEqual(linesOf([taken, { ...kafka, parent: 'handle' }], graceAt, [own]), ['sent msg:kafka in msg:kafka']);
  assert.deepEqual(linesOf([REQUEST, SEND], settledAt, [{ ...own, inferred: true }]).slice(2), [SEND_LINE]);
});

test('a span of which a fact is recorded tells nothing more, whatever service it says it is of', () => {
  const own = sent({ ...AT_SEND, service: 'another', message_id: 'msg_own' });
  assert.deepEqual(linesOf([{ name: 'send', kind: 'PRODUCER' }], settledAt, [own]), []);
});

test('what is handled by a service that records it is the cause of what follows elsewhere', () => {
  const at = { trace_id: hexId('t', 32), span_id: hexId('request', 16), system: 'http', service: 'shop' };
  const own = started({ ...at, message_id: 'req_own', correlation_id: 'req_own', execution_id: 'exe_own' });
  const told: ToldSpan[] = [
    REQUEST,
    { name: 'call', parent: 'request', kind: 'CLIENT' },
    { name: 'inner', parent: 'call', kind: 'SERVER', service: 'stock' },
    { ...SEND, parent: 'inner', service: 'stock' },
  ];
  const lines = [
    'started req:call in req_own by req_own as exe:inner, P span parent',
    'settled req:call ok',
    'sent msg:send in req_own by req:call of exe:inner',
  ];
  assert.deepEqual(linesOf(told, settledAt, [own]), lines);
  // Without a tracer of its own the caller leaves no spans, and its facts bear the span that it handed on.
  const call = sent({ ...at, message_id: 'req_call', correlation_id: 'req_own', causation_id: 'req_own' });
  const traceless: ToldSpan[] = [
    { ...REQUEST, name: 'inner', parent: 'request', service: 'stock' },
    { ...SEND, parent: 'inner', service: 'stock' },
  ];
  assert.deepEqual(linesOf(traceless, settledAt, [own, call]), [
    'started req_call in req_own by req_own as exe:inner, P span parent',
    'settled req_call ok',
    'sent msg:send in req_own by req_call of exe:inner',
  ]);
});

test('spans whose parents or links lead back to themselves are derived as far as they go', () => {
  const round: ToldSpan[] = [
    { name: 'a', parent: 'b', kind: 'SERVER' },
    { name: 'b', parent: 'a', kind: 'SERVER' },
    { ...SEND, parent: 'a' },
    { name: 'c', parent: 'd' },
    { name: 'd', parent: 'c', kind: 'PRODUCER' },
    { name: 'e', kind: 'CONSUMER', links: ['f'] },
    { name: 'f', parent: 'e', kind: 'PRODUCER' },
  ];
  assert.equal(derivedOf(round, settledAt).facts.length, 0);
  assert.equal(linesOf(round, takenGraceAt).length, 9);
});

test('a chain of 50,000 spans is derived in one go', () => {
  const chain = Array.from({ length: 50_000 }, (_, n): ToldSpan => {
    return { name: `${n}`, parent: `${n - 1}`, kind: n % 2 ? 'PRODUCER' : 'CONSUMER', service: `${n % 2}` };
  });
  const spans = spansOf(chain).map((span) => ({ span, arrivedAt: 10_000 }));
  const known: Known = { factsAt: () => [], records: () => false };
  const { facts } = derive(spans.reverse(), known, { now: takenGraceAt, ...PATIENCE });
  assert.equal(facts.length, 75_000);
});

test('a trace of 200,000 spans that all wait is looked at again', () => {
  const span = spansOf([SEND])[0] as Span; // one was told
  const arrived = Array.from({ length: 200_000 }, (_, n) => ({
    span: { ...span, span_id: n.toString(16).padStart(16, '0') },
    arrivedAt: 10_000,
  }));
  const known: Known = { factsAt: () => [], records: () => false };
  assert.deepEqual(derive(arrived, known, { now: settledAt, ...PATIENCE }), { facts: [], nextAt: 17_000 });
});

test('a derived fact says where, of which service, and what its transport and its sender called it', () => {
  const attributes = {
    'messaging.system': 'rabbitmq',
    'messaging.rabbitmq.destination.routing_key': 'orders',
    'messaging.message.id': '17',
    'messaging.message.conversation_id': 'c1',
    'cloudevents.event_type': 'order.created',
  };
  const [fact, started, settled] = derivedOf(
    [
      { name: 'send', kind: 'PRODUCER', attributes },
      {
        ...HANDLE,
        attributes: { ...attributes, 'messaging.consumer.group.name': 'mailers' },
        error: 'no user "mira" 7',
      },
    ],
    settledAt,
  ).facts;
  const places = [fact, started].map((each) => {
    const { at, service, instance, seq, trace_id, span_id } = each ?? {};
    const { system, destination, subscription, broker_id, foreign, event_type } = each ?? {};
    return {
      at,
      service,
      instance,
      seq,
      trace_id,
      span_id,
      system,
      destination,
      subscription,
      broker_id,
      foreign,
      event_type,
    };
  });
  const common = {
    ...{ at: 10_000, seq: 0, trace_id: hexId('t', 32), system: 'rabbitmq', destination: 'orders', broker_id: '17' },
    ...{ foreign: { correlation_id: 'c1' }, event_type: 'order.created' },
  };
  assert.deepEqual(places, [
    { ...common, service: 'shop', instance: 'shop-1', span_id: hexId('send', 16), subscription: undefined },
    { ...common, service: 'mailer', instance: 'mailer-1', span_id: hexId('handle', 16), subscription: 'mailers' },
  ]);
  assert.equal(settled?.at, 10_010);
  // The fingerprint that the library's recorders make of such an error.
  const { fingerprint } = factErrorOf(Object.assign(new Error('no user "nobody" 8'), { name: 'Error' }));
  assert.equal(settled?.kind === 'settled' && settled.error?.fingerprint, fingerprint);
});

test('a request that is none of HTTP is of its own system, and goes by its name', () => {
  const facts = (attributes: Record<string, string>) =>
    derivedOf([{ ...REQUEST, name: 'request', attributes }, SEND], settledAt).facts.slice(0, 1);
  const told = (attributes: Record<string, string>) =>
    facts(attributes).map(({ system, event_type, destination }) => [system, event_type, destination]);
  assert.deepEqual(told({ 'rpc.system': 'grpc' }), [['grpc', 'request', 'shop']]);
  assert.deepEqual(told({}), [['rpc', 'request', 'shop']]);
  assert.deepEqual(told({ 'http.method': 'GET', 'http.target': '/a?b=1' }), [['http', 'GET /a', 'shop']]);
  assert.deepEqual(told({ 'http.method': 'GET' }), [['http', 'request', 'shop']]);
});

test('what a handler sends waits as long as the handler does, for its cause', () => {
  const told: ToldSpan[] = [HANDLE, { name: 'second', parent: 'handle', kind: 'PRODUCER', service: 'mailer' }];
  assert.deepEqual(linesOf(told, takenGraceAt - 1), []);
  assert.equal(linesOf(told, takenGraceAt).at(-1), 'sent msg:second in msg:send by msg:send of exe:handle');
});

test('what is handled in a span that is not there is known by its facts, also in a batch', () => {
  const at = { trace_id: hexId('t', 32), span_id: hexId('handle', 16), service: 'mailer', execution_id: 'exe_own' };
  const own = started({ ...at, message_id: 'msg_own', correlation_id: 'req_own' });
  const second: ToldSpan = { name: 'second', parent: 'handle', kind: 'PRODUCER' };
  const line = (fact: MessageFact) => linesOf([second], settledAt, [fact]);
  assert.deepEqual(line(own), ['sent msg:second in req_own by msg_own of exe_own']);
  assert.deepEqual(line({ ...own, inferred: true }), ['sent msg:second in req_own by msg_own of exe_own']);
  const batch = { id: 'bat_own', index: 0, count: 2 };
  assert.deepEqual(line({ ...own, batch }), ['sent msg:second in req_own by bat_own of exe_own']);
});

test('a batch of two workflows names them on what it sends, and a stamp on it names none of its messages', () => {
  const { facts } = derivedOf(
    [
      { name: 'one', kind: 'PRODUCER' },
      { name: 'two', kind: 'PRODUCER' },
      { ...HANDLE, links: ['one', 'two'], attributes: { 'waybill.message_id': 'msg_stamped' } },
      { name: 'report', parent: 'handle', kind: 'PRODUCER', service: 'mailer' },
    ],
    settledAt,
  );
  const [one, two] = facts.filter(({ kind }) => kind === 'sent').map(({ message_id }) => message_id);
  assert.deepEqual(facts.at(-1)?.correlations, [one, two]);
  assert.deepEqual(
    facts.filter(({ kind }) => kind === 'started').map(({ message_id }) => message_id),
    [one, two],
  );
});
