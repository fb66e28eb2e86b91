import type { FactReader, Stretch } from '../store/store.ts';

/** The time is looked at in so many parts, at most. */
export const slicesMax = 6;
/** Each slice is a look-up of its own: a few messages are not worth six. */
const perSliceLeast = 3;

/** About so many of the messages that were sent there, spread over the time: the oldest alone would tell of its beginning. */
export function spreadSample(
  reader: FactReader,
  destination: string,
  { since, until, tenantId }: Stretch,
  messages: number,
): string[] {
  const slices = Math.max(1, Math.min(slicesMax, Math.floor(messages / perSliceLeast)));
  const length = (until - since) / slices;
  const ids = Array.from({ length: slices }, (_, slice) => {
    const part = {
      since: Math.floor(since + slice * length),
      until: Math.floor(since + (slice + 1) * length),
      tenantId,
    };
    return reader.timeline.sampleOf(destination, part, Math.floor(messages / slices));
  });
  return [...new Set(ids.flat())];
}
