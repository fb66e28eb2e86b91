import type { FactReader } from '../store.ts';
import type { Needs } from './needs.ts';

type Extent = ReturnType<FactReader['extent']>;

const nothing: Extent = { facts: 0, since: null, until: null };

/** What is looked up by a statement of its own. */
export function openOthers(needs: Needs): Pick<FactReader, 'extent' | 'dropped' | 'records'> {
  return {
    extent() {
      // Of an id that names nothing it is told where that was looked for, and of any other it is not.
      if (needs.isLooking()) return nothing;
      const asks = [FACTS, DROPPED_FACTS, EXTENT].map((statement) => ({ statement, parameters: {} }));
      return needs.other<Extent>({ what: 'other', key: 'extent', asks, answer: extentOf }) ?? nothing;
    },
    dropped: (since, until) =>
      needs.other<number>({
        what: 'other',
        key: `dropped ${since} ${until}`,
        asks: [{ statement: DROPPED, parameters: { since: Math.trunc(since), until: Math.trunc(until) } }],
        answer: (rows) => Number(rows[0]?.[0]),
      }) ?? 0,
    records: (service, system) =>
      needs.other<boolean>({
        what: 'other',
        key: `records ${JSON.stringify([service, system])}`,
        asks: [{ statement: RECORDS, parameters: { service, system: system ?? '' } }],
        answer: (rows) => rows.length > 0,
      }) ?? false,
  };
}

function extentOf(rows: unknown[][]): Extent {
  const [[ofMessages] = [], [dropped] = [], [since, until] = []] = rows;
  const facts = Number(ofMessages) + Number(dropped);
  return facts === 0 ? nothing : { facts, since: Number(since), until: Number(until) };
}

/** Each is counted by itself: so it is read off the parts, and no row is. */
const FACTS = `-- How much is there?
SELECT count() FROM facts`;

const DROPPED_FACTS = `-- How much is there that tells of what was dropped?
SELECT count() FROM dropped`;

const EXTENT = `-- Of which time is what is there?
SELECT min(since), max(until) FROM extents`;

const DROPPED = `-- How many facts do recorders say they dropped in this window?
SELECT sum(count) FROM (
  SELECT count FROM dropped WHERE at >= {since:Int64} AND since <= {until:Int64} LIMIT 1 BY fact_id
)`;

const RECORDS = `-- Does this service record what it sends to, or takes from, this system? From any, where that is empty.
SELECT 1 FROM recorders
WHERE service = {service:String}
  AND ({system:String} = '' OR replaceAll(system, '-', '_') = replaceAll({system:String}, '-', '_'))
LIMIT 1`;
