import type { Dialect } from './dialect.ts';
import { checkOptions, isOneOf, type OptionRule } from './options.ts';

/** What a platform engineer says of one destination; of every other, the defaults hold. */
export interface DestinationPolicy {
  /**
   * `trusted`: ours, the default. `public`: strangers can write to it, so nothing that comes from it is believed.
   * `external`: it leaves our systems; nothing is written for it, and nothing from it is believed.
   */
  readonly trust?: 'trusted' | 'public' | 'external' | undefined;
  /** `P`: its executions are children of the creation context; `L`: linked to it. By the rules, if left out. */
  readonly trace?: 'P' | 'L' | undefined;
  /** The foreign system that reads there: its own headers are written too. */
  readonly dialect?: Dialect | undefined;
}

export const isDialect: OptionRule = {
  expected: 'a dialect: an object with "name" and a function "read"',
  fits: (value) =>
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'read' in value &&
    typeof value.read === 'function',
};

export const isDestinations: OptionRule = {
  expected: 'an object of policies by destination',
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/**
 * Looks up policies by the destination's own name, checked once.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID for a mistake in one of them.
 */
export function policiesOf(
  destinations: Readonly<Record<string, DestinationPolicy>> | undefined,
): (destination: string) => DestinationPolicy | undefined {
  const policies = new Map(Object.entries(destinations ?? {}));
  for (const [name, policy] of policies) {
    checkOptions(`destination ${JSON.stringify(name.slice(0, 60))}`, policy, {
      trust: isOneOf('trusted', 'public', 'external'),
      trace: isOneOf('P', 'L'),
      dialect: isDialect,
    });
  }
  return policies.size === 0 ? () => undefined : (destination) => policies.get(destination);
}
