import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import { codeOf } from './fact-kinds.ts';
import { attrsOf, type FactRow, type Own } from './fact-lines.ts';
import { type Interned, internBusinessKeys } from './interned.ts';
import { markOf } from './marks.ts';
import type { MessageDraft, Messages } from './messages.ts';
import { openMinutes } from './minutes.ts';
import { openRecorders } from './recorders.ts';
import { internTraces, internWorkflows } from './wholes.ts';

/** A fact, and the keys of all that it names. */
export interface Resolved {
  readonly fact: MessageFact;
  readonly message: MessageDraft;
  readonly row: Omit<FactRow, 'before'>;
}

export interface Resolver {
  /** Makes the rows that a fact names, and tells that of its message what it says; `key` is its number. */
  resolve(fact: MessageFact, key: number): Resolved;
  /** Writes what was counted. */
  write(): void;
  forget(): void;
}

export function openResolver(database: DatabaseSync, names: Interned, messages: Messages): Resolver {
  const businessKeys = internBusinessKeys(database);
  const workflows = internWorkflows(database);
  const traces = internTraces(database);
  const recorders = openRecorders(database);
  const minutes = openMinutes(database);
  const nameOf = orNull(names.keyOf);
  // What one instance sends has these in common, or runs of them.
  const [serviceOf, instanceOf, versionOf] = [names.ofField(), names.ofField(), orNull(names.ofField())];
  const [systemOf, operationOf] = [names.ofField(), orNull(names.ofField())];
  return {
    resolve(fact, key) {
      const { fact_id, kind, service, instance, seq, version, message_id, correlation_id, causation_id } = fact;
      const { trace_id, span_id, tenant_id, operation, event_type, business_key, system, destination } = fact;
      const { subscription, broker_id, bindings, execution_id } = fact as typeof fact & { execution_id?: string };
      // The recorder's clock may give fractions; what a program without types gives is refused.
      const at = wholeNumber(Math.trunc(fact.at), 'at');
      const message = messages.rowOf(message_id);
      const own = {
        workflow: workflows.keyOf(correlation_id, message.key, at),
        cause: causation_id == null ? null : messages.rowOf(causation_id).key,
        trace: traces.keyOf(trace_id, message.key, at),
        eventType: nameOf(event_type),
        businessKey: business_key === undefined ? null : businessKeys.keyOf(business_key),
      };
      const said = {
        execution: execution_id ?? null,
        service: serviceOf(service),
        instance: instanceOf(instance),
        version: versionOf(version),
        operation: operationOf(operation),
        system: systemOf(system),
        destination: names.keyOf(destination),
        subscription: nameOf(subscription),
        broker: broker_id ?? null,
        bindings: bindings ?? null,
        span: span_id ?? null,
      };
      const tenant = nameOf(tenant_id);
      if (fact.inferred !== true && (kind === 'sent' || kind === 'started')) recorders.add(said.service, said.system);
      minutes.addFact(at, tenant, key);
      const { firstAt, tenant: knownTenant } = message;
      learn(message, fact, own, { at, tenant });
      minutes.moveMessage({ firstAt, tenant: knownTenant }, message);
      messages.changed(message);
      const places = { kind: codeOf(kind), key, message: message.key, at, tenant };
      const attrs = attrsOf(fact, at, isPlaced);
      const row = { ...places, factId: fact_id, seq: wholeNumber(seq, 'seq'), attrs, said, own };
      return { fact, message, row };
    },
    write: minutes.write,
    forget() {
      for (const each of [businessKeys, workflows, traces, recorders, minutes]) each.forget();
    },
  };
}

function orNull(keyOf: (text: string) => number): (text: string | null | undefined) => number | null {
  return (text) => (text == null ? null : keyOf(text));
}

/** Fields that are kept by themselves; taking them out of a copy of the fact would take twice as long. */
const PLACED: ReadonlySet<string> = new Set([
  ...['fact_id', 'kind', 'at', 'service', 'instance', 'seq', 'version', 'message_id', 'correlation_id', 'causation_id'],
  ...['trace_id', 'span_id', 'tenant_id', 'operation', 'event_type', 'business_key', 'system', 'destination'],
  ...['subscription', 'broker_id', 'bindings', 'execution_id'],
]);
const isPlaced = (field: string) => PLACED.has(field);

function wholeNumber(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`"${name}" of a fact is no whole number`);
  return value;
}

/** What is first said of a message stands: an id is never moved to another workflow or cause by a later fact. */
function learn(
  message: MessageDraft,
  fact: MessageFact,
  own: Own,
  { at, tenant }: { readonly at: number; readonly tenant: number | null },
): void {
  const isNews = NAMED.some((name) => message[name] === null && own[name] !== null);
  if (isNews || (message.tenant === null && tenant !== null) || message.firstAt === null || at < message.firstAt) {
    for (const name of NAMED) message[name] ??= own[name];
    message.tenant ??= tenant;
    message.firstAt = Math.min(message.firstAt ?? at, at);
    if (message.written === 'all but its state') message.written = 'less than is known';
  }
  message.marks |= markOf(fact);
  if (fact.kind === 'started') message.starts++;
  if (fact.kind === 'started') message.unsettled++;
  if (fact.kind === 'settled') message.unsettled--;
  if (fact.kind === 'discarded' || (fact.kind === 'settled' && FINAL.has(fact.outcome))) message.ended++;
}

const NAMED = ['workflow', 'cause', 'eventType', 'businessKey', 'trace'] as const satisfies readonly (keyof Own)[];
const FINAL: ReadonlySet<string> = new Set(['ok', 'dead', 'skipped']);
