import type { GapReason } from './facts.ts';

/** What comes of each part of the identity in one situation. The table is data: the core acts by it, a test holds each cell against what it does, the docs print it. */
export interface Rule {
  readonly situation: string;
  /**
   * `inherited` from the scope; `carried` by the message; `own`: its own message id begins a workflow; `continued`:
   * a new one, which says what it continues; `unanimous`: that of all messages of a batch, else the batch's own id.
   */
  readonly correlation: 'inherited' | 'carried' | 'own' | 'unanimous' | 'continued';
  /** `handled`: the message that is being handled. `batch`: the batch's own id, for what is sent in it. */
  readonly causation: 'handled' | 'carried' | 'none' | 'batch';
  /** `derived` from a schedule and a due time; `hashed` from where a message lies. */
  readonly messageId: 'new' | 'carried' | 'hashed' | 'derived' | 'edited';
  /** `P?`: P for an ordinary first hop, else L. `stamped`: as the sender decided. `kept`: no span is made of it. */
  readonly trace: 'P' | 'P?' | 'L' | 'root' | 'stamped' | 'kept';
  /** Why, as the fact says it; empty where the message stays as it is. */
  readonly traceReason: string;
  /** `snapshot` of what is bound now; `carried` with the message; `allowed`: those of them that the edge lets in; `equal`: those that all of a batch share. */
  readonly bindings: 'snapshot' | 'carried' | 'allowed' | 'equal' | 'none';
  readonly gap: GapReason | null;
}

const SENT = {
  correlation: 'inherited',
  causation: 'handled',
  messageId: 'new',
  bindings: 'snapshot',
  gap: null,
} as const;
const TAKEN = {
  correlation: 'carried',
  causation: 'carried',
  messageId: 'carried',
  bindings: 'carried',
  gap: null,
} as const;
const ROOT = { correlation: 'own', causation: 'none', bindings: 'none' } as const;

/** Where work enters. */
const EDGES = {
  ingressPublic: {
    situation: 'ingress, public edge',
    ...ROOT,
    messageId: 'new',
    trace: 'L',
    traceReason: 'untrusted edge',
    gap: null,
  },
  ingressTrusted: {
    situation: 'ingress, trusted edge',
    ...TAKEN,
    bindings: 'allowed',
    trace: 'P',
    traceReason: 'trusted edge',
  },
  tick: { situation: 'cron tick', ...ROOT, messageId: 'derived', trace: 'root', traceReason: 'schedule', gap: null },
} as const satisfies Record<string, Rule>;

/** What is sent in a scope, or outside every scope. */
const SENDS = {
  request: { situation: 'outgoing HTTP call', ...SENT, bindings: 'none', trace: 'P', traceReason: 'request' },
  event: { situation: 'publish an event', ...SENT, trace: 'L', traceReason: 'event' },
  command: { situation: 'send a command', ...SENT, trace: 'P?', traceReason: 'command' },
  noScope: {
    situation: 'send outside any scope',
    ...ROOT,
    messageId: 'new',
    trace: 'root',
    traceReason: 'no_context',
    gap: 'no_context',
  },
  delayed: { situation: 'delayed / scheduled once', ...SENT, trace: 'L', traceReason: 'delayed' },
  fanout: { situation: 'fan-out of n', ...SENT, trace: 'P?', traceReason: 'command' },
  reply: { situation: 'request–reply', ...SENT, trace: 'P?', traceReason: 'reply' },
  transform: { situation: 'transform and forward', ...SENT, trace: 'L', traceReason: 'transform' },
  outbox: { situation: 'transactional outbox', ...SENT, trace: 'L', traceReason: 'outbox' },
  saga: { situation: 'saga', ...SENT, trace: 'L', traceReason: 'saga' },
  flow: { situation: 'flow created up front', ...SENT, trace: 'L', traceReason: 'flow' },
  childAwaited: {
    situation: 'child added by a running parent, awaited',
    ...SENT,
    trace: 'P',
    traceReason: 'awaited child',
  },
  childDetached: {
    situation: 'child added by a running parent, not awaited',
    ...SENT,
    trace: 'L',
    traceReason: 'child',
  },
  newWorkflow: {
    situation: '`newWorkflow()` in a handler',
    ...SENT,
    correlation: 'continued',
    trace: 'L',
    traceReason: 'new workflow',
  },
} as const satisfies Record<string, Rule>;

