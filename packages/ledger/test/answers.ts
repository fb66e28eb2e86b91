import type { BlastData, CausedRow, DownstreamRow, OtherRow } from '../src/questions/blast/answer.ts';
import type { FailuresData } from '../src/questions/failures/answer.ts';
import type { BoundaryRow, GapsData } from '../src/questions/gaps/answer.ts';
import type { State } from '../src/questions/graph/state.ts';
import type { MapData } from '../src/questions/map/answer.ts';
import type { OverdueData, OverdueWhy } from '../src/questions/overdue/answer.ts';
import type { QueueRow, QueuesData } from '../src/questions/queues/answer.ts';
import type { Searched } from '../src/questions/searched.ts';
import type { TenantCount } from '../src/questions/tenants.ts';
import { DERIVED, SURROUNDINGS } from './surroundings.ts';
import { WORKFLOW, workflowFacts } from './workflow.ts';

/** The checkout and its surroundings in the shape of the API: what each question is to answer of `workflow.json`. */

// The facts behind what surrounds the checkout are not in the document.
const observed = { evidence: 'observed', because_facts: [] } as const;
const inferred = { evidence: 'inferred', because_facts: [] } as const;

export const searched: Searched = { window: SURROUNDINGS.window, facts: WORKFLOW.facts.length };

/** A minute of the window, as a time. */
const atMinute = (minute: string) => `${SURROUNDINGS.window.from.slice(0, 11)}${minute}:00.000Z`;

export function tally<Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

const tenantsOf = (counts: Readonly<Partial<Record<string, number>>>): TenantCount[] =>
  Object.entries(counts).map(([tenant_id, messages = 0]) => ({ tenant_id, messages }));

export function failuresData(): FailuresData {
  const { groups, messages_in_two_groups, total_failed_executions, total_messages } = SURROUNDINGS.failures;
  const silent = SURROUNDINGS.blast.others[0]?.instance ?? null;
  return {
    ...{ searched, not_shown: 0, total_failed_executions, total_messages, is_at_least: false },
    messages_in_several: messages_in_two_groups.map((message_id) => ({ message_id, groups: 2 })),
    groups: groups.map(({ first_minute, last_minute, per_minute, deploys, ...group }) => {
      const kind = group.title.startsWith('Lease lost') ? 'lost' : 'error';
      return {
        ...{ ...group, kind, because_facts: [], instance: kind === 'lost' ? silent : null, per_bucket: per_minute },
        ...{ first_at: atMinute(first_minute), last_at: atMinute(last_minute) },
        deploys: (deploys ?? []).map(({ minute, label }) => ({ at: atMinute(`14:${minute}`), label })),
      };
    }),
  };
}

export function blastData(): BlastData {
  const { others, selected_message_id: message_id } = SURROUNDINGS.blast;
  const effects = others.flatMap(({ effects: own }) => own);
  const rows: OtherRow[] = others.map((other) => ({ ...other, ...inferred }));
  const lease = failuresData().groups.find(({ kind }) => kind === 'lost');
  if (lease === undefined) throw new Error('workflow.json has no failure that is a lost lease');
  const { title, instance, destination, subscription, fingerprint } = lease;
  return {
    ...{ searched, message_id, event_type: 'payment.charge', is_at_least: false },
    asked: { kind: 'message', id: message_id, attempt: null },
    caused: causedBy(message_id),
    caused_not_shown: 0,
    pending: causedBy(message_id).filter(({ is_pending }) => is_pending).length,
    same_trouble: [
      {
        ...{ kind: 'lost', title, instance, destination, subscription, fingerprint, ...inferred },
        first_at: others.map(({ started_at }) => started_at).reduce((first, at) => (at < first ? at : first)),
        messages: others.length,
        is_at_least: false,
        states: tally(others.map(({ state }) => state)),
        tenants: tenantsOf(tally(others.map(({ tenant_id }) => tenant_id))),
        downstream: [
          {
            event_type: 'email.send',
            state: 'overdue',
            messages: effects.length,
            because: 'no_consumers',
            ...observed,
          },
        ] satisfies DownstreamRow[],
        others: rows,
        others_not_shown: 0,
      },
    ],
  };
}

function causedBy(cause: string): CausedRow[] {
  const sends = workflowFacts().filter(({ kind, causation_id }) => kind === 'sent' && causation_id === cause);
  return sends.map(({ message_id, event_type, tenant_id, operation, destination, instance, fact_id }) => ({
    ...{ message_id, event_type, tenant_id, operation, destination, instance },
    ...{ parent: cause, depth: 1, via: 'cause', state: stateOf(message_id), state_evidence: 'inferred' },
    is_pending: ['waiting', 'running', 'overdue'].includes(stateOf(message_id)),
    ...{ evidence: 'observed', because_facts: [fact_id] },
  }));
}

function stateOf(messageId: string): State {
  return DERIVED.find(({ message_id }) => message_id === messageId)?.state ?? 'unknown';
}

