import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../src/server/app.ts';
import { listen } from '../../src/server/listen.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { workflowFacts } from '../workflow.ts';
import { ledgerFile, temporaryFolder, waybill } from './command.ts';

/** A folder with the configuration of an app, and a ledger of the checkout. */
async function shop(context: TestContext, config: string | null) {
  const cwd = temporaryFolder(context);
  if (config !== null) writeFileSync(join(cwd, 'waybill.config.mjs'), config);
  const db = await ledgerFile(context, workflowFacts());
  const replay = (...words: string[]) => waybill(['replay', '21KYV7', ...words, '--db', db], { cwd });
  /** Those that the recording does not have. */
  const replays = async () => {
    const store = openSqliteStore({ path: db });
    const facts = await store.read((reader) => reader.factsOf(['msg_01KKY1ND3CEV6VSPSHCM21KYV7']));
    await store.close();
    return facts.filter((fact) => fact.kind === 'replayed').slice(1);
  };
  return { replay, replays, cwd };
}

const execute = ['--execute', '--reason', 'postcode added', '--actor', 'mira', '--yes'];
const PRINTS = 'export const replay = { aws_sqs: (order) => { console.log(JSON.stringify(order)); } };';

test('a plan tells what would happen, changes nothing, and needs no configuration', async (context) => {
  const { replay, replays } = await shop(context, null);
  const { code, stdout, stderr } = await replay('--plan', '--as-of', '2026-03-17T14:58:30Z');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^shipment\.requested {2}DEAD after attempt 3, limit 3/);
  assert.match(stdout, /^TWICE {5}shipment\.requested E83TZ8 is an edited replay of it, done$/m);
  assert.equal((await replay('--as-of', '2026-03-17T14:58:30Z')).stdout, stdout);
  assert.deepEqual(await replays(), []);
});

test('the app’s function is told what to send again, on whose order and why', async (context) => {
  const { replay } = await shop(context, PRINTS);
  const { code, stdout, stderr } = await replay(...execute);
  assert.equal(code, 0);
  const { facts, plan_id, ...order } = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '');
  assert.deepEqual(order, {
    ...{ system: 'aws_sqs', destination: 'shipping', subscription: 'shipping-planner', broker_id: 'sqs-9d44c0f8' },
    message_id: 'msg_01KKY1ND3CEV6VSPSHCM21KYV7',
    correlation_id: 'msg_01KKY1ND3CEV6VSPSHCM21KYV7',
    ...{ event_type: 'shipment.requested', tenant_id: 'acme-eu', business_key: 'order:ORD-48213' },
    ...{ actor: 'mira', reason: 'postcode added' },
  });
  assert.match(plan_id, /^plan_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  assert.equal(facts.at(-1).kind, 'replayed');
  assert.equal(stderr, `Sent again, as ${plan_id} of mira.\n`);
});

test('where the app records nothing, who ordered it is recorded all the same', async (context) => {
  const { replay, replays } = await shop(context, PRINTS.replace('=> {', '=> { setInterval(() => {}, 1_000);'));
  assert.equal((await replay('--execute', '--reason', 'again', '--yes')).code, 0);
  const [{ actor, reason, service, plan_id = '' } = {}, ...more] = await replays();
  assert.deepEqual([actor, reason, service, more], [userInfo().username, 'again', 'waybill', []]);
  assert.match(plan_id, /^plan_/);
  assert.match((await replay()).stdout, /^shipment\.requested {2}waiting/);
});

test('the function may say as what it has sent an edited message', async (context) => {
  const config = "export const replay = { aws_sqs: async () => ({ new_message_id: 'msg_edited' }) };";
  const { replay, replays } = await shop(context, config);
  await replay(...execute);
  assert.equal((await replays())[0]?.new_message_id, 'msg_edited');
});

