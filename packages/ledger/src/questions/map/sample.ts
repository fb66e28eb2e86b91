import type { FactReader } from '../../store/store.ts';
import { type Asked, messagesMax } from '../asked.ts';
import { spreadSample } from '../spread-sample.ts';

/** Which messages a map is drawn of. */
export interface MapSample {
  /** Sent in the time, came without context, or failed in it. */
  readonly ids: readonly string[];
  readonly withGaps: readonly string[];
  readonly isAtLeast: boolean;
}

/** As many as there are rows in an answer. */
const destinationsMax = 200;
/** For all destinations together; each has an equal share of them, and one with fewer is read whole. */
const sentMax = 1_200;

export function mapSample(reader: FactReader, { window }: Asked): MapSample {
  const { timeline } = reader;
  const destinations = timeline.destinations(window, destinationsMax + 1);
  const shown = destinations.slice(0, destinationsMax);
  const share = Math.floor(sentMax / Math.max(1, shown.length));
  let isAtLeast = destinations.length > destinationsMax;
  const sent = shown.flatMap((destination) => {
    const all = timeline.sentTo(destination, window, share);
    if (all !== null) return all;
    isAtLeast = true;
    return spreadSample(reader, destination, window, share);
  });
  const withGaps = timeline.withGaps(window, messagesMax + 1);
  const failing = timeline.failing(window, messagesMax + 1);
  const listed = [withGaps, failing].map((ids) => ids.slice(0, messagesMax));
  return {
    ids: [...new Set([...sent, ...listed.flat()])],
    withGaps: listed[0] ?? [],
    isAtLeast: isAtLeast || withGaps.length > messagesMax || failing.length > messagesMax,
  };
}
