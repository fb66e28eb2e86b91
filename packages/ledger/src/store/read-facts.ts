import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import type { Blocks } from './blocks.ts';
import { kindOf } from './fact-kinds.ts';
import { type FactLine, type Own, ownIn, readLine, SAID_NOTHING, type Said, saidIn } from './fact-lines.ts';
import { idCode } from './id-codes.ts';
import { CODED } from './id-index.ts';
import { type MessageRow, ownOf } from './messages.ts';
import { type PackedId, packId, unpackHex, unpackId } from './packed-id.ts';
import { createRecent } from './recent.ts';

/** A fact as it was recorded, and what the store knows of it besides. */
export interface ReadFact {
  readonly place: number;
  readonly line: FactLine;
  readonly said: Said;
  readonly fact: MessageFact;
}

export interface FactsReader {
  /** All facts of these messages, by time, then by arrival. */
  factsOf(messageIds: readonly string[]): MessageFact[];
  /** Of a message by its key, in the order in which they lie. */
  ofMessage(key: number): ReadFact[];
  /** What it remembers of ids holds for one moment: their keys are given out again. */
  forgetIds(): void;
}

const FIELDS = 'workflow, cause, trace, event_type AS eventType, business_key AS businessKey, last_fact AS lastFact';
const rememberedMax = 5_000;

/** Reads facts back as they were recorded: from the newest of a message each leads to the one before it. */
export function openFactsReader(database: DatabaseSync, blocks: Blocks): FactsReader {
  const named = database.prepare(
    `-- Where do the facts of this message lie?
     SELECT key, message_id, ${FIELDS} FROM ${CODED} AS ids JOIN messages ON messages.key = ids.message
     WHERE message_id = :id AND last_fact IS NOT NULL`,
  );
  const keyed = database.prepare(
    `SELECT key, message_id, ${FIELDS} FROM messages WHERE key = ? AND last_fact IS NOT NULL`,
  );
  const texts = openTexts(database);

  function read(found: Record<string, unknown>): ReadFact[] {
    // Sound: the columns are named as the fields, and hold integers or null; `message_id` holds packed ids only.
    const row = found as unknown as MessageRow & { readonly message_id: PackedId };
    const messageId = unpackId(row.message_id);
    const lines: { readonly place: number; readonly line: FactLine }[] = [];
    for (let place = row.lastFact ?? 0; place !== 0; ) {
      const line = readLine(blocks.line(place) ?? '', place);
      lines.push({ place, line });
      place = line.before;
    }
    const own = ownOf(row);
    let said = SAID_NOTHING;
    return lines.reverse().map(({ place, line }) => {
      said = saidIn(line, said);
      return { place, line, said, fact: factOf(line, said, ownIn(line, own), messageId, texts) };
    });
  }

  return {
    factsOf(messageIds) {
      const facts: ReadFact[] = [];
      for (const id of new Set(messageIds)) {
        const row = named.get({ code: idCode(id), id: packId(id) });
        if (row !== undefined) facts.push(...read(row));
      }
      return facts.sort((a, b) => a.line.at - b.line.at || a.line.key - b.line.key).map(({ fact }) => fact);
    },
    ofMessage(key) {
      const row = keyed.get(key);
      return row === undefined ? [] : read(row);
    },
    forgetIds: texts.forgetIds,
  };
}

interface Texts {
  name(key: number): string;
  businessKey(key: number): string;
  workflow(key: number): string;
  message(key: number): string;
  trace(key: number): string;
  forgetIds(): void;
}

/** What keys stand for. */
function openTexts(database: DatabaseSync): Texts {
  const ids: Map<number, string>[] = [];
  const idReader = (sql: string, textOf: (stored: PackedId) => string) => {
    const [select, known] = [database.prepare(sql), new Map<number, string>()];
    ids.push(known);
    return (key: number) => {
      let text = known.get(key);
      if (text === undefined) {
        text = textOf(select.get(key)?.['text'] as PackedId); // these columns hold texts or packed ids
        known.set(key, text);
      }
      return text;
    };
  };
  const name = database.prepare('SELECT text FROM names WHERE key = ?');
  const names = createRecent<string>(rememberedMax);
  return {
    name(key) {
      let text = names.get(String(key));
      if (text === undefined) {
        text = String(name.get(key)?.['text']);
        names.set(String(key), text);
      }
      return text;
    },
    businessKey: idReader('SELECT text FROM business_keys WHERE key = ?', String),
    workflow: idReader('SELECT correlation_id AS text FROM workflows WHERE key = ?', unpackId),
    message: idReader('SELECT message_id AS text FROM messages WHERE key = ?', unpackId),
    trace: idReader('SELECT trace_id AS text FROM traces WHERE key = ?', unpackHex),
    forgetIds: () => ids.forEach((known) => void known.clear()),
  };
}

function factOf({ kind, at, tenant, factId, seq, attrs }: FactLine, said: Said, own: Own, id: string, texts: Texts) {
  const nullable = (key: number | null) => (key === null ? null : texts.name(key));
  const fact = {
    fact_id: factId,
    kind: kindOf(kind),
    at,
    service: texts.name(said.service),
    instance: texts.name(said.instance),
    seq,
    ...(said.version !== null && { version: texts.name(said.version) }),
    message_id: id,
    correlation_id: texts.workflow(own.workflow),
    causation_id: own.cause === null ? null : texts.message(own.cause),
    trace_id: texts.trace(own.trace),
    ...(said.span !== null && { span_id: said.span }),
    tenant_id: nullable(tenant),
    operation: nullable(said.operation),
    event_type: nullable(own.eventType),
    ...(own.businessKey !== null && { business_key: texts.businessKey(own.businessKey) }),
    system: texts.name(said.system),
    destination: texts.name(said.destination),
    ...(said.subscription !== null && { subscription: texts.name(said.subscription) }),
    ...(said.broker !== null && { broker_id: said.broker }),
    ...(said.bindings !== null && { bindings: said.bindings }),
    ...(said.execution !== null && { execution_id: said.execution }),
    ...attrs,
  };
  // Sound: the writer took a fact of this kind apart into these, and nothing else writes lines.
  return fact as unknown as MessageFact;
}
