/** What a system tells its receivers, and what it can do: they differ as the real ones differ. */
export interface Transport {
  /** As OpenTelemetry names it. */
  readonly system: string;
  readonly countsAttempts: boolean;
  readonly countsDeliveries: boolean;
  /** Says whether it is the first arrival. */
  readonly saysRedelivered: boolean;
  /** A receiver always sees the broker's id; a sender not everywhere. */
  readonly isIdToldToSender: boolean;
  readonly saysEnqueuedAt: boolean;
  readonly leaseMs: number | null;
  readonly maxAttempts: number | null;
  readonly canDelay: boolean;
  readonly canBackOff: boolean;
  readonly canRelease: boolean;
  /** A failed message stays in place (`set`), is moved by the broker (`queue`), or put aside by its consumer. */
  readonly deadLetters: 'set' | 'queue' | 'consumer';
  /** What an adapter can say of a throw that is not the last. */
  readonly failure: 'retry' | 'failed';
  readonly isLog: boolean;
  readonly layout: 'headers' | 'payload field' | 'record';
}

const BULLMQ: Transport = {
  system: 'bullmq',
  countsAttempts: true,
  countsDeliveries: true,
  saysRedelivered: true,
  isIdToldToSender: true,
  saysEnqueuedAt: true,
  leaseMs: 30_000,
  maxAttempts: 5,
  canDelay: true,
  canBackOff: true,
  canRelease: true,
  deadLetters: 'set',
  failure: 'retry',
  isLog: false,
  layout: 'headers',
};

/** Counts what it received, and nothing else: why it came again is nowhere. */
const SQS: Transport = {
  ...BULLMQ,
  system: 'aws_sqs',
  countsAttempts: false,
  leaseMs: 60_000,
  deadLetters: 'queue',
};

/** A crash counts as a failed attempt, and nothing tells them apart. */
const PG_BOSS: Transport = {
  ...BULLMQ,
  system: 'pg_boss',
  countsDeliveries: false,
  saysRedelivered: false,
  leaseMs: 300_000,
  canRelease: false,
  layout: 'payload field',
};

const GRAPHILE_WORKER: Transport = {
  ...PG_BOSS,
  system: 'graphile_worker',
  saysEnqueuedAt: false,
  leaseMs: null,
};

/** A table of tasks, as services write it themselves. */
const TASK_TABLE: Transport = { ...PG_BOSS, system: 'postgresql', leaseMs: 120_000, layout: 'record' };

/** One bit: not the first arrival. */
const RABBITMQ: Transport = {
  ...BULLMQ,
  system: 'rabbitmq',
  countsAttempts: false,
  countsDeliveries: false,
  isIdToldToSender: false,
  saysEnqueuedAt: false,
  leaseMs: null,
  maxAttempts: null,
  canDelay: false,
  canBackOff: false,
  deadLetters: 'queue',
};

/** Says nothing at all: a throw brings the same offset again, and so does a crash. */
const KAFKA: Transport = {
  ...RABBITMQ,
  system: 'kafka',
  saysRedelivered: false,
  isIdToldToSender: true,
  saysEnqueuedAt: true,
  canRelease: false,
  deadLetters: 'consumer',
  failure: 'failed',
  isLog: true,
};

const NATS: Transport = {
  ...SQS,
  system: 'nats',
  leaseMs: 30_000,
  maxAttempts: null,
  canDelay: false,
  deadLetters: 'consumer',
};

/** What a destination may lie on, by what is asked of it. */
export const TRANSPORTS = {
  queue: [BULLMQ, SQS, PG_BOSS, GRAPHILE_WORKER, TASK_TABLE, RABBITMQ, NATS],
  topic: [KAFKA, RABBITMQ, NATS],
  log: [KAFKA],
  delayed: [BULLMQ, SQS, PG_BOSS, GRAPHILE_WORKER, TASK_TABLE],
  flow: [BULLMQ],
  batch: [SQS, PG_BOSS, KAFKA, NATS],
  'failed set': [BULLMQ, PG_BOSS, GRAPHILE_WORKER, TASK_TABLE],
} as const satisfies Record<string, readonly [Transport, ...Transport[]]>;

export type Ability = keyof typeof TRANSPORTS;
