import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent, settled, started } from '../store/made-facts.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../workflow.ts';

const as_of = WORKFLOW.captured_at;

async function ledgerOf(context: TestContext) {
  const store = openSqliteStore({ path: ':memory:' });
  const app = createApp({ store });
  context.after(() => app.close());
  await store.append(workflowFacts());
  const get = async (path: string, known?: string | null) => {
    const response = await app.request(path, known ? { headers: { 'if-none-match': known } } : {});
    return { status: response.status, tag: response.headers.get('etag'), text: await response.text(), response };
  };
  return { store, get };
}

const QUESTIONS = [`why?id=PWASC1`, `trace?id=PWASC1`, 'gaps?', 'overdue?', 'failures?', 'tail?'];

test('whoever has an answer already is told so with 304, and no body', async (context) => {
  const { get } = await ledgerOf(context);
  for (const question of [...QUESTIONS.map((text) => `${text}&as_of=${as_of}`), 'openapi.json']) {
    const { status, tag, response } = await get(`/api/v1/${question}`);
    assert.equal(status, 200, question);
    assert.match(response.headers.get('cache-control') ?? '', /no-cache$/);
    const again = await get(`/api/v1/${question}`, tag);
    assert.deepEqual([again.status, again.text, again.tag], [304, '', tag], question);
    assert.match(again.response.headers.get('cache-control') ?? '', /no-cache$/);
    assert.equal((await get(`/api/v1/${question}`, 'W/"other"')).status, 200);
  }
});

test('that time goes by is no news: what was asked as of now still holds later', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: capturedAt });
  const { store, get } = await ledgerOf(context);
  const finished = { at: capturedAt - 1_000, message_id: 'finished', correlation_id: 'finished' };
  await store.append([started({ ...finished, received_at: finished.at }), settled(finished)]);
  const questions = QUESTIONS.map((question) => question.replace('PWASC1', 'finished'));
  const first = await Promise.all(questions.map((question) => get(`/api/v1/${question}`)));
  context.mock.timers.setTime(capturedAt + 1_000);
  for (const [index, question] of questions.entries())
    assert.equal((await get(`/api/v1/${question}`, first[index]?.tag)).status, 304, question);
  // What still waits has waited for longer.
  const waiting = await get('/api/v1/trace?id=PWASC1');
  context.mock.timers.setTime(capturedAt + 2_000);
  assert.equal((await get('/api/v1/trace?id=PWASC1', waiting.tag)).status, 200);
  // The window begins a minute later, and what happened is told by minutes.
  context.mock.timers.setTime(capturedAt + 60_000);
  assert.equal((await get('/api/v1/failures', first[4]?.tag)).status, 200);
});

test('a fact that changes an answer changes its tag, also as of a time that is past', async (context) => {
  const { store, get } = await ledgerOf(context);
  const id = WORKFLOW.selected_message_id;
  const asked = {
    why: `why?id=${id}&as_of=${as_of}`,
    tail: `tail?as_of=${as_of}`,
    failures: `failures?as_of=${as_of}`,
  };
  const before = { why: await get(`/api/v1/${asked.why}`), failures: await get(`/api/v1/${asked.failures}`) };
  const late = { at: capturedAt - 1_000, message_id: 'late', correlation_id: 'late', causation_id: id };
  await store.append([sent(late)]);
  const caused = await get(`/api/v1/${asked.why}`, before.why.tag);
  assert.equal(caused.status, 200);
  assert.match(caused.text, /"late"/);
  await store.append([started({ ...late, received_at: late.at }), settled({ ...late, outcome: 'dead' })]);
  assert.equal((await get(`/api/v1/${asked.failures}`, before.failures.tag)).status, 200);
});

test('an error has no tag, and is kept by nobody', async (context) => {
  const { get } = await ledgerOf(context);
  const { status, tag, response } = await get('/api/v1/why?id=nonsense', '*');
  assert.deepEqual([status, tag, response.headers.get('cache-control')], [404, null, 'no-store']);
});
