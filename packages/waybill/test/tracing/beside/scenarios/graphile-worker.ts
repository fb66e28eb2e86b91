// A job that is added in a request, and whose task asks the database.
import { instrumentUtils, wrapTaskList } from '../../../../src/queues/graphile-worker.ts';
import { makeSchema } from '../../../queues/graphile-worker-subject.ts';
import { instrumented, report, request, started, within } from '../stage.ts';

const { makeUtils, pool, work, drop } = await makeSchema('postgres://postgres@127.0.0.1:5432/postgres');
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
