import type { Asked } from '../../src/questions/asked.ts';

/** All of the first hour, as it stands at its end. */
export function asked(more: Partial<Asked> = {}): Asked {
  return { window: { since: 0, until: 3_600_001, tenantId: null }, asOf: 3_600_000, limit: 20, after: null, ...more };
}
