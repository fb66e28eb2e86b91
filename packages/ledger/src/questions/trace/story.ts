import type { Millis } from 'waybill';
import type { FactReader } from '../../store/store.ts';
import type { Graph } from '../graph/graph.ts';
import { destinationsOf } from '../graph/known-destinations.ts';
import type { Message } from '../graph/message.ts';
import { reconstruct } from '../graph/reconstruct.ts';

/** A workflow, with those that are one with it: where its context was lost, another began, whose cause is inferred. */
export interface Story {
  readonly messages: ReadonlyMap<string, Message>;
  readonly facts: number;
  /** It is larger than what was read. */
  readonly isAtLeast: boolean;
}

interface StoryOptions {
  readonly asOf: Millis;
  /** Every workflow that carries the key of the message is a part of it. */
  readonly isOfKey: boolean;
  readonly messagesMax: number;
}

/** What else carries the key is kin, unless so much does that it tells nothing. */
const kinMax = 200;

export function storyOf(reader: FactReader, graph: Graph, own: Message, options: StoryOptions): Story {
  const { asOf, messagesMax } = options;
  const workflows = workflowsOf(reader, graph, own, options);
  const ids = messagesIn(reader, workflows, messagesMax + 1);
  return { ...readMessages(reader, ids.slice(0, messagesMax), asOf), isAtLeast: ids.length > messagesMax };
}

/** These messages as one excerpt, with what is known of where they were sent. */
export function readMessages(reader: FactReader, ids: readonly string[], asOf: Millis): Omit<Story, 'isAtLeast'> {
  const facts = reader.factsOf(ids).filter(({ at }) => at <= asOf);
  const names = [...new Set(facts.map(({ destination }) => destination))];
  const destinations = destinationsOf(reader.destinations(names), asOf);
  const read = reconstruct(facts, { asOf, destinations, isExcerpt: true });
  const messages = new Map([...read.messages()].map((message) => [message.messageId, message]));
  return { messages, facts: facts.length };
}

export function messagesIn(reader: FactReader, workflows: Iterable<string>, limit: number): string[] {
  const ids = new Set<string>();
  for (const workflow of workflows) for (const id of reader.messagesOf(workflow, limit - ids.size)) ids.add(id);
  return [...ids];
}

/** Its own, and those that are one with it. */
export function workflowsOf(
  reader: FactReader,
  graph: Graph,
  own: Message,
  { isOfKey }: Pick<StoryOptions, 'isOfKey'>,
): ReadonlySet<string> {
  const kin = kinOf(reader, graph, own);
  const workflows = new Set([own.correlationId]);
  if (isOfKey) for (const { correlationId } of kin) workflows.add(correlationId);
  // A lost context begins a workflow of its own; where its cause is inferred, or derived late, the two are one story.
  for (const { correlationId, cause, first } of kin) {
    const led =
      cause.how === 'recorded' && !first.inferred ? [] : cause.messageIds.flatMap((id) => graph.message(id) ?? []);
    const pair = [correlationId, ...led.map((message) => message.correlationId)];
    if (pair.some((workflow) => workflows.has(workflow))) for (const workflow of pair) workflows.add(workflow);
  }
  return workflows;
}

function kinOf(reader: FactReader, graph: Graph, own: Message): readonly Message[] {
  const { businessKey, tenantId } = own;
  const matches = businessKey === null ? [] : reader.find(businessKey, kinMax + 1);
  const keyed = matches.filter((match) => match.kind === 'business_key' && match.tenant_id === tenantId);
  const kin = keyed.length > kinMax ? [] : keyed.flatMap(({ message_id }) => graph.message(message_id) ?? []);
  const effects = graph.effectsOf(own.messageId, kinMax).flatMap(({ messageId }) => graph.message(messageId) ?? []);
  return [...new Set([own, ...kin, ...effects])];
}

/** The executions of these messages: a batch is one of many. */
export function executionsIn(messages: Iterable<Message>): number {
  const ids = new Set<string>();
  for (const { subscriptions } of messages)
    for (const { executions } of subscriptions) for (const { executionId } of executions) ids.add(executionId);
  return ids.size;
}
