/** The immutable record of who and why that is current. */
export interface Context {
  /** The workflow: the message id of its root. */
  readonly correlationId: string;
  /** What is being handled; at an ingress, the request itself. */
  readonly messageId: string;
  /** What was being handled when that message was created; null at the root. */
  readonly causationId: string | null;
  /** This run of a handler: new for every attempt. */
  readonly executionId: string;
  /** 1, 2, … as the transport counts; null where it does not. */
  readonly attempt: number | null;
  readonly traceId: string;
  /** Null without a tracer: then no span exists. */
  readonly spanId: string | null;
  readonly tenantId: string | null;
  readonly operation: string | null;
  readonly eventType: string | null;
  readonly businessKey: string | null;
  /** How many messages lie between this one and the root. */
  readonly hop: number;
}
