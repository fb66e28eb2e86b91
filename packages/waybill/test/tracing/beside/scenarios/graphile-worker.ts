// A job that is added in a request, and whose task asks the database.
import { Client } from 'pg';
import { instrumentUtils, wrapTaskList } from '../../../../src/queues/graphile-worker.ts';
import { makeSchema } from '../../../queues/graphile-worker-subject.ts';
import { instrumented, report, request, started, within } from '../stage.ts';

// A database of its own: the library's workers stop when any other schema beside theirs is migrated.
const server = 'postgres://postgres@127.0.0.1:5432';
const database = `waybill_beside_${process.pid}`;
const admin = new Client({ connectionString: `${server}/postgres` });
await admin.connect();
await admin.query(`CREATE DATABASE ${database}`);
const { makeUtils, pool, work, drop } = await makeSchema(`${server}/${database}`);
const utils = instrumented(await makeUtils(), instrumentUtils);
const job = await request(() => utils.addJob('charge', { order: 7 }));

const done = Promise.withResolvers<void>();
const tasks = instrumented(
  {
    charge: async () => {
      await within('charge', () => pool.query('SELECT 1 AS asked'));
      done.resolve();
    },
  },
  wrapTaskList,
);
const runner = await started(() => work(tasks));
await done.promise;
await runner.stop();
report({ carried: JSON.stringify(job.payload) });
await utils.release();
await drop();
await admin.query(`DROP DATABASE ${database}`);
await admin.end();
