import type { BlastData } from '../questions/blast/answer.ts';
import type { DoctorData } from '../questions/doctor/answer.ts';
import type { FailuresData } from '../questions/failures/answer.ts';
import type { GapsData } from '../questions/gaps/answer.ts';
import type { Destination } from '../questions/graph/destinations.ts';
import type { MapData } from '../questions/map/answer.ts';
import type { OverdueData } from '../questions/overdue/answer.ts';
import type { QueuesData } from '../questions/queues/answer.ts';
import type { ReplayData } from '../questions/replay/answer.ts';
import type { SearchData } from '../questions/search/answer.ts';
import type { TailData } from '../questions/tail/answer.ts';
import type { TraceAnswer } from '../questions/trace/trace.ts';
import type { WhyAnswer } from '../questions/why/why.ts';
import type { Match } from '../store/store.ts';

/** The `data` of `waybill.destination_list/1`: what was said of destinations, each value with its source and age. */
interface DestinationList {
  readonly destinations: readonly Destination[];
}

/** The `data` of each question's answer. The schemas that the API publishes are made of these types. */
export interface Answers {
  readonly why: WhyAnswer;
  readonly trace: TraceAnswer;
  readonly blast: BlastData;
  readonly replay: ReplayData;
  readonly gaps: GapsData;
  readonly overdue: OverdueData;
  readonly failures: FailuresData;
  readonly map: MapData;
  readonly queues: QueuesData;
  readonly doctor: DoctorData;
  readonly search: SearchData;
  readonly tail: TailData;
  readonly destination_list: DestinationList;
}

/** An answer as every question gives it. */
export interface AnswerDocument<Name extends keyof Answers> {
  readonly schema: `waybill.${Name}/1`;
  /** What was recorded later is not looked at. */
  readonly as_of: string;
  /** Whether something is known to be missing: what is counted is then at least so. */
  readonly partial: boolean;
  readonly data: Answers[Name];
  readonly warnings: readonly Warning[];
}

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What went wrong, and what to do. */
export interface ErrorDocument {
  readonly schema: 'waybill.error/1';
  /** It never changes its meaning; more may be added. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** For an id that is not known: those that are nearest to it. */
  readonly did_you_mean?: readonly Meant[];
  /** For one that fits several: some of them. */
  readonly matches?: readonly Named[];
}

/** Something that an id names. */
export interface Named extends Omit<Match, 'at'> {
  /** Of the message's first fact. */
  readonly at: string;
}

export interface Meant extends Named {
  readonly ending: string;
}

export interface HealthDocument {
  readonly status: 'ok';
  /** By its clock; that of a recording stands still. */
  readonly now: string;
}

export interface ReadinessDocument {
  readonly status: 'ready';
  /** What was lost before this ledger began. It takes facts, and answers with what it has. */
  readonly damage?: { readonly code: string; readonly message: string; readonly fix: string };
}

/** OTLP's answer to an export. Its counts are int64, which OTLP/JSON writes as text. */
export interface ExportDocument {
  readonly partialSuccess: {
    readonly rejectedLogRecords?: string;
    readonly rejectedSpans?: string;
    readonly errorMessage?: string;
  };
}

/** A google.rpc.Status, which is how OTLP tells errors. */
export interface ExportFailure {
  readonly code: number;
  readonly message: string;
}

/** What became of a report. */
export interface ReportDocument {
  readonly schema: 'waybill.destinations_taken/1';
  /** How many something was said of. */
  readonly destinations: number;
  /** Fields that this version does not know. */
  readonly ignored: readonly string[];
}

export interface RemovalDocument {
  readonly schema: 'waybill.destination_removed/1';
  readonly name: string;
  /** How many were forgotten. */
  readonly values: number;
}

/** Everything that the API answers in JSON. */
export type Documents = { readonly [Name in keyof Answers]: AnswerDocument<Name> } & {
  readonly error: ErrorDocument;
  readonly health: HealthDocument;
  readonly readiness: ReadinessDocument;
  readonly exported: ExportDocument;
  readonly export_failure: ExportFailure;
  readonly report: ReportDocument;
  readonly removal: RemovalDocument;
};
