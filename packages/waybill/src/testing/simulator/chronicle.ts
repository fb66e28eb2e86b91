import type { Millis } from '../../core/facts.ts';
import { LogicalPlace } from './logical-place.ts';
import type { Trouble } from './troubles.ts';
import type { SimulatedKind, TrueFailure, TrueLoss, TrueMessage } from './truth.ts';

/** A message as the generator means it, whatever anybody records of it. */
export interface LogicalMessage {
  /** Learned from the envelope when it is minted, or when somebody opens it; until then nobody knows it by any. */
  id: string | undefined;
  readonly causes: readonly LogicalMessage[];
  readonly via: TrueMessage['via'];
  readonly lost: TrueLoss | null;
  readonly places: LogicalPlace[];
}

/** The truth, written while it happens. */
export interface Chronicle {
  add(message: Partial<LogicalMessage>): LogicalMessage;
  note(kind: SimulatedKind): void;
  fail(trouble: Trouble, failed: Failed): void;
  readonly has: ReadonlySet<SimulatedKind>;
  readonly places: readonly LogicalPlace[];
  messages(asOf: Millis): TrueMessage[];
  failures(): TrueFailure[];
}

interface Failed {
  readonly message: LogicalMessage;
  readonly place: LogicalPlace;
  readonly executionId: string;
  readonly isDead: boolean;
}

export function createChronicle(): Chronicle {
  const messages: LogicalMessage[] = [];
  const has = new Set<SimulatedKind>();
  const troubles = new Map<string, { readonly trouble: Trouble; readonly failed: Failed[] }>();
  return {
    has,
    add: ({ id, causes = [], via = causes.length === 0 ? 'root' : 'cause', lost = null }) => {
      const message: LogicalMessage = { id, causes, via, lost, places: [] };
      messages.push(message);
      return message;
    },
    note: (kind) => has.add(kind),
    fail: (trouble, failed) => {
      const key = JSON.stringify([trouble.name, failed.place.destination, failed.place.subscription]);
      const known = troubles.get(key);
      if (known === undefined) troubles.set(key, { trouble, failed: [failed] });
      else known.failed.push(failed);
    },
    get places() {
      return messages.flatMap((message) => message.places);
    },
    messages: (asOf) => messages.flatMap((message) => trueMessage(message, asOf)),
    failures: () => [...troubles.values()].map(({ trouble, failed }) => trueFailure(trouble, failed)),
  };
}

/** Where a message lies or runs. */
export function placeOf(message: LogicalMessage, destination: string, subscription: string | null): LogicalPlace {
  const known = message.places.find(
    (place) => place.destination === destination && place.subscription === subscription,
  );
  if (known !== undefined) return known;
  const place = new LogicalPlace(destination, subscription);
  message.places.push(place);
  return place;
}

/** None of what nobody ever saw: it has no id. */
function trueMessage({ id, causes, via, lost, places }: LogicalMessage, asOf: Millis): TrueMessage[] {
  if (id === undefined) return [];
  const causeIds = causes.map(idOf);
  return [{ messageId: id, causeIds, via, lost, places: places.map((place) => place.close(asOf)) }];
}

function trueFailure(trouble: Trouble, failed: readonly Failed[]): TrueFailure {
  const dead = failed.filter(({ isDead }) => isDead);
  return {
    trouble: trouble.name,
    destination: failed[0]?.place.destination ?? '',
    subscription: failed[0]?.place.subscription ?? '',
    executionIds: [...new Set(failed.map(({ executionId }) => executionId))],
    messageIds: [...new Set(failed.map(({ message }) => idOf(message)))],
    deadMessageIds: [...new Set(dead.map(({ message }) => idOf(message)))],
  };
}

function idOf({ id }: LogicalMessage): string {
  if (id === undefined) throw new Error('a message had effects before anybody saw it');
  return id;
}
