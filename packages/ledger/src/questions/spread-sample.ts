import type { FactReader, Stretch } from '../store/store.ts';

const slices = 6;

/** Some of the messages that were sent there, spread over the time: the oldest alone would tell of its beginning. */
export function spreadSample(
  reader: FactReader,
  destination: string,
  { since, until, tenantId }: Stretch,
  perSlice: number,
): string[] {
  const length = (until - since) / slices;
  const ids = Array.from({ length: slices }, (_, slice) => {
    const part = {
      since: Math.floor(since + slice * length),
      until: Math.floor(since + (slice + 1) * length),
      tenantId,
    };
    return reader.timeline.sampleOf(destination, part, perSlice);
  });
  return [...new Set(ids.flat())];
}

/** Of so many messages that are to be read, how many that is in each part of the time. */
export function perSliceOf(messages: number): number {
  return Math.max(1, Math.floor(messages / slices));
}
