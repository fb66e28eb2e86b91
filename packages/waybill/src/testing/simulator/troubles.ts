import type { Random } from './random.ts';

/** Something that goes wrong again and again, each time with other numbers and ids. */
export interface Trouble {
  readonly name: string;
  /** Without a stack: nobody reads it, and it would take most of a run's time. */
  readonly errorOf: (random: Random) => { readonly name: string; readonly message: string };
}

/** With `#` for what differs from case to case. */
const PATTERNS: readonly [type: string, message: string][] = [
  ['ProviderTimeout', 'the card provider answered # after # ms'],
  ['AddressRejected', 'postcode "#" of order ORD-# is missing a district'],
  ['StockConflict', 'row # changed from version # to #'],
  ['WebhookFailed', 'POST to endpoint # answered #'],
  ['ConnectionReset', 'socket # hung up after # bytes'],
  ['SchemaMismatch', "field '#' of row # is no date"],
  ['QuotaExceeded', '# of # calls used by account #'],
  ['TypeError', 'cannot read line # of an order without lines'],
];

const TROUBLES: readonly Trouble[] = PATTERNS.map(([type, message]) => ({
  name: `${type}: ${message}`,
  errorOf: (random) => ({ name: type, message: message.replaceAll('#', () => String(random.between(100, 99_999))) }),
}));

/** Two different ones: what a consumer stumbles over in one workflow is mostly the same thing. */
export function pickTroubles(random: Random): readonly [Trouble, Trouble] {
  const first = random.below(TROUBLES.length);
  const second = (first + random.between(1, TROUBLES.length - 1)) % TROUBLES.length;
  // Sound: both are below the length.
  return [TROUBLES[first] as Trouble, TROUBLES[second] as Trouble];
}
