import type { Outcome } from 'waybill';

/** How an execution ends that did not do its work. */
export const FAILING: readonly Outcome[] = ['retry', 'dead', 'failed'];
