import type { Fetched } from '../../src/store/rounds.ts';
import type { FactReader, FactStore } from '../../src/store/store.ts';

type LookUp = (reader: FactReader) => unknown;

/** Looks up in a store as if that were far away: what was not fetched yet, it says there is nothing of. */
export function slowReaderOf(store: FactStore): Fetched<() => Promise<void>> & { readonly fetches: number[] } {
  const found = new Map<string, unknown>();
  const fetches: number[] = [];
  return {
    fetches,
    reader(want) {
      const slowly =
        <Found>(name: string, nothing: Found, lookUp: (reader: FactReader, given: unknown[]) => unknown) =>
        (...given: unknown[]): Found => {
          const key = `${name} ${JSON.stringify(given)}`;
          const ask: LookUp = (reader) => lookUp(reader, given);
          if (!found.has(key)) want(key, async () => void found.set(key, await store.read(ask)));
          return (found.get(key) as Found | undefined) ?? nothing; // sound: a key has one look-up
        };
      const ofReader = <Found>(name: Exclude<keyof FactReader, 'timeline'>, nothing: Found) =>
        // Sound: what it was given is what the look-up of this name takes.
        slowly(name, nothing, (reader, given) => (reader[name] as (...all: unknown[]) => unknown)(...given));
      const ofTimeline = <Found>(name: keyof FactReader['timeline'], nothing: Found) =>
        slowly(name, nothing, ({ timeline }, given) => (timeline[name] as (...all: unknown[]) => unknown)(...given));
      return {
        find: ofReader('find', []),
        near: ofReader('near', []),
        ancestors: ofReader('ancestors', []),
        effects: ofReader('effects', []),
        batchItems: ofReader('batchItems', []),
        messagesOf: ofReader('messagesOf', []),
        messagesAt: ofReader('messagesAt', []),
        factsOf: ofReader('factsOf', []),
        extent: ofReader('extent', { facts: 0, since: null, until: null }),
        dropped: ofReader('dropped', 0),
        records: ofReader('records', false),
        destinations: ofReader('destinations', []),
        shapeOf: ofReader('shapeOf', []),
        countedIn: ofReader('countedIn', []),
        standing: ofReader('standing', []),
        timeline: {
          counts: ofTimeline('counts', { facts: 0, messages: 0 }),
          withGaps: ofTimeline('withGaps', []),
          failing: ofTimeline('failing', []),
          open: ofTimeline('open', []),
          keyed: ofTimeline('keyed', []),
          began: ofTimeline('began', []),
          destinations: ofTimeline('destinations', []),
          sentTo: ofTimeline('sentTo', null),
          sampleOf: ofTimeline('sampleOf', []),
          arrivals: ofTimeline('arrivals', []),
        },
      };
    },
    async fetch(wanted) {
      fetches.push(wanted.length);
      await Promise.all(wanted.map((ask) => ask()));
    },
  };
}