test('what the app records itself through the library is recorded once', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append(workflowFacts());
  const server = await listen(createApp({ store }), { port: 0, hostname: '127.0.0.1' });
  context.after(() => server.close());
  const { cwd } = await shop(
    context,
    `import { createWaybill, otlpRecorder } from '${new URL('../../../waybill/src/index.ts', import.meta.url)}';
     const recorder = otlpRecorder({ flushMs: 1 });
     const waybill = createWaybill({ service: 'shop', recorder });
     export const replay = { async aws_sqs({ message_id, correlation_id, actor, reason, plan_id, system, destination }) {
       const of = { messageId: message_id, correlationId: correlation_id, causationId: null, traceId: '${'a'.repeat(32)}',
         traceHeaders: {}, tenantId: 'acme-eu', operation: null, eventType: 'shipment.requested', businessKey: null,
         byExecutionId: null, traceMode: 'L', traceReason: 'event', hop: 0, sentAt: null, bindingsJson: null, hiddenJson: null };
       waybill.produce({ system, destination, replay: { of, actor, reason, planId: plan_id } }, () => {});
     } };`,
  );
  const env = { WAYBILL_URL: server.url };
  const { code, stderr } = await waybill(['replay', '21KYV7', ...execute], { cwd, env });
  assert.equal(code, 0, stderr);
  const facts = await store.read((reader) => reader.factsOf(['msg_01KKY1ND3CEV6VSPSHCM21KYV7']));
  const told = facts.filter(({ kind, at }) => kind === 'replayed' && at > Date.parse('2026-03-18'));
  assert.deepEqual(
    told.map(({ service }) => service),
    ['shop'],
  );
});

test('a replay that cannot be recorded is told, with exit code 7', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  await store.append(workflowFacts());
  const tokens = { ingest: ['ingests-and-no-more'], read: ['reads-and-nothing-more'], admin: [] };
  const server = await listen(createApp({ store, tokens }), { port: 0, hostname: '127.0.0.1' });
  context.after(() => server.close());
  const { cwd } = await shop(context, PRINTS);
  const env = { WAYBILL_URL: server.url, WAYBILL_TOKEN: 'reads-and-nothing-more' };
  const { code, stderr } = await waybill(['replay', '21KYV7', ...execute], { cwd, env });
  assert.equal(code, 7);
  assert.match(stderr, /^warning: it is not recorded: .*\(TOKEN_WRONG\)/m);
});

test('without a terminal to ask, nothing is sent until --yes says so', async (context) => {
  const { replay, replays } = await shop(context, PRINTS);
  const { code, stdout, stderr } = await replay('--execute', '--reason', 'it works now');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: this sends 21KYV7 to shipping again, and there is no terminal to ask \(NOT_CONFIRMED\)$/m,
  );
  assert.match(stderr, /^fix: {3}waybill replay 21KYV7 --execute --reason 'it works now' --db \S+ --yes$/m);
  assert.doesNotMatch(stdout, /^\{/m);
  assert.deepEqual(await replays(), []);
});

test('what the configuration lacks is said, and nothing is sent or recorded', async (context) => {
  const cases: readonly (readonly [config: string | null, says: RegExp, code: number])[] = [
    [null, /\(APP_CONFIG_MISSING\)/, 2],
    ['throw new Error("no broker")', /could not be loaded: no broker \(APP_CONFIG_FAILED\)/, 2],
    ['export const replay = {', /\(APP_CONFIG_FAILED\)/, 2],
    ['export const other = 1', /exports no replay for aws_sqs, but for nothing \(REPLAY_MISSING\)/, 2],
    ['export const replay = { kafka() {}, aws_sqs: 1 }', /but for kafka, aws_sqs \(REPLAY_MISSING\)/, 2],
    [
      'export const replay = { aws_sqs() { throw new Error("queue is gone") } }',
      /has failed: queue is gone \(REPLAY_FAILED\)/,
      1,
    ],
    ['export const replay = { aws_sqs: async () => Promise.reject("no") }', /has failed: no \(REPLAY_FAILED\)/, 1],
  ];
  for (const [config, says, exit] of cases) {
    const { replay, replays } = await shop(context, config);
    const { code, stderr } = await replay(...execute);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.equal(code, exit, stderr);
    assert.deepEqual(await replays(), []);
  }
});

test('with --debug it is shown where the app’s function threw', async (context) => {
  const { replay } = await shop(context, 'export const replay = { aws_sqs() { throw new Error("queue is gone") } }');
  assert.match((await replay(...execute, '--debug')).stderr, /at .*aws_sqs .*waybill\.config\.mjs:1/);
});

test('an order without a reason, or for an earlier time, is wrong usage', async (context) => {
  const { replay } = await shop(context, PRINTS);
  assert.match((await replay('--execute', '--yes')).stderr, /needs --reason.*\(ARGUMENT_MISSING\)/);
  assert.equal((await replay(...execute, '--as-of', '1h')).code, 2);
  assert.equal((await replay(...execute, '--plan')).code, 2);
});
