import type { Flow, ForeignIdentity, Grouping } from './facts.ts';
import type { TraceHeaders } from './w3c.ts';

/** What ties a message to others, beside its cause. Most messages have none of it. */
export interface Relations {
  readonly fanout?: Grouping | undefined;
  /** The message that this one answers. */
  readonly inReplyTo?: string | undefined;
  /** The message that this one is an edited replay of. */
  readonly replayOf?: string | undefined;
  /** An operator sent it again: who, and in which plan. */
  readonly replay?: OperatorReplay | undefined;
  readonly flow?: Flow | undefined;
  readonly sagaId?: string | undefined;
  /** Of a schedule's template and its ticks. */
  readonly scheduleId?: string | undefined;
  /** The workflow that this one continues. */
  readonly continuedFrom?: string | undefined;
}

export interface OperatorReplay {
  readonly actor: string;
  readonly planId: string;
  /** The operator's own span, where a tracer ran. */
  readonly traceparent?: string | undefined;
}

/** One message's identity and bindings, unpacked. Only a layout packs it: into a header, a column, a body. */
export interface Envelope {
  /** Empty in a schedule's template: each tick has its own. */
  readonly messageId: string;
  readonly correlationId: string;
  /** The message that was being handled when this one was created; null at the root. */
  readonly causationId: string | null;
  /** The trace in which it was created, in lower-case hex; null where a foreign sender named none. */
  readonly traceId: string | null;
  /** A trace that came without a span id: neither parent nor link. It stays with what the message causes. */
  readonly originTraceId?: string | undefined;
  readonly traceHeaders: TraceHeaders;
  readonly tenantId: string | null;
  readonly operation: string | null;
  readonly eventType: string | null;
  readonly businessKey: string | null;
  /** The execution that created it, so that two attempts that both send are told apart. */
  readonly byExecutionId: string | null;
  /** Stamped by the sender, and why; null where a foreign sender knows nothing of it. */
  readonly traceMode: 'P' | 'L' | null;
  readonly traceReason: string | null;
  /** How many messages lie between this one and the root. */
  readonly hop: number;
  /** Unix ms; null where a foreign sender did not say. */
  readonly sentAt: number | null;
  /** JSON text of one object, or null. Text until somebody asks: most carriers only pass it on. */
  readonly bindingsJson: string | null;
  /** The same for bindings that are carried and never logged. */
  readonly hiddenJson: string | null;
  readonly relations?: Relations | undefined;
  /** How many fields were dropped on the way here, because they did not fit. */
  readonly overflow?: number | undefined;
  /** JSON text of one object: copied to every message that this one causes. */
  readonly inheritJson?: string | undefined;
  /** JSON members (`"a":1,"b":2`) of a newer version: kept when the message is forwarded, not inherited. */
  readonly unknownJson?: string | undefined;
  /** It leaves our systems: layouts write nothing of it. */
  readonly isExternal?: true | undefined;
  /** Beside ours, for the foreign system that reads there. */
  readonly foreignHeaders?: Readonly<Record<string, string>> | undefined;
  /** Where a dialect made it of a foreign system's own headers: that system's words. */
  readonly foreign?: ForeignIdentity | undefined;
}

/** Why a waybill that is there cannot be used. */
export type Unusable = 'unreadable' | 'oversized';

/** What a layout's reader answers when there is no waybill; beside W3C headers, which are passed on all the same. */
export type Gap =
  | 'absent'
  | Unusable
  | {
      readonly traceHeaders: TraceHeaders;
      readonly unusable?: Unusable | undefined;
      /** What baggage still says of the workflow. */
      readonly correlationId?: string | undefined;
    };

export function isEnvelope(read: Envelope | Gap): read is Envelope {
  return typeof read === 'object' && 'messageId' in read;
}
