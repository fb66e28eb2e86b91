import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApp, type FactStore, openSqliteStore } from '@waybill/ledger';
import type { MadeFacts, Sample } from './made-facts.ts';

const askedTimes = 1_000;
const windowTimes = 100;
/** A ledger has been asked before: these are not measured, and are about other messages. */
const warmUpTimes = 300;
const warmUpWindowTimes = 10;
/** The last that were made may still wait for a batch to be full. */
const unsentSamples = 50;
const WINDOW_QUESTIONS = ['overdue', 'gaps', 'failures', 'queues', 'map'] as const;

/** What each question took, each time, in ms: by the clock, and of the processor, which others may have meanwhile. */
export type Asked = ReadonlyMap<string, { readonly taken: readonly number[]; readonly cpu: readonly number[] }>;

/** What a ledger of some facts is asked about. */
export interface Asking {
  readonly samples: readonly Sample[];
  readonly warmUp: readonly Sample[];
  readonly until: number;
}

/** Asks a ledger of these facts, in a process that does nothing else: its collector is not that of whoever made them. */
export async function ask(path: string, made: MadeFacts): Promise<Asked> {
  const script = fileURLToPath(new URL('./ledger-asker.ts', import.meta.url));
  const child = fork(script, [path], { execArgv: ['--conditions=@waybill/source'] });
  const [samples, warmUp] = [spread(made, askedTimes), spread(made, warmUpTimes, 0.5)];
  child.send({ samples, warmUp, until: made.madeUntil() } satisfies Asking);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('whoever asks has ended without an answer')));
  const [asked] = await Promise.race([once(child, 'message'), ended]);
  return new Map(asked);
}

/** Over all that there is; an odd step meets each kind of id. */
function spread({ samples }: MadeFacts, count: number, offset = 0): Sample[] {
  const step = (samples.length - unsentSamples) / count;
  const spreads = Array.from({ length: count }, (_, index) => samples[Math.floor((index + offset) * step)]);
  return spreads.filter((sample) => sample !== undefined);
}

/** Asks it in this process. */
export async function askHere(path: string, { samples, warmUp, until }: Asking): Promise<Asked> {
  const store = openSqliteStore({ path });
  const app = createApp({ store });
  const asked = new Map<string, { taken: number[]; cpu: number[] }>();
  const times = async (name: string, answer: (sample: Sample, index: number) => unknown, count = askedTimes) => {
    const [taken, cpu]: [number[], number[]] = [[], []];
    const unmeasured = warmUp.slice(0, count < askedTimes ? warmUpWindowTimes : warmUpTimes);
    for (const [index, sample] of unmeasured.entries()) await answer(sample, index);
    for (const [index, sample] of samples.slice(0, count).entries()) {
      // As a server goes from one question to the next.
      await setImmediate();
      const [began, used] = [performance.now(), process.cpuUsage()];
      await answer(sample, index);
      taken.push(performance.now() - began);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1_000);
    }
    asked.set(name, { taken, cpu });
  };
  await times('find', (sample, index) => store.read((reader) => reader.find(idOf(sample, index), 10)));
  await times('find by an ending', ({ messageId }) => store.read((reader) => reader.find(messageId.slice(-6), 10)));
  await times('workflow of 25 messages', ({ correlationId }) => factsOfWorkflow(store, correlationId));
  await times('why', async (sample, index) => {
    const answer = await app.request(`/api/v1/why?id=${idOf(sample, index)}`);
    if (answer.status !== 200) throw new Error(`why answered ${answer.status}: ${await answer.text()}`);
  });
  // Of the last hour that there are facts of.
  const asOf = new Date(until).toISOString();
  for (const question of WINDOW_QUESTIONS)
    await times(
      question,
      async () => {
        const answer = await app.request(`/api/v1/${question}?as_of=${asOf}`);
        if (answer.status !== 200) throw new Error(`${question} answered ${answer.status}: ${await answer.text()}`);
      },
      windowTimes,
    );
  await app.close();
  return asked;
}

function idOf({ messageId, executionId, brokerId }: Sample, index: number): string {
  return [messageId, executionId, brokerId][index % 3] ?? messageId;
}

async function factsOfWorkflow(store: FactStore, correlationId: string): Promise<void> {
  const facts = await store.read((reader) => reader.factsOf(reader.messagesOf(correlationId, 100)));
  if (facts.length < 25) throw new Error(`the workflow ${correlationId} is not whole`);
}
