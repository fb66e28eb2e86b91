// Facts as services record them, the same in every run: workflows of 25 messages, each sent, started and settled, and
// 200 workflows at a time. A batch is what one instance sends in one request.
import type { MessageFact, SettledFact, StartedFact } from 'waybill';

export interface MadeFacts {
  /** The next facts of one instance, as its recorder would send them. */
  nextBatch(): MessageFact[];
  /** Some ids of what was made so far: the last message of a workflow, and what else names it. */
  readonly samples: readonly Sample[];
  /** When the last fact was recorded, Unix ms. */
  madeUntil(): number;
}

export interface Sample {
  readonly messageId: string;
  readonly correlationId: string;
  readonly executionId: string;
  readonly brokerId: string;
}

interface Workflow {
  readonly root: string;
  readonly kind: number;
  readonly traceId: string;
  readonly tenant: string;
  readonly businessKey: string;
  readonly bindings: string;
  made: number;
  phase: number;
  messageId: string;
  causationId: string | null;
  executionId: string;
  by: string;
  brokerId: string;
  sentAt: number;
  startedAt: number;
}

export const batchMax = 512;
const inFlight = 200;
const messagesInWorkflow = 25;
const instanceCount = 6;
const beganAt = Date.UTC(2026, 2, 1);
const stepMs = 86.4; // a million facts are a day
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SYSTEMS = ['bullmq', 'pg_boss', 'rabbitmq', 'kafka'];
const SERVICES = ['checkout', 'billing', 'fulfilment'];

export function makeFacts(seed = 42): MadeFacts {
  const random = randomOf(seed);
  const workflows: (Workflow | undefined)[] = Array.from({ length: inFlight });
  const instances = Array.from({ length: instanceCount }, (_, index) => ({
    service: SERVICES[index % SERVICES.length] ?? '',
    instance: `${SERVICES[index % SERVICES.length]}-7d9f6c5b8-x${index}k2p`,
    seq: 0,
    waiting: [] as MessageFact[],
  }));
  const samples: Sample[] = [];
  let count = 0;

  const id = (prefix: string, at: number) => `${prefix}_${timeDigits(at)}${digits(random, 16)}`;

  function begin(at: number): Workflow {
    const root = id('req', at);
    const kind = random() % 10;
    const user = random() % 100_003;
    return {
      root,
      kind,
      traceId: hex(random, 32),
      tenant: `tenant-${String(random() % 200).padStart(4, '0')}`,
      businessKey: `order:ORD-${100_000 + (random() % 900_000)}`,
      bindings: `{"user_id":"u_${user}","plan":"${user % 3 === 0 ? 'pro' : 'free'}","region":"eu-west-${1 + (user % 3)}","request_id":"${hex(random, 16)}"}`,
      made: 0,
      phase: 0,
      messageId: root,
      causationId: null,
      executionId: id('exe', at),
      by: '',
      brokerId: '',
      sentAt: at,
      startedAt: at,
    };
  }

  function next(): void {
    const at = Math.floor(beganAt + count * stepMs);
    count++;
    const slot = random() % inFlight;
    workflows[slot] ??= begin(at);
    const workflow = workflows[slot];
    const from = (slot + workflow.made) % instanceCount;
    const recording = instances[workflow.phase === 0 ? from : (from + 1) % instanceCount];
    if (recording === undefined) return;
    if (workflow.phase === 0) send(workflow, at);
    recording.seq++;
    recording.waiting.push(factOf(workflow, at, { ...recording, factId: id('fct', at) }));
    if (workflow.phase === 2 && workflow.made === messagesInWorkflow) {
      const { messageId, root: correlationId, executionId, brokerId } = workflow;
      if (random() % 8 === 0) samples.push({ messageId, correlationId, executionId, brokerId });
      workflows[slot] = undefined;
    }
    workflow.phase = (workflow.phase + 1) % 3;
  }

  function send(workflow: Workflow, at: number): void {
    workflow.causationId = workflow.messageId;
    workflow.by = workflow.executionId;
    workflow.messageId = id('msg', at);
    workflow.executionId = id('exe', at + 17_000);
    workflow.brokerId = brokerIdOf(SYSTEMS[workflow.made % SYSTEMS.length] ?? '');
    workflow.made++;
  }

  function brokerIdOf(system: string): string {
    if (system === 'bullmq') return String(1_000_000 + count);
    if (system === 'kafka') return `${random() % 12}-${4_000_000 + count}`;
    const digits = hex(random, 32);
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
  }

  return {
    samples,
    madeUntil: () => Math.floor(beganAt + count * stepMs),
    nextBatch() {
      for (;;) {
        const full = instances.find(({ waiting }) => waiting.length >= batchMax);
        if (full !== undefined) return full.waiting.splice(0, batchMax);
        next();
      }
    },
  };
}

interface Recording {
  readonly service: string;
  readonly instance: string;
  readonly seq: number;
  readonly factId: string;
}

function factOf(workflow: Workflow, at: number, { service, instance, seq, factId }: Recording): MessageFact {
  const step = (workflow.kind + workflow.made) % 40;
  const common = {
    fact_id: factId,
    at,
    service,
    instance,
    seq,
    version: '1.42.3',
    message_id: workflow.messageId,
    correlation_id: workflow.root,
    causation_id: workflow.causationId,
    hop: workflow.made,
    trace_id: workflow.traceId,
    tenant_id: workflow.tenant,
    operation: 'POST /orders',
    event_type: `order.step-${step}`,
    business_key: workflow.businessKey,
    system: SYSTEMS[(workflow.made - 1) % SYSTEMS.length] ?? '',
    destination: `orders-${step % 20}`,
    broker_id: workflow.brokerId,
    bindings: workflow.bindings,
  };
  if (workflow.phase === 0) {
    workflow.sentAt = at;
    return { ...common, kind: 'sent', by_execution_id: workflow.by, created_at: at - 2, status: 'taken' };
  }
  const run = { execution_id: workflow.executionId, attempt: 1 };
  if (workflow.phase === 1) {
    workflow.startedAt = at;
    return startedFact({ ...common, ...run }, workflow.sentAt);
  }
  return settledFact({ ...common, ...run }, seq);
}

type Run = Omit<StartedFact, 'kind' | 'received_at' | 'trace_mode'>;

function startedFact(run: Run, sentAt: number): StartedFact {
  return {
    ...run,
    kind: 'started',
    max_attempts: 3,
    delivery_count: 1,
    redelivered: false,
    enqueued_at: sentAt + 1,
    received_at: run.at - 1,
    trace_mode: { mode: 'P', reason: 'command' },
  };
}

/** One run in fifty fails. */
function settledFact(run: Run, seq: number): SettledFact {
  const settled = { ...run, kind: 'settled' as const, ended_at: run.at - 1 };
  if (seq % 50 !== 0) return { ...settled, by: 'return', outcome: 'ok' };
  const message = `connect ECONNREFUSED 10.0.3.${seq % 250}:5432`;
  const error = { type: 'ConnectionError', message, fingerprint: 'f3a91c07b2d84e65' };
  return { ...settled, by: 'throw', outcome: 'dead', error };
}

/** Numbers of 32 bits, the same for one seed: xorshift. */
export function randomOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function digits(random: () => number, length: number): string {
  let text = '';
  for (let place = 0; place < length; place++) text += DIGITS[(random() >>> 7) & 31];
  return text;
}

function timeDigits(at: number): string {
  let text = '';
  for (let rest = at, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text;
  return text;
}

function hex(random: () => number, length: number): string {
  let text = '';
  while (text.length < length) text += random().toString(16).padStart(8, '0');
  return text;
}
