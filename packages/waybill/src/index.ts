export type { Bindings } from './core/bindings.ts';
export type { Context } from './core/context.ts';
export type {
  BatchExecution,
  Delivery,
  Execution,
  IngressEdge,
  JudgeOutcome,
  Settlement,
} from './core/delivery.ts';
export type { DestinationPolicy } from './core/destination-policy.ts';
export type { DestinationReport, Probe } from './core/destination-report.ts';
export type { Dialect } from './core/dialect.ts';
export type { Discarded } from './core/discard.ts';
export type { Envelope, Gap } from './core/envelope.ts';
export type { WaybillError, WaybillErrorCode } from './core/errors.ts';
export type {
  CreatedFact,
  DiscardedFact,
  DroppedFact,
  Fact,
  FactCommon,
  FactError,
  Flow,
  ForeignIdentity,
  GapFact,
  GapReason,
  Grouping,
  MessageFact,
  Millis,
  Outcome,
  Recorder,
  ReplayedFact,
  ReplayKind,
  SendStatus,
  SentFact,
  SettledFact,
  StartedFact,
  TraceMode,
} from './core/facts.ts';
export type { IdPrefix, MintId } from './core/ids.ts';
export { captureScope, type PassedScope, restoreScope } from './core/passed-scope.ts';
export { bind, current, keepScope, logFields, newWorkflow, withBindings } from './core/scope.ts';
export type { Receipt, Replay, Send, Sending } from './core/send.ts';
export type { TraceHeaders } from './core/w3c.ts';
export { createWaybill, type Waybill, type WaybillOptions } from './core/waybill.ts';
export { consoleRecorder } from './recorders/console.ts';
export { type MemoryRecorder, memoryRecorder } from './recorders/memory.ts';
export { type OtlpRecorderOptions, otlpRecorder } from './recorders/otlp.ts';
