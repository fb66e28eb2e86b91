import type { OtelAttributes } from './opentelemetry-api.ts';
import { ATTRIBUTE } from './span-attributes.ts';

/** By what values some instruments are told apart; the system is always the first. */
export interface SeriesKind {
  readonly names: readonly string[];
  readonly fixed: OtelAttributes;
  /** That share its attribute sets: each set is as many series. */
  readonly instruments: number;
}

const PLACE = [ATTRIBUTE.system, ATTRIBUTE.destination];
const SENDING = { [ATTRIBUTE.operationName]: 'send' };
const PROCESSING = { [ATTRIBUTE.operationName]: 'process' };

export const SENT: SeriesKind = {
  names: [...PLACE, ATTRIBUTE.status, ATTRIBUTE.errorType],
  fixed: SENDING,
  instruments: 1,
};
/** In flight, consumed, wait and age. */
export const STARTED: SeriesKind = { names: [...PLACE, ATTRIBUTE.subscription], fixed: PROCESSING, instruments: 4 };
export const RAN: SeriesKind = {
  names: [...PLACE, ATTRIBUTE.subscription, ATTRIBUTE.outcome, ATTRIBUTE.errorType],
  fixed: PROCESSING,
  instruments: 1,
};
export const GAP: SeriesKind = { names: [...PLACE, ATTRIBUTE.gapReason], fixed: {}, instruments: 1 };

/** The conventions' own word for a value outside of those that are told apart. */
export const OTHER = '_OTHER';

/** Of all instruments together: stores of metrics fall over on more, and a destination may have an id in its name. */
export const SERIES_MAX = 2000;
/** Whose own `_OTHER` series are kept apart. */
const SYSTEMS_MAX = 8;
/** For those of each system and of all others, with and without a subscription and an error: 15 at most each. */
const RESERVED = (SYSTEMS_MAX + 1) * 15;
/** Reasons of a recorder that are told apart, each one series, and the rest. */
export const DROP_REASONS_MAX = 20;

/** A tree by the values in their order: found without making a key for each message. */
interface Branch {
  attributes: OtelAttributes | undefined;
  readonly next: Map<string | undefined, Branch>;
}

/** Attribute sets, made once each and bounded in number: past that all values but the system are `_OTHER`. */
export class MetricSeries {
  #left = SERIES_MAX - RESERVED - DROP_REASONS_MAX - 1;
  readonly #systems = new Set<string>();
  readonly #roots = new Map<SeriesKind, Branch>();

  of(kind: SeriesKind, ...values: readonly [system: string, ...rest: (string | undefined)[]]): OtelAttributes {
    return this.#find(kind, values)?.attributes ?? this.#add(kind, values);
  }

  #find(kind: SeriesKind, values: readonly (string | undefined)[]): Branch | undefined {
    let branch = this.#roots.get(kind);
    for (const value of values) branch = branch?.next.get(value);
    return branch;
  }

  #add(kind: SeriesKind, values: readonly [string, ...(string | undefined)[]]): OtelAttributes {
    if (this.#left >= kind.instruments) {
      this.#left -= kind.instruments;
      return this.#grow(kind, values);
    }
    const [system, ...rest] = values;
    const others = [this.#known(system), ...rest.map((value) => (value === undefined ? undefined : OTHER))];
    return this.#find(kind, others)?.attributes ?? this.#grow(kind, others);
  }

  #grow(kind: SeriesKind, values: readonly (string | undefined)[]): OtelAttributes {
    const attributes = { ...kind.fixed };
    let branch = branchOf(this.#roots, kind);
    for (const [index, value] of values.entries()) {
      branch = branchOf(branch.next, value);
      const name = kind.names[index];
      if (name !== undefined && value !== undefined) attributes[name] = value;
    }
    branch.attributes = attributes;
    return attributes;
  }

  #known(system: string): string {
    if (this.#systems.size < SYSTEMS_MAX) this.#systems.add(system);
    return this.#systems.has(system) ? system : OTHER;
  }
}

function branchOf<Key>(among: Map<Key, Branch>, key: Key): Branch {
  const known = among.get(key);
  if (known !== undefined) return known;
  const branch: Branch = { attributes: undefined, next: new Map() };
  among.set(key, branch);
  return branch;
}