/** A message made earlier, that is sent on or again. */
const RESENDS = {
  forward: { situation: 'forward unmodified', ...TAKEN, trace: 'L', traceReason: 'forward' },
  deadLetter: { situation: 'dead letter', ...TAKEN, trace: 'kept', traceReason: '' },
  replay: { situation: 'operator replay', ...TAKEN, trace: 'L', traceReason: 'replay' },
  replayEdited: {
    situation: 'operator replay, edited',
    ...TAKEN,
    messageId: 'edited',
    trace: 'L',
    traceReason: 'replay',
  },
} as const satisfies Record<string, Rule>;

/** What arrives. */
const DELIVERIES = {
  firstDelivery: { situation: 'first delivery', ...TAKEN, trace: 'stamped', traceReason: 'command' },
  redelivery: { situation: 'broker redelivery', ...TAKEN, trace: 'L', traceReason: 'redelivery' },
  retry: { situation: 'application retry', ...TAKEN, trace: 'L', traceReason: 'retry' },
  fromDeadLetter: {
    situation: 'taken from a dead-letter queue',
    ...TAKEN,
    trace: 'L',
    traceReason: 'dead letter',
  },
  replayed: { situation: 'delivery of an operator’s replay', ...TAKEN, trace: 'L', traceReason: 'replay' },
  logReplay: { situation: 'log replay / backfill', ...TAKEN, trace: 'L', traceReason: 'log replay' },
  batch: {
    situation: 'batch / fan-in',
    correlation: 'unanimous',
    causation: 'batch',
    messageId: 'carried',
    trace: 'L',
    traceReason: 'batch',
    bindings: 'equal',
    gap: 'mixed_tenants',
  },
  nothingReadable: {
    situation: 'delivery with nothing readable',
    ...ROOT,
    messageId: 'hashed',
    trace: 'root',
    traceReason: 'no_context',
    gap: 'no_context',
  },
  w3cOnly: {
    situation: 'delivery with W3C headers alone',
    ...ROOT,
    messageId: 'hashed',
    trace: 'L',
    traceReason: 'w3c_only',
    gap: 'w3c_only',
  },
  partial: {
    situation: 'delivery whose baggage alone names the workflow',
    ...ROOT,
    correlation: 'carried',
    messageId: 'hashed',
    trace: 'L',
    traceReason: 'partial',
    gap: 'partial',
  },
  deliveryPublic: {
    situation: 'delivery, public edge',
    ...ROOT,
    messageId: 'hashed',
    trace: 'L',
    traceReason: 'untrusted edge',
    gap: 'untrusted',
  },
} as const satisfies Record<string, Rule>;

/** Work that goes on elsewhere in the process, or in a thread. */
const PASSED = {
  passedScope: {
    situation: 'worker thread, timer, pool',
    correlation: 'inherited',
    causation: 'carried',
    messageId: 'carried',
    trace: 'P',
    traceReason: 'same scope',
    bindings: 'snapshot',
    gap: null,
  },
} as const satisfies Record<string, Rule>;

export const RULES = { ...EDGES, ...SENDS, ...RESENDS, ...DELIVERIES, ...PASSED } as const;

export type Situation = keyof typeof RULES;

/** Past so many messages from the root, a trace of children is no picture any more. */
export const HOPS_IN_ONE_TRACE = 20;
/** Past so many sends, one execution is a fan-out, whatever it calls them. */
export const SENDS_IN_ONE_TRACE = 16;
