import type { FactReader } from '../../store/store.ts';
import { type Asked, searchedOf } from '../asked.ts';
import type { TailData } from './answer.ts';
import { newestOf } from './arrived.ts';
import { recordsOf } from './records.ts';

/** Which facts came in this time: the last ones, or those after a cursor. */
export function ask(reader: FactReader, asked: Asked): TailData {
  const { window, after, limit } = asked;
  const arrivals = reader.timeline.arrivals(window, after, limit);
  const isCut = after === null && arrivals.length === limit;
  const last = arrivals.at(-1)?.key ?? after ?? newestOf(reader);
  return {
    searched: searchedOf(reader, asked),
    facts: recordsOf(reader, arrivals).map(({ record }) => record),
    not_shown: isCut ? Math.max(0, reader.timeline.counts(window).facts - limit) : 0,
    cursor: last === null ? null : String(last),
  };
}
