import type { Fact } from 'waybill';
import { encodeLogs } from '../packages/waybill/src/recorders/otlp-logs.ts';

/** Encodes facts in batches, and drops the text: what a recorder pays before the socket. */
export function encodingRecorder() {
  let facts: Fact[] = [];
  return {
    record(fact: Fact) {
      if (facts.push(fact) < 512) return;
      encodeLogs(facts);
      facts = [];
    },
  };
}
