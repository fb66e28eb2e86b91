import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Hono } from 'hono';
import { openGathering, readTogether } from '../../src/server/gathering.ts';

interface Sending {
  /** The body has come. */
  arrive(): void;
  fail(error: Error): void;
  readonly answered: Promise<Response>;
}

/** An application that answers once a body was handed on, and tells in which order they were. */
function gathering({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let now = 1_000;
  mock.method(performance, 'now', () => now);
  const app = new Hono();
  const bodies = new Map<string, PromiseWithResolvers<string>>();
  const handedOn: string[] = [];
  app.use(openGathering());
  app.post('/:name', async (context) => {
    const body = bodies.get(context.req.param('name'));
    const name = await readTogether(context, () => body?.promise ?? Promise.reject(new Error('no body')));
    handedOn.push(name);
    return context.text(name);
  });
  app.get('/:name', (context) => context.text('a question'));
  app.onError((error, context) => context.text(error.message, 400));
  const send = (name: string): Sending => {
    const body = Promise.withResolvers<string>();
    bodies.set(name, body);
    const answered = Promise.resolve(app.request(`/${name}`, { method: 'POST' }));
    return { arrive: () => body.resolve(name), fail: body.reject, answered };
  };
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    return handedOn;
  };
  const tick = (ms: number) => {
    now += ms;
    mock.timers.tick(ms);
  };
  return { app, send, settled, tick };
}

test('who sends alone waits for nobody, however soon it sends again', async (context) => {
  const { send } = gathering(context);
  for (const name of ['a', 'b', 'c']) {
    const sent = send(name);
    sent.arrive();
    assert.equal(await (await sent.answered).text(), name);
  }
});

test('a body that is here waits for those that are coming, and all are handed on at once', async (context) => {
  const { send, settled } = gathering(context);
  const [a, b, c] = [send('a'), send('b'), send('c')];
  await settled();
  a.arrive();
  c.arrive();
  assert.deepEqual(await settled(), []);
  b.arrive();
  assert.deepEqual((await settled()).toSorted(), ['a', 'b', 'c']);
});

test('a sender that is slow delays the others by ten milliseconds', async (context) => {
  const { send, settled, tick } = gathering(context);
  const [slow, quick] = [send('slow'), send('quick')];
  await settled();
  quick.arrive();
  await settled();
  tick(9);
  assert.deepEqual(await settled(), []);
  tick(1);
  assert.deepEqual(await settled(), ['quick']);
  slow.arrive();
  await settled();
  tick(10);
  assert.deepEqual(await settled(), ['quick', 'slow']);
});

test('whoever was answered just now is waited for, because it mostly sends again at once', async (context) => {
  const { send, settled } = gathering(context);
  const [a, b] = [send('a'), send('b')];
  a.arrive();
  b.arrive();
  await Promise.all([a.answered, b.answered]);
  const again = send('a again');
  again.arrive();
  assert.deepEqual((await settled()).length, 2);
  send('b again').arrive();
  assert.deepEqual((await settled()).length, 4);
});

test('whoever does not send again in ten milliseconds is waited for no more', async (context) => {
  const { send, settled, tick } = gathering(context);
  const [a, b] = [send('a'), send('b')];
  a.arrive();
  b.arrive();
  await Promise.all([a.answered, b.answered]);
  tick(11);
  send('a again').arrive();
  assert.equal((await settled()).length, 3);
});

test('a body that cannot be read keeps nobody waiting', async (context) => {
  const { send, settled } = gathering(context);
  const [bad, good] = [send('bad'), send('good')];
  await settled();
  good.arrive();
  await settled();
  bad.fail(new Error('it ended too early'));
  assert.equal((await bad.answered).status, 400);
  assert.deepEqual(await settled(), ['good']);
});

test('a question is nobody that sends', async (context) => {
  const { app, send, settled } = gathering(context);
  await app.request('/question');
  await app.request('/question');
  send('a').arrive();
  assert.deepEqual(await settled(), ['a']);
});
