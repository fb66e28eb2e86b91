import { rowsOfAll } from './asks.ts';
import type { Connection } from './connection.ts';
import type { Hand } from './hand.ts';
import { within } from './timeline.ts';
import type { WantOf } from './wants.ts';

type Sent = WantOf<'sent'>;

/** What is asked of several destinations alike is asked at once: the facts of that time are read for all of them. */
export async function fetchSent(hand: Hand, rows: Connection['rows'], wants: readonly Sent[]): Promise<void> {
  const alike = [...Map.groupBy(wants, ({ stretch, limit }) => JSON.stringify([stretch, limit])).values()];
  const asks = alike.flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const destinations = [first, ...others].map(({ destination }) => destination.toWellFormed());
    return [{ statement: SENT, parameters: { ...within(first.stretch), limit: first.limit, destinations } }];
  });
  const found = await rowsOfAll(rows, asks);
  for (const [place, own] of alike.entries()) {
    const sent = found[place] ?? [];
    for (const [, id] of sent) hand.sampled.add(String(id));
    const byDestination = Map.groupBy(sent, ([destination]) => String(destination));
    for (const { key, destination } of own)
      hand.found.set(
        key,
        (byDestination.get(destination.toWellFormed()) ?? []).map(([, id]) => String(id)),
      );
  }
}

const SENT = `-- Which messages were sent to these destinations in this time? Of each the oldest first.
SELECT destination, message_id FROM facts
WHERE at >= {since:Int64} AND at < {until:Int64} AND kind = 'sent' AND destination IN {destinations:Array(String)}
  AND ({of_any:UInt8} = 1 OR tenant_id = {tenant:String})
GROUP BY destination, message_id ORDER BY min(at), message_id LIMIT {limit:UInt32} BY destination`;
