// Why: a key makes graphile-worker join the jobs of several requests into one batch, and of a batch that fails in
// part only the failed elements are tried again. Each element still knows whose request it was, through the retry.

import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { createWaybill, current, type MemoryRecorder, memoryRecorder } from 'waybill';
import { instrumentUtils, wrapTaskList } from 'waybill/graphile-worker';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'search', recorder });
const schema = `example_${process.pid}`;
const options = {
  connectionString: 'postgres://postgres@127.0.0.1:5432/postgres',
  schema,
  logger: new Logger(() => () => {}),
};
const utils = instrumentUtils(await makeWorkerUtils(options), waybill);

// Three requests, each of a tenant of its own, one key: the library makes one job of them.
for (const tenantId of ['acme', 'globex', 'initech']) {
  await waybill.ingress({ operation: 'PUT /product', tenantId }, () =>
    utils.addJob('index', [{ product: `${tenantId}-1` }], { jobKey: 'index' }),
  );
}

const done = Promise.withResolvers<void>();
let runs = 0;
const taskList = wrapTaskList(
  {
    index: (payload: unknown) => {
      const products = payload as { product: string }[];
      const { tenantId, attempt } = current() ?? {};
      console.log(
        `run ${++runs}:`,
        products.map(({ product }) => product).join(' '),
        '· tenant',
        tenantId,
        '· attempt',
        attempt,
      );
      return products.map(async ({ product }) => {
        if (runs === 1 && product === 'globex-1') throw new Error('no such product yet');
        if (runs === 2) done.resolve();
      });
    },
  },
  waybill,
);
const runner = await run({ ...options, taskList, pollInterval: 200, noHandleSignals: true });
await done.promise;
await runner.stop();

/** One line for each message, whose it was and how its executions ended; the batch as a whole was nobody's. */
function stories({ facts }: MemoryRecorder): string[] {
  const stories = new Map<string, string>();
  for (const fact of facts) {
    if (fact.kind === 'dropped' || fact.system !== 'graphile_worker') continue;
    const story = stories.get(fact.message_id) ?? `${fact.tenant_id ?? 'batch'}:`;
    stories.set(
      fact.message_id,
      `${story} ${fact.kind === 'settled' ? fact.outcome : fact.kind === 'gap' ? fact.gap.reason : fact.kind}`,
    );
  }
  return [...stories.values()];
}
for (const story of stories(recorder)) console.log(story);

await utils.withPgClient((client) => client.query(`DROP SCHEMA ${schema} CASCADE`));
await utils.release();

// Output:
// run 1: acme-1 globex-1 initech-1 · tenant null · attempt null
// run 2: globex-1 · tenant globex · attempt 2
// acme: sent started ok
// globex: sent started retry started ok
// initech: sent started ok
// batch: mixed_tenants
