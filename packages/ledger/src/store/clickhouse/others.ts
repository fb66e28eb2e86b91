import type { FactReader } from '../store.ts';
import type { Needs } from './needs.ts';

const nothing = { facts: 0, since: null, until: null };

/** What is looked up by a statement of its own. */
export function openOthers(needs: Needs): Pick<FactReader, 'extent' | 'dropped' | 'records'> {
  return {
    extent: () =>
      needs.other<ReturnType<FactReader['extent']>>({
        what: 'other',
        key: 'extent',
        async ask({ rows }) {
          const [[facts, since, until] = []] = await rows(EXTENT);
          return Number(facts) === 0 ? nothing : { facts: Number(facts), since: Number(since), until: Number(until) };
        },
      }) ?? nothing,
    dropped: (since, until) =>
      needs.other<number>({
        what: 'other',
        key: `dropped ${since} ${until}`,
        async ask({ rows }) {
          const [[count] = []] = await rows(DROPPED, { since: Math.trunc(since), until: Math.trunc(until) });
          return Number(count);
        },
      }) ?? 0,
    records: (service, system) =>
      needs.other<boolean>({
        what: 'other',
        key: `records ${JSON.stringify([service, system])}`,
        ask: async ({ rows }) => (await rows(RECORDS, { service, system: system ?? '' })).length > 0,
      }) ?? false,
  };
}

const EXTENT = `-- How much is there, and of which time?
SELECT (SELECT count() FROM facts) + (SELECT count() FROM dropped), min(since), max(until) FROM extents`;

const DROPPED = `-- How many facts do recorders say they dropped in this window?
SELECT sum(count) FROM (
  SELECT count FROM dropped WHERE at >= {since:Int64} AND since <= {until:Int64} LIMIT 1 BY fact_id
)`;

const RECORDS = `-- Does this service record what it sends to, or takes from, this system? From any, where that is empty.
SELECT 1 FROM recorders
WHERE service = {service:String}
  AND ({system:String} = '' OR replaceAll(system, '-', '_') = replaceAll({system:String}, '-', '_'))
LIMIT 1`;
