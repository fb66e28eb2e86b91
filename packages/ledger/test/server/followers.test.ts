import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createParser } from 'eventsource-parser';
import type { Fact, SentFact } from 'waybill';
import type { TailFact } from '../../src/questions/tail/answer.ts';
import { createApp } from '../../src/server/app.ts';
import { openBell } from '../../src/server/bell.ts';
import type { FollowersOptions } from '../../src/server/followers.ts';
import { listen } from '../../src/server/listen.ts';
import type { Tokens } from '../../src/server/tokens.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { sent, settled } from '../store/made-facts.ts';
import { temporaryFolder } from '../store/suite.ts';
import { ask } from './running-ledger.ts';

interface Serving {
  readonly followers?: FollowersOptions;
  readonly tokens?: Tokens;
  readonly path?: string;
}

async function served(context: TestContext, { followers = {}, tokens, path = ':memory:' }: Serving = {}) {
  const onUnexpected = (error: unknown) => assert.fail(String(error));
  const app = createApp({ store: openSqliteStore({ path }), followers, onUnexpected, ...(tokens && { tokens }) });
  const { url, close } = await listen(app, { port: 0, hostname: '127.0.0.1' });
  context.after(close);
  const send = async (...facts: Fact[]) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${tokens?.ingest[0]}` };
    const { status, json } = await ask(url, 'POST', '/v1/logs', headers, bodyOfFacts(facts));
    assert.deepEqual([status, json], [200, { partialSuccess: {} }]);
  };
  const follow = (query = '', headers: OutgoingHttpHeaders = {}) => following(context, url, query, headers);
  return { url, close, send, follow };
}

/** Follows as any client would: `next` waits until so many events are there. */
async function following(context: TestContext, url: string, query: string, headers: OutgoingHttpHeaders) {
  const asked = request(`${url}/api/v1/tail/events?${query}`, { headers, agent: false }).end();
  context.after(() => asked.destroy());
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  assert.ok(answer);
  answer.setEncoding('utf8');
  // What is cut off while it is read is no news here.
  answer.on('error', () => {});
  let said = '';
  let hasBegun = false;
  const events: { id: string; fact: TailFact & { message_id: string } }[] = [];
  const parser = createParser({
    onEvent: ({ id = '', data, event }) => {
      if (event === undefined) events.push({ id, fact: JSON.parse(data) });
    },
    onRetry: () => {
      hasBegun = true;
    },
  });
  const came = openBell();
  answer.on('data', (part: string) => {
    parser.feed(part);
    said = `${said}${part}`.slice(-5_000);
    came.ring();
  });
  const until = async (isThere: () => boolean) => {
    while (!isThere()) await came.rungSince(came.rings(), 60_000);
  };
  // The first words come before any fact: from here on nothing is missed.
  if (answer.statusCode === 200) await until(() => hasBegun);
  return {
    answer,
    /** The messages of the facts that came, once there are so many. */
    async next(count: number) {
      await until(() => events.length >= count);
      return events.map(({ fact }) => fact.message_id);
    },
    events,
    saying: (words: RegExp) => until(() => words.test(said)),
    ended: () => (answer.complete ? Promise.resolve() : once(answer.resume(), 'close').then(() => {})),
    leave: () => asked.destroy(),
  };
}

const of = (id: string, more: Partial<SentFact> = {}) => sent({ message_id: id, correlation_id: id, ...more });

test('a fact reaches whoever follows once it is on disk, as the tail tells it, and with its cursor', async (context) => {
  const { url, send, follow } = await served(context);
  await send(of('before'));
  const { answer, next, events } = await follow();
  assert.match(answer.headers['content-type'] ?? '', /^text\/event-stream/);
  await send(of('a'), of('b'));
  await send(of('c'));
  assert.deepEqual(await next(3), ['a', 'b', 'c']);
  const { json } = await ask(url, 'GET', '/api/v1/tail?since=1970-01-01T00:00:00Z', {});
  assert.deepEqual(
    events.map(({ fact }) => fact),
    json.data.facts.slice(1),
  );
  assert.equal(events.at(-1)?.id, json.data.cursor);
});

test('whoever lost the connection goes on behind the last event, in pages of any number', async (context) => {
  const { send, follow } = await served(context);
  const ids = Array.from({ length: 450 }, (_, n) => `m${n}`);
  await send(...ids.map((id) => of(id)));
  const first = await follow('after=0');
  const told = (await first.next(250)).slice(0, 250);
  const last = first.events[249]?.id;
  first.leave();
  await send(of('late'));
  const second = await follow('after=0', { 'last-event-id': last });
  assert.deepEqual([...told, ...(await second.next(201))], [...ids, 'late']);
});

test('the tail of an empty ledger has no cursor, and one of which nothing fits goes on from now', async (context) => {
  const { url, send, follow } = await served(context);
  const cursorOf = async () => (await ask(url, 'GET', '/api/v1/tail?tenant=nobody', {})).json.data.cursor;
  assert.equal(await cursorOf(), null);
  await send(of('a'));
  const { next } = await follow(`after=${await cursorOf()}`);
  await send(of('b'));
  assert.deepEqual(await next(1), ['b']);
});

test('a tenant and a time leave out what is not theirs', async (context) => {
  const { send, follow } = await served(context);
  const mine = await follow('tenant=acme&since=1970-01-01T00:00:05Z');
  await send(of('theirs', { tenant_id: 'other', at: 9_000 }), of('old', { at: 4_999 }), of('mine', { at: 5_000 }));
  assert.deepEqual(await mine.next(1), ['mine']);
  for (const query of ['since=noon', 'tenant=', 'after=x', 'after=-1'])
    assert.equal((await follow(query)).answer.statusCode, 400, query);
  assert.equal((await follow('', { 'last-event-id': 'x' })).answer.statusCode, 400);
});

test('what another process writes into the file comes as well', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const { follow } = await served(context, { path });
  const { next } = await follow();
  const other = openSqliteStore({ path });
  context.after(() => other.close());
  await other.append([of('imported')]);
  assert.deepEqual(await next(1), ['imported']);
});

test('whoever hears of no fact hears that the ledger is there', async (context) => {
  const { follow } = await served(context, { followers: { heartbeatMs: 5 } });
  const { saying } = await follow();
  await saying(/: still here\n\n: still here\n\n/);
});

test('one follower too many is told when to come again, and a place is free when another leaves', async (context) => {
  const { url, follow } = await served(context, { followers: { followersMax: 2, heartbeatMs: 5 } });
  const [, second] = [await follow(), await follow()];
  const asked = () => ask(url, 'GET', '/api/v1/tail/events?since=2000-01-01T00:00:00Z', {});
  const { status, json, headers } = await asked();
  assert.deepEqual([status, json.code, headers['retry-after']], [503, 'FOLLOWERS_FULL', '1']);
  second.leave();
  for (;;) {
    const third = await follow();
    if (third.answer.statusCode === 200) break;
    third.leave();
  }
});

test('one who takes nothing is let go, and others are sent everything meanwhile', async (context) => {
  const { url, send, follow } = await served(context, { followers: { stallMsMax: 200 } });
  const { port, host } = new URL(url);
  const stalled = connect(Number(port), '127.0.0.1').on('error', () => {});
  context.after(() => stalled.destroy());
  stalled.pause();
  const cut = new Promise((resolve) => stalled.on('close', resolve));
  stalled.write(`GET /api/v1/tail/events?after=0 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const good = await follow();
  // More than the buffers of two sockets hold.
  const error = { type: 'Error', message: 'x'.repeat(20_000), fingerprint: 'f' };
  for (let n = 0; n < 20; n++)
    await send(...Array.from({ length: 50 }, (_, m) => settled({ message_id: `${n}.${m}`, error })));
  assert.equal(new Set(await good.next(1_000)).size, 1_000);
  // Only now it reads, and finds that the connection ends somewhere in between.
  let taken = 0;
  stalled.on('data', (part) => {
    taken += part.length;
  });
  stalled.resume();
  await cut;
  assert.ok(taken < 1_000 * error.message.length, String(taken));
});

test('a ledger that is stopped ends whoever follows, and does not wait for them', async (context) => {
  const { close, follow } = await served(context);
  const { saying, ended } = await follow();
  const began = performance.now();
  const closed = close();
  await saying(/event: end\ndata: .*LEDGER_CLOSED/);
  await Promise.all([closed, ended()]);
  assert.ok(performance.now() - began < 2_000);
});

test('where there are tokens following asks for one to read, and a foreign page may not follow', async (context) => {
  const tokens = { ingest: ['i'.repeat(16)], read: ['r'.repeat(16)], admin: [] };
  const guarded = await served(context, { tokens });
  const as = (token?: string) => guarded.follow('', token ? { authorization: `Bearer ${token}` } : {});
  const statuses = [await as(), await as(tokens.ingest[0]), await as(tokens.read[0])];
  assert.deepEqual(
    statuses.map(({ answer }) => answer.statusCode),
    [401, 403, 200],
  );
  const open = await served(context);
  for (const origin of ['https://evil.example', 'null'])
    assert.equal((await open.follow('', { origin })).answer.statusCode, 403);
  assert.equal((await open.follow('', { origin: open.url })).answer.statusCode, 200);
});
