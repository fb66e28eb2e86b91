import type { FactReader, Stretch } from '../../store/store.ts';
import { recordsOf, type Told } from './records.ts';

/** Facts come in another order than they happened, and of hosts whose clocks are wrong: what has come is of any time. */
const EVER: Stretch = { since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, tenantId: null };

/** The facts that came after a cursor, at most `limit`. */
export function arrivedAfter(reader: FactReader, cursor: number, limit: number): Told[] {
  return recordsOf(reader, reader.timeline.arrivals(EVER, cursor, limit));
}

/** The cursor of the fact that came last; null where there is none. */
export function newestOf(reader: FactReader): number | null {
  return reader.timeline.arrivals(EVER, null, 1).at(-1)?.key ?? null;
}
