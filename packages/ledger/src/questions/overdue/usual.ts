import type { Millis } from 'waybill';
import type { FactReader, Stretch } from '../../store/store.ts';
import { messagesOf } from '../graph/memory-source.ts';
import { learnServed, type Surroundings } from '../graph/surroundings.ts';

/** A little more than is needed to say how long messages usually wait. */
const sampleMax = 24;
const placesMax = 10;
/** It is learned of the time before as well: in the window it may be what is looked for. */
const beforeMs = 3_600_000;

/** How long messages waited, and who took them, where these were sent: by a sample of the oldest that there are. */
export function usualWaits(
  reader: FactReader,
  window: Stretch,
  messageIds: readonly string[],
  asOf: Millis,
): Surroundings['served'] {
  const destinations = new Set<string>();
  for (const { kind, destination } of reader.factsOf(messageIds)) if (kind === 'sent') destinations.add(destination);
  const around = { since: window.since - beforeMs, until: window.until, tenantId: null };
  const ids = [...destinations]
    .slice(0, placesMax)
    .flatMap((destination) => reader.timeline.sampleOf(destination, around, sampleMax));
  const facts = reader.factsOf([...new Set(ids)]).filter(({ at }) => at <= asOf);
  return learnServed(messagesOf(facts).values());
}
