import type { Claim } from '../evidence.ts';

/** The `data` of `waybill.doctor/1`: what is amiss. */
export interface DoctorData {
  /** In the order in which they were made; one that found several things is there several times. */
  readonly checks: readonly Check[];
}

export type Check = Claim &
  (
    | {
        readonly check: 'ledger';
        /** `warn`: it has none, or none came for an hour. */
        readonly status: 'ok' | 'warn';
        readonly facts: number;
        readonly newest_at: string | null;
      }
    /** It could not be asked: then whoever tried says so. */
    | { readonly check: 'ledger'; readonly status: 'fail'; readonly problem: Problem }
    | {
        readonly check: 'lease';
        readonly status: 'warn';
        readonly destination: string;
        readonly lease_ms: number;
        readonly run_p99_ms: number;
      }
    | {
        readonly check: 'context';
        readonly status: 'warn';
        /** Who drops it; null where that is not known. */
        readonly lost_in: string | null;
        readonly to: string;
        readonly missing: readonly string[];
        readonly messages: number;
      }
    | {
        readonly check: 'consumers';
        readonly status: 'fail';
        readonly destination: string;
        /** Who would take from there, where that can only be one. */
        readonly subscription: string | null;
        readonly since: string | null;
        readonly waiting: number;
      }
    /** Nothing was found, of so many queues, messages or destinations that were looked at. */
    | { readonly check: 'lease' | 'context' | 'consumers'; readonly status: 'ok'; readonly looked_at: number }
  );

/** An error, as the registry has it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export type Status = 'ok' | 'warn' | 'fail';
