import { effectsMax, type Hand } from './hand.ts';
import { keyOf, type Want } from './wants.ts';

/** What a look-up asks of what is at hand. Where it answers no, that is wanted, and the look-up tells nothing. */
export interface Needs {
  /** All facts of the message. */
  own(id: string): boolean;
  /** All messages that name the id, or so many of them. */
  named(id: string, limit: number): boolean;
  /** What the message caused, or so many of them. */
  effects(id: string, limit: number): boolean;
  /** So many messages of the workflow. */
  members(correlationId: string, limit: number): boolean;
  /** The look-up that a want stands for. */
  other<Found>(want: Extract<Want, { readonly key: string }>): Found | undefined;
  /** Whether nothing was wanting so far: what is asked only where nothing was found waits for it. */
  isSure(): boolean;
  /** Whether an id is still looked for: what is asked only where it names nothing waits for that. */
  isLooking(): boolean;
}

/** Limits are few, so that what was fetched for one serves the next. */
const roughLimit = effectsMax;

export function needsOf(hand: Hand, want: (key: string, wanted: Want) => void): Needs {
  let isSure = true;
  let isLooking = false;
  const lacking = (wanted: Want): false => {
    isSure = false;
    isLooking ||= wanted.what === 'named' || wanted.what === 'ending';
    want(keyOf(wanted), wanted);
    return false;
  };
  return {
    own: (id) => hand.hasOwn(id) || lacking({ what: 'own', id }),
    named(id, asked) {
      const limit = Math.max(roughLimit, asked);
      return hand.hasNamed(id, asked) || lacking({ what: 'named', id, limit });
    },
    effects(id, limit) {
      // Of more than what is fetched with others everything that names it.
      if (limit > effectsMax) return this.named(id, limit);
      return hand.hasEffects(id, limit) || lacking({ what: 'effects', id });
    },
    members: (correlationId, limit) =>
      hand.hasMembers(correlationId, limit) || lacking({ what: 'members', correlationId, limit }),
    other<Found>(wanted: Extract<Want, { readonly key: string }>) {
      if (!hand.found.has(wanted.key)) lacking(wanted);
      return hand.found.get(wanted.key) as Found | undefined; // sound: a key has one want, and that is what it finds
    },
    isSure: () => isSure,
    isLooking: () => isLooking,
  };
}
