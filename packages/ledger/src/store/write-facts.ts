import type { DatabaseSync } from 'node:sqlite';
import type { DroppedFact, Fact, MessageFact } from 'waybill';
import { codeOf } from './fact-kinds.ts';
import { FAILING } from './failing.ts';
import { type Interned, internBrokerIds, internBusinessKeys, internExecutions, internNames } from './interned.ts';
import { type MessageRow, openMessages } from './messages.ts';
import { openMinutes } from './minutes.ts';
import { packHex, packId } from './packed-id.ts';
import { openRecorders } from './recorders.ts';
import type { Appended } from './store.ts';
import { internTraces, internWorkflows } from './wholes.ts';

export interface FactWriter {
  /** Writes into the open transaction; a fact whose id is there already changes nothing. */
  write(facts: readonly Fact[]): Appended;
  /** After a rollback: what was remembered may not be in the file. */
  forget(): void;
}

/** Fewer than the message rows that are remembered: a changed row must not be read again before it is written. */
const unwrittenFactsMax = 10_000;

export function openFactWriter(database: DatabaseSync): FactWriter {
  const messages = openMessages(database);
  const writeMessageFact = messageFactWriter(database, messages.rowOf, messages.changed);
  const writeDropped = droppedWriter(database, writeMessageFact.names);
  const known = database.prepare(
    'SELECT 1 FROM facts WHERE fact_id = :id UNION ALL SELECT 1 FROM dropped WHERE fact_id = :id',
  );
  const extend = database.prepare(
    `UPDATE extent SET facts = facts + :stored,
       since = min(ifnull(since, :since), :since), until = max(ifnull(until, :until), :until)`,
  );
  return {
    write(facts) {
      let stored = 0;
      let since = Number.POSITIVE_INFINITY;
      let until = Number.NEGATIVE_INFINITY;
      for (const [index, fact] of facts.entries()) {
        if (index % unwrittenFactsMax === unwrittenFactsMax - 1) messages.write();
        const factId = packId(fact.fact_id);
        if (known.get({ id: factId })) continue;
        if (fact.kind === 'dropped') writeDropped(fact);
        else writeMessageFact.write(fact);
        stored++;
        since = Math.min(since, Math.trunc(fact.at));
        until = Math.max(until, Math.trunc(fact.at));
      }
      messages.write();
      writeMessageFact.minutes.write();
      if (stored > 0) extend.run({ stored, since, until });
      return { stored, repeated: facts.length - stored };
    },
    forget() {
      messages.forget();
      writeMessageFact.forget();
    },
  };
}

