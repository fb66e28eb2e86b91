import type { Millis } from 'waybill';
import { type Claim, claimOf } from '../evidence.ts';
import type { Execution } from '../graph/executions.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';

/** One trouble: an error at one subscription, or a worker that went silent there. */
export interface Trouble {
  readonly kind: 'error' | 'lost';
  readonly destination: string;
  readonly subscription: string | null;
  readonly fingerprint: string | null;
  readonly instance: string | null;
  /** What a person would call it. */
  readonly title: string;
  readonly hits: readonly Hit[];
}

/** An execution that it struck. */
export interface Hit extends Claim {
  readonly messageId: string;
  readonly executionId: string;
  readonly at: Millis;
  /** When the trouble itself was there: a worker that went silent did so while it ran, and is noticed later. */
  readonly struckAt: Millis;
  /** It was the last one: the message is dead of it. */
  readonly isDead: boolean;
}

interface Troubles {
  readonly all: readonly Trouble[];
  /** Those that struck a message. */
  hitting(messageId: string): readonly Trouble[];
}

/** What one worker lost within so long, it lost at once. */
const silentMsMax = 600_000;

const known = new WeakMap<WholeGraph, Troubles>();

/** Made once for a graph: what struck a message is asked of each message that it caused. */
export function troublesOf(graph: WholeGraph): Troubles {
  let troubles = known.get(graph);
  if (troubles === undefined) {
    troubles = gather(graph);
    known.set(graph, troubles);
  }
  return troubles;
}

interface Gathering extends Trouble {
  readonly hits: Hit[];
}

function gather(graph: WholeGraph): Troubles {
  const all = new Map<string, Gathering>();
  const byMessage = new Map<string, Set<Trouble>>();
  const add = (key: string, trouble: Trouble, hit: Hit) => {
    const own = all.get(key) ?? { ...trouble, hits: [] };
    all.set(key, own);
    own.hits.push(hit);
    const hitting = byMessage.get(hit.messageId) ?? new Set();
    byMessage.set(hit.messageId, hitting.add(own));
  };
  for (const message of graph.messages()) {
    for (const at of message.subscriptions) {
      for (const execution of at.executions) {
        const trouble = troubleOf(at, execution);
        if (trouble) add(keyOf(trouble, execution), trouble, hitOf(message, execution));
      }
    }
  }
  return { all: [...all.values()], hitting: (id) => [...(byMessage.get(id) ?? [])] };
}

function troubleOf({ destination, subscription }: MessageAtSubscription, execution: Execution): Trouble | null {
  const { error, outcome, instance } = execution;
  const place = { destination, subscription, hits: [] };
  if (error) {
    const title = error.message === '' ? error.type : `${error.type}: ${error.message}`;
    return { kind: 'error', ...place, fingerprint: error.fingerprint, instance: null, title };
  }
  if (outcome !== 'lost') return null;
  return { kind: 'lost', ...place, fingerprint: null, instance, title: `Lease lost: worker ${instance}` };
}

/** Losses of one worker lie in stretches: hours later it is another loss. */
function keyOf({ kind, destination, subscription, fingerprint, instance }: Trouble, { startedAt }: Execution): string {
  const when = kind === 'lost' ? Math.floor((startedAt ?? 0) / silentMsMax) : null;
  return JSON.stringify([kind, destination, subscription, fingerprint, instance, when]);
}

function hitOf({ messageId }: Message, execution: Execution): Hit {
  const { executionId, startedAt, endedAt, outcome, settled } = execution;
  const at = settled?.at ?? endedAt ?? startedAt ?? 0;
  const struckAt = outcome === 'lost' ? (startedAt ?? at) : at;
  return { messageId, executionId, at, struckAt, isDead: outcome === 'dead', ...claimOf(execution) };
}
