import type { GapReason } from './facts.ts';

/** What comes of each part of the identity in one situation. The table is data: the core acts by it, a test holds each cell against what it does, the docs print it. */
export interface Rule {
  readonly situation: string;
  /** `inherited` from the scope; `carried` by the message; `own`: its own message id begins a workflow. */
  readonly correlation: 'inherited' | 'carried' | 'own' | 'unanimous' | 'continued';
  /** `handled`: the message that is being handled. */
  readonly causation: 'handled' | 'carried' | 'none';
  readonly messageId: 'new' | 'carried' | 'hashed';
  /** `P?`: P for an ordinary first hop, else L. `stamped`: as the sender decided. */
  readonly trace: 'P' | 'P?' | 'L' | 'root' | 'stamped';
  /** Why, as the fact says it. */
  readonly traceReason: string;
  /** `snapshot` of what is bound now; `carried` with the message; `equal`: those that all of a batch share. */
  readonly bindings: 'snapshot' | 'carried' | 'equal' | 'none';
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

export const RULES = {
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
    bindings: 'none',
    trace: 'P',
    traceReason: 'trusted edge',
  },
  event: { situation: 'publish an event', ...SENT, trace: 'L', traceReason: 'event' },
  command: { situation: 'send a command', ...SENT, trace: 'P?', traceReason: 'command' },
  delayed: { situation: 'delayed / scheduled once', ...SENT, trace: 'L', traceReason: 'delayed' },
  fanout: { situation: 'fan-out of n', ...SENT, trace: 'P?', traceReason: 'command' },
  newWorkflow: {
    situation: '`newWorkflow()` in a handler',
    ...SENT,
    correlation: 'continued',
    trace: 'L',
    traceReason: 'new workflow',
  },
  noScope: {
    situation: 'send outside any scope',
    ...ROOT,
    messageId: 'new',
    trace: 'root',
    traceReason: 'no_context',
    gap: 'no_context',
  },
  firstDelivery: { situation: 'first delivery', ...TAKEN, trace: 'stamped', traceReason: 'command' },
  retry: { situation: 'application retry', ...TAKEN, trace: 'L', traceReason: 'retry' },
  redelivery: { situation: 'broker redelivery', ...TAKEN, trace: 'L', traceReason: 'redelivery' },
  deadLetter: { situation: 'taken from a dead-letter queue', ...TAKEN, trace: 'L', traceReason: 'dead letter' },
  batch: {
    situation: 'batch / fan-in',
    correlation: 'unanimous',
    causation: 'carried',
    messageId: 'new',
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
} as const satisfies Record<string, Rule>;

export type Situation = keyof typeof RULES;

/** Past so many messages from the root, a trace of children is no picture any more. */
export const HOPS_IN_ONE_TRACE = 20;
/** Past so many sends, one execution is a fan-out, whatever it calls them. */
export const SENDS_IN_ONE_TRACE = 16;