function messageFactWriter(
  database: DatabaseSync,
  rowOf: (id: string) => MessageRow,
  changed: (row: MessageRow) => void,
) {
  const names = internNames(database);
  const businessKeys = internBusinessKeys(database);
  const workflows = internWorkflows(database);
  const traces = internTraces(database);
  const executions = internExecutions(database);
  const brokerIds = internBrokerIds(database);
  const recorders = openRecorders(database);
  const minutes = openMinutes(database);
  const remembering = [names, businessKeys, workflows, traces, executions, brokerIds, recorders, minutes];
  const insert = database.prepare(
    `INSERT INTO facts (fact_id, message, kind, at, workflow, cause, execution, trace, span_id, seq, service, instance,
       version, tenant, operation, event_type, business_key, system, destination, subscription, broker, bindings, attrs)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertItem = database.prepare('INSERT OR IGNORE INTO batch_items (batch_id, message, place) VALUES (?, ?, ?)');
  const insertFailure = database.prepare('INSERT OR IGNORE INTO failures (at, message, tenant) VALUES (?, ?, ?)');
  const nameOf = (text: string | null | undefined) => (text == null ? null : names.keyOf(text));
  function write(fact: MessageFact): void {
    const { fact_id, kind, at: instant, service, instance, seq, version, ...identified } = fact;
    const { message_id, correlation_id, causation_id, trace_id, span_id, ...described } = identified;
    const { tenant_id, operation, event_type, business_key, system, destination, subscription, ...carried } = described;
    const { broker_id, bindings, execution_id, ...attrs } = carried as typeof carried & { execution_id?: string };
    const at = Math.trunc(instant); // the recorder's clock may give fractions; a column of integers takes none
    const message = rowOf(message_id);
    const workflow = workflows.keyOf(correlation_id, message.key, at);
    const trace = traces.keyOf(trace_id, message.key, at);
    const cause = causation_id == null ? null : rowOf(causation_id).key;
    const tenant = nameOf(tenant_id);
    const eventType = nameOf(event_type);
    const businessKey = business_key === undefined ? null : businessKeys.keyOf(business_key);
    const [serviceKey, systemKey] = [names.keyOf(service), names.keyOf(system)];
    const { lastInsertRowid } = insert.run(
      packId(fact_id),
      message.key,
      codeOf(kind),
      at,
      workflow,
      cause,
      execution_id === undefined ? null : executions.keyOf(execution_id, message.key),
      trace,
      span_id === undefined ? null : packHex(span_id, 16),
      seq,
      serviceKey,
      names.keyOf(instance),
      nameOf(version),
      tenant,
      nameOf(operation),
      eventType,
      businessKey,
      systemKey,
      names.keyOf(destination),
      nameOf(subscription),
      broker_id === undefined ? null : brokerIds.keyOf(broker_id, message.key),
      bindings ?? null,
      textOf(attrs),
    );
    if (fact.kind === 'started' && fact.batch !== undefined)
      insertItem.run(packId(fact.batch.id), message.key, fact.batch.index);
    if (fact.inferred !== true && (fact.kind === 'sent' || fact.kind === 'started'))
      recorders.add(serviceKey, systemKey);
    if (fact.kind === 'settled' && FAILING.includes(fact.outcome)) insertFailure.run(at, message.key, tenant);
    minutes.addFact(at, tenant, Number(lastInsertRowid));
    const { firstAt, tenant: knownTenant } = message;
    learn(message, fact, { at, workflow, cause, tenant, eventType, businessKey });
    minutes.moveMessage({ firstAt, tenant: knownTenant }, message);
    changed(message);
  }
  return { names, minutes, write, forget: () => remembering.forEach((each) => void each.forget()) };
}

/** What is first said of a message stands: an id is never moved to another workflow or cause by a later fact. */
function learn(
  message: MessageRow,
  fact: MessageFact,
  said: Pick<MessageRow, 'workflow' | 'cause' | 'tenant' | 'eventType' | 'businessKey'> & { readonly at: number },
): void {
  message.workflow ??= said.workflow;
  message.cause ??= said.cause;
  message.tenant ??= said.tenant;
  message.eventType ??= said.eventType;
  message.businessKey ??= said.businessKey;
  message.firstAt = Math.min(message.firstAt ?? said.at, said.at);
  if (fact.kind === 'started') message.unsettled++;
  if (fact.kind === 'settled') message.unsettled--;
  if (fact.kind === 'discarded' || (fact.kind === 'settled' && FINAL.has(fact.outcome))) message.ended++;
}

const FINAL: ReadonlySet<string> = new Set(['ok', 'dead', 'skipped']);

/** The fields without a column, as JSON; null where there are none. */
function textOf(attrs: object): string | null {
  const text = JSON.stringify(attrs);
  return text === '{}' ? null : text;
}

function droppedWriter(database: DatabaseSync, names: Interned) {
  const insert = database.prepare(
    `INSERT INTO dropped (fact_id, at, since, count, service, instance, version, why)
     VALUES (:fact_id, :at, :since, :count, :service, :instance, :version, :why)`,
  );
  return ({ fact_id, at, since, count, service, instance, version, why }: DroppedFact): void => {
    insert.run({
      fact_id: packId(fact_id),
      at: Math.trunc(at),
      since: Math.trunc(since),
      count,
      service: names.keyOf(service),
      instance: names.keyOf(instance),
      version: version === undefined ? null : names.keyOf(version),
      why,
    });
  };
}
