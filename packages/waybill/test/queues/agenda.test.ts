import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Agenda, type AgendaBackend, type Job, type JobParameters } from 'agenda';
import { createWaybill, current, memoryRecorder, type SentFact, type StartedFact } from '../../src/index.ts';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { type AgendaLike, instrumentAgenda, type RepositoryLike } from '../../src/queues/agenda.ts';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'test', namespace: 'test', recorder });
const facts = <F>(kind: string) => recorder.facts.filter((fact) => fact.kind === kind) as F[];
const request = <R>(work: () => R) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work);
beforeEach(() => recorder.clear());

/** A database of one table that forgets; what is saved comes back with an id. */
function backendOf(saved: JobParameters[] = [], row: object = {}): AgendaBackend {
  const repository = {
    saveJob: async (job: JobParameters) => {
      saved.push(job);
      return { ...job, _id: `id-${saved.length}`, ...row };
    },
    saveJobState: async () => {},
    getNextJobToRun: async () => undefined,
    lockJob: async () => undefined,
  };
  const connected = { connect: async () => {}, disconnect: async () => {}, ownsConnection: true, name: 'Memory' };
  return { ...connected, repository } as unknown as AgendaBackend; // sound: of a repository only this is asked for
}

const agendaOf = (backend = backendOf()) => new Agenda({ backend });

test('the real Agenda and its backends fit', () => {
  const fits: [AgendaLike, RepositoryLike] = [{} as Agenda, {} as AgendaBackend['repository']];
  assert.equal(fits.length, 2);
});

test('something that is no Agenda is refused, and the message names what it lacks', () => {
  assert.throws(() => instrumentAgenda({} as Agenda, waybill), { code: 'CLIENT_UNFIT', message: /"create"/ });
});

test('instrumenting twice sends once', async () => {
  const agenda = instrumentAgenda(instrumentAgenda(agendaOf(), waybill), waybill);
  await request(() => agenda.now('orders', {}));
  assert.equal(facts('sent').length, 1);
});

test('two instances on one backend carry each what they send', async () => {
  const saved: JobParameters[] = [];
  const backend = backendOf(saved);
  const methods = new Set<unknown>();
  for (const agenda of [agendaOf(backend), agendaOf(backend)]) {
    instrumentAgenda(agenda, waybill);
    methods.add(backend.repository.saveJob);
    await request(() => agenda.now('orders', { a: 1 }));
  }
  assert.deepEqual(
    facts<SentFact>('sent').map(({ status, broker_id }) => [status, broker_id]),
    [
      ['taken', 'id-1'],
      ['taken', 'id-2'],
    ],
  );
  assert.equal(methods.size, 1, 'the backend is changed once');
  for (const { data } of saved) assert.deepEqual(Object.keys(data as object), ['a', PAYLOAD_FIELD]);
});

test('a save that fails rejects with its own error, and is unknown; the next one is a send again', async () => {
  const saved: JobParameters[] = [];
  const backend = backendOf(saved);
  const { repository } = backend;
  const { saveJob } = repository;
  let isFull = true;
  repository.saveJob = (...args) => (isFull ? Promise.reject(new RangeError('the disk is full')) : saveJob(...args));
  const agenda = instrumentAgenda(agendaOf(backend), waybill);
  const job = agenda.create('orders', {});
  await assert.rejects(
    request(() => job.save()),
    new RangeError('the disk is full'),
  );
  isFull = false;
  await request(() => job.save());
  assert.deepEqual(
    facts<SentFact>('sent').map(({ status }) => status),
    ['unknown', 'taken'],
  );
  assert.match(JSON.stringify(saved[0]?.data), /correlation_id/);
});

test('processors keep their length and their name, and the file that a forked process loads is that of the app', () => {
  const plain = agendaOf();
  const agenda = instrumentAgenda(agendaOf(), waybill);
  const processors = [
    async function none() {},
    async function one(_job: Job) {},
    (_job: Job, done: () => void) => done(),
  ];
  for (const [index, processor] of processors.entries()) {
    for (const each of [plain, agenda]) each.define(`job-${index}`, processor as () => Promise<void>);
    const [own, wrapped] = [plain, agenda].map(({ definitions }) => definitions[`job-${index}`]);
    assert.notEqual(wrapped?.fn, own?.fn);
    assert.deepEqual([wrapped?.fn.length, wrapped?.fn.name], [own?.fn.length, own?.fn.name]);
    assert.equal(wrapped?.filePath, own?.filePath);
    assert.match(wrapped?.filePath ?? '', /agenda\.test\.ts$/);
  }
});

test('what is no processor is left to the library', () => {
  const agenda = instrumentAgenda(agendaOf(), waybill);
  const hostile = agenda as unknown as Record<'define' | 'create', (...args: unknown[]) => unknown>;
  hostile.define('orders', 'no function');
  assert.equal(agenda.definitions['orders']?.fn as unknown, 'no function');
  assert.equal((hostile.create() as Job).attrs.name, undefined);
});

/** Runs a processor as the library does when it has taken a row. */
async function run(agenda: Agenda, row: object): Promise<void> {
  const job = agenda.create('orders', undefined);
  Object.assign(job.attrs, { _id: 'id-1', ...row });
  await job.run();
}

test('a queue that was defined before carries context too', async () => {
  const agenda = agendaOf();
  let seen: unknown;
  agenda.define('orders', async () => {
    seen = current()?.tenantId;
  });
  instrumentAgenda(agenda, waybill);
  await run(agenda, {});
  assert.equal(seen, null);
  assert.equal(facts('settled').length, 1);
});

test('a processor that somebody else calls than the library runs as it is', async () => {
  const agenda = instrumentAgenda(agendaOf(), waybill);
  agenda.define('orders', async () => {});
  const { fn } = agenda.definitions['orders'] ?? {};
  await (fn as unknown as (...args: unknown[]) => unknown)();
  assert.equal(recorder.facts.length, 0);
});

test('a backend that hands out dates as text does not stop the job', async () => {
  const agenda = instrumentAgenda(agendaOf(), waybill);
  agenda.define('orders', async () => {});
  await run(agenda, { lockedAt: '2026-11-26' });
  const [started] = facts<StartedFact>('started');
  assert.equal(started?.lease_until, undefined);
  assert.equal(facts('settled').length, 1);
});

test("events of other processes' jobs, and of none, reach their listeners", () => {
  const agenda = instrumentAgenda(agendaOf(), waybill);
  const seen: unknown[] = [];
  agenda.on('complete', (...args: unknown[]) => void seen.push(args.length));
  const emit = (...args: unknown[]) => agenda.emit('complete', ...args);
  assert.deepEqual([emit(), emit({ jobId: 'id-1' }, true), emit('text', null)], [true, true, true]);
  assert.deepEqual(seen, [0, 2, 2]);
});

test('the lease of a job is as long as its queue says', async () => {
  const agenda = instrumentAgenda(agendaOf(), waybill);
  agenda.define('orders', async () => {}, { lockLifetime: 5000 });
  await run(agenda, { lockedAt: new Date(1000) });
  assert.equal(facts<StartedFact>('started')[0]?.lease_until, 6000);
});