export function gapsData(): GapsData {
  const { boundaries, messages_checked } = SURROUNDINGS.gaps;
  const rows = boundaries.map(
    ({ per_minute, examples, linked, tenants, ...boundary }): BoundaryRow => ({
      ...{
        ...boundary,
        linked,
        reason: 'no_context',
        tenants: tenantsOf(tenants),
        per_bucket: per_minute,
        ...inferred,
      },
      linked_by: linked > 0 ? [{ how: 'business_key', key: 'order', messages: linked }] : [],
      examples: (examples ?? []).map(({ confidence, why, ...example }) => ({
        ...{ ...example, confidence: confidence ?? null, why: why ?? null, because_facts: [] },
        evidence: example.cause_message_id === null ? 'unknown' : 'inferred',
      })),
    }),
  );
  const total_messages = rows.reduce((sum, { messages }) => sum + messages, 0);
  return { searched, messages_checked, total_messages, boundaries: rows, not_shown: 0, is_at_least: false };
}

export function overdueData(): OverdueData {
  const groups = SURROUNDINGS.overdue.groups.map(({ why, oldest, tenants, ...group }) => ({
    ...{
      ...group,
      oldest: oldest ?? [],
      tenants: tenantsOf(tenants),
      because_facts: [],
      why: whyOf(group.destination, why, group.waiting),
    },
    has_other_subscriptions: subscriptionsOf(group.destination).length > 1,
  }));
  const total_overdue = groups.reduce((sum, { overdue }) => sum + overdue, 0);
  return { searched, total_overdue, groups, not_shown: 0, unknown: [], without_deadline: [], is_at_least: false };
}

function whyOf(destination: string, said: string, waiting: number): OverdueWhy {
  const since = WORKFLOW.destinations.find(({ name }) => name === destination)?.last_consumer_seen_at ?? null;
  if (said.startsWith('no consumers')) return { kind: 'no_consumers', consumers: 0, since };
  const [, minute] = /^released at (\d\d:\d\d)/.exec(said) ?? [];
  return minute === undefined ? { kind: 'none_started', sent: waiting } : { kind: 'released', at: atMinute(minute) };
}

function subscriptionsOf(destination: string): readonly string[] {
  return WORKFLOW.destinations.find(({ name }) => name === destination)?.subscriptions ?? [];
}

export function queuesData(): QueuesData {
  const known = WORKFLOW.destinations as readonly ((typeof WORKFLOW.destinations)[number] & Partial<Measured>)[];
  const queues = known
    .filter(({ kind }) => kind === 'queue')
    .map(({ name, system, subscriptions, sources, ...values }): QueueRow => {
      const { depth = null, oldest_ms = null, consumers = null, lease_ms = null, run_p99_ms = null } = values;
      return {
        ...{ destination: name, system: system ?? null, subscriptions: subscriptions ?? [], sources: sources ?? {} },
        ...{ depth, depth_evidence: 'observed', oldest_ms, consumers, lease_ms, run_p99_ms },
        last_consumer_seen_at: values.last_consumer_seen_at ?? null,
        queued_p50_ms: values.queued_p50_ms ?? null,
        queued_p99_ms: values.queued_p99_ms ?? null,
        is_lease_long: (lease_ms ?? 0) > 60_000 && (lease_ms ?? 0) > 20 * (run_p99_ms ?? Number.POSITIVE_INFINITY),
        deadline_ms: values.deadline_ms ?? null,
        max_attempts: values.max_attempts ?? null,
        dead_letter: values.dead_letter ?? null,
      };
    })
    .sort((a, b) => (b.oldest_ms ?? 0) - (a.oldest_ms ?? 0));
  const unknown = mapData()
    .subscriptions.filter(({ evidence }) => evidence === 'unknown')
    .map(({ destination, evidence }) => ({ destination, because: 'no_facts' as const, evidence, because_facts: [] }));
  return { searched, destinations: WORKFLOW.destinations.length, queues, not_shown: 0, unknown, is_at_least: false };
}

/** What a destination is measured to be, beside what the graph needs of it. */
interface Measured {
  readonly oldest_ms: number;
  readonly queued_p50_ms: number;
  readonly queued_p99_ms: number;
  readonly run_p99_ms: number;
}

export function mapData(): MapData {
  const { edges, subscriptions, dead_letters } = SURROUNDINGS.map;
  return {
    ...{ searched, dead_letters, not_shown: 0, is_at_least: false },
    edges: edges.map(({ gap, replay, ...edge }) => ({
      ...{ ...edge, is_gap: gap ?? false, is_replay: replay ?? false, because_facts: [] },
      from_destination: subscriptions.find(({ subscription }) => subscription === edge.from)?.destination ?? null,
    })),
    subscriptions: subscriptions.map((subscription) => ({ ...subscription, because_facts: [] })),
  };
}
