import type { Message, MessageAtSubscription } from '../graph/message.ts';
import { isIngressId } from '../graph/own-facts.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';

/** Whence a message came. */
export interface Origin {
  readonly from: string | null;
  readonly from_destination: string | null;
}

/** A batch was taken from one place: some of its messages tell from where. */
const ledMax = 8;

/** The ingress or subscription whose execution sent it, else the service that did; null where neither is known. */
export function originOf({ cause, messageId, sent }: Message, graph: WholeGraph): Origin | null {
  if (cause.via === 'root' && isIngressId(messageId)) return null;
  const led = cause.messageIds.slice(0, ledMax).flatMap((id) => graph.message(id) ?? []);
  const places = led.flatMap(({ messageId: id, subscriptions }) => subscriptions.map((place) => ({ id, place })));
  const ran = places.find(({ place }) => hasRun(place, sent?.by_execution_id));
  const found = ran ?? places.find(({ place }) => place.executions.length > 0);
  if (found === undefined) return sent ? { from: sent.service, from_destination: null } : null;
  const { destination, subscription } = found.place;
  if (isIngressId(found.id)) return { from: destination, from_destination: null };
  return { from: subscription ?? destination, from_destination: destination };
}

function hasRun({ executions }: MessageAtSubscription, executionId: string | undefined): boolean {
  return executionId !== undefined && executions.some((each) => each.executionId === executionId);
}
