import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import { openAbsence } from './absent-ids.ts';
import type { Blocks } from './blocks.ts';
import { damaged } from './damage.ts';
import { kindOf } from './fact-kinds.ts';
import { type FactLine, type Own, ownIn, readLine, SAID_NOTHING, type Said, saidIn } from './fact-lines.ts';
import { type MessageIds, openMessageIds } from './message-ids.ts';
import { type MessageColumns, STORED_COLUMNS, type StoredMessage, storedMessage } from './message-rows.ts';
import { type PackedId, unpackHex, unpackId } from './packed-id.ts';
import { createRecent } from './recent.ts';
import { checkRow, type RowValue } from './row-sums.ts';

/** A fact as it was recorded, and what the store knows of it besides. */
export interface ReadFact {
  readonly place: number;
  /** Counts arrivals. */
  readonly key: number;
  readonly tenant: number | null;
  readonly said: Said;
  readonly fact: MessageFact;
}

export interface FactsReader {
  /** All facts of these messages, by time, then by arrival. */
  factsOf(messageIds: readonly string[]): MessageFact[];
  /** Of a message by its key, in the order in which they lie. */
  ofMessage(key: number): readonly ReadFact[];
  /** The row of a message that has facts, for a walk that asks for these as well: it is read once. */
  rowOf(key: number): StoredMessage | undefined;
  readonly messages: MessageIds;
  /** Throws LEDGER_DAMAGED where an id only seems not to be there. */
  refuseLost(id: string): void;
  /** What keys stand for, also of what is no fact. */
  readonly texts: Pick<Texts, 'name' | 'businessKey'>;
  /** What it remembers holds for one moment: facts come and go, and the keys of their ids are given out again. */
  forget(): void;
}

/** A question comes back to most of its messages; one that reads more than these reads each of them once. */
const messagesMax = 4_000;
const namesMax = 5_000;

/** Reads facts back as they were recorded: from the newest of a message each leads to the one before it. */
export function openFactsReader(database: DatabaseSync, blocks: Blocks): FactsReader {
  const keyed = database.prepare(
    `-- What is this message, and where do its facts lie?
     SELECT ${STORED_COLUMNS} FROM messages WHERE key = ? AND last_fact IS NOT NULL`,
  );
  keyed.setReturnArrays(true);
  const messages = openMessageIds(database);
  const texts = openTexts(database);
  let known = new Map<number, { readonly lastFact: number; readonly facts: readonly ReadFact[] }>();

  let rows = new Map<number, StoredMessage>();

  function readRow(key: number): StoredMessage | undefined {
    const row = keyed.get(key);
    if (row === undefined) return undefined;
    const stored = storedMessage(row);
    messages.know(key, stored.id);
    return stored;
  }

  function rowOf(key: number): StoredMessage | undefined {
    const row = rows.get(key) ?? readRow(key);
    if (row !== undefined) rows.set(key, row);
    return row;
  }

  function ofMessage(key: number): readonly ReadFact[] {
    const row = rows.get(key) ?? readRow(key);
    if (row === undefined) return [];
    const { id, columns } = row;
    const lastFact = columns[8] as number; // the statement asks for those that have one
    const read = known.get(key);
    if (read?.lastFact === lastFact) return read.facts;
    const facts = factsIn(id, columns);
    if (known.size >= messagesMax) known = new Map();
    known.set(key, { lastFact, facts });
    return facts;
  }

  function factsIn(messageId: string, columns: MessageColumns): readonly ReadFact[] {
    const lines: { readonly place: number; readonly line: FactLine }[] = [];
    for (let place = columns[8] ?? 0; place !== 0; ) {
      const text = blocks.line(place);
      if (!text) throw damaged('a block of facts is missing');
      const line = readLine(text, place);
      if (line.message !== columns[0]) throw damaged('a block of facts is in the place of another');
      lines.push({ place, line });
      place = line.before;
    }
    // Sound: a message that has facts has a workflow and a trace.
    const ownRow = {
      workflow: columns[1],
      cause: columns[2],
      trace: columns[7],
      eventType: columns[5],
      businessKey: columns[6],
    } as Own;
    let said = SAID_NOTHING;
    return lines.reverse().map(({ place, line }) => {
      said = saidIn(line, said);
      const own = ownIn(line, ownRow);
      const causationId = own.cause === null ? null : messages.idOf(own.cause);
      const fact = factOf(line, said, own, { messageId, causationId }, texts);
      return { place, key: line.key, tenant: line.tenant, said, fact };
    });
  }

  const refuseLost = openAbsence(database, ofMessage);
  return {
    factsOf(messageIds) {
      const facts: ReadFact[] = [];
      for (const id of new Set(messageIds)) {
        const key = messages.keyOf(id);
        if (key === undefined) refuseLost(id);
        else facts.push(...ofMessage(key));
      }
      return facts.sort((a, b) => a.fact.at - b.fact.at || a.key - b.key).map(({ fact }) => fact);
    },
    ofMessage,
    rowOf,
    messages,
    refuseLost,
    texts,
    forget() {
      // A new one, and never cleared: see message-ids.ts.
      known = new Map();
      rows = new Map();
      messages.forget();
      texts.forgetIds();
    },
  };
}

interface Texts {
  name(key: number): string;
  businessKey(key: number): string;
  workflow(key: number): string;
  trace(key: number): string;
  forgetIds(): void;
}

/** What keys stand for. */
function openTexts(database: DatabaseSync): Texts {
  const forgetting: (() => void)[] = [];
  const idReader = (kind: string, sql: string, textOf: (stored: PackedId) => string) => {
    const select = textReader(database, kind, sql, textOf);
    let known = new Map<number, string>();
    forgetting.push(() => {
      known = new Map();
    });
    return (key: number) => {
      let text = known.get(key);
      if (text === undefined) {
        text = select(key);
        known.set(key, text);
      }
      return text;
    };
  };
  const name = textReader(database, 'name', 'SELECT text, sum, key FROM names WHERE key = ?', String);
  const names = createRecent<string, number>(namesMax);
  return {
    name(key) {
      let text = names.get(key);
      if (text === undefined) {
        text = name(key);
        names.set(key, text);
      }
      return text;
    },
    businessKey: idReader('business key', 'SELECT text, sum, key FROM business_keys WHERE key = ?', String),
    workflow: idReader('workflow', `SELECT correlation_id, sum, ${WHOLE} FROM workflows WHERE key = ?`, unpackId),
    trace: idReader('trace', `SELECT trace_id, sum, ${WHOLE} FROM traces WHERE key = ?`, unpackHex),
    forgetIds: () => forgetting.forEach((forget) => void forget()),
  };
}

/** What of a workflow or a trace its sum is made of. */
const WHOLE = 'key, first_message, first_at';

/** Reads the text of a row, its sum, and all else that this is made of. */
function textReader(
  database: DatabaseSync,
  kind: string,
  sql: string,
  textOf: (stored: PackedId) => string,
): (key: number) => string {
  const select = database.prepare(sql);
  select.setReturnArrays(true);
  return (key) => {
    const row = select.get(key);
    if (row === undefined) throw damaged(`a ${kind} that facts name is not there`);
    // Sound: rows are arrays, whose first column holds texts or packed ids, and the others integers or null.
    const values = row as unknown as [PackedId, number, ...RowValue[]];
    const text = textOf(values[0]);
    checkRow(kind, values[1], text, values.slice(2) as RowValue[]);
    return text;
  };
}

interface Ids {
  readonly messageId: string;
  readonly causationId: string | null;
}

/** In one expression: an object that is given so many fields one by one takes six times the room, and is slower to read. */
function factOf(line: FactLine, said: Said, own: Own, { messageId, causationId }: Ids, texts: Texts): MessageFact {
  const nullable = (key: number | null) => (key === null ? null : texts.name(key));
  const fact = {
    fact_id: line.factId,
    kind: kindOf(line.kind),
    at: line.at,
    service: texts.name(said.service),
    instance: texts.name(said.instance),
    seq: line.seq,
    ...(said.version !== null && { version: texts.name(said.version) }),
    message_id: messageId,
    correlation_id: texts.workflow(own.workflow),
    causation_id: causationId,
    trace_id: texts.trace(own.trace),
    ...(said.span !== null && { span_id: said.span }),
    tenant_id: nullable(line.tenant),
    operation: nullable(said.operation),
    event_type: nullable(own.eventType),
    ...(own.businessKey !== null && { business_key: texts.businessKey(own.businessKey) }),
    system: texts.name(said.system),
    destination: texts.name(said.destination),
    ...(said.subscription !== null && { subscription: texts.name(said.subscription) }),
    ...(said.broker !== null && { broker_id: said.broker }),
    ...(said.bindings !== null && { bindings: said.bindings }),
    ...(said.execution !== null && { execution_id: said.execution }),
    ...line.attrs,
  };
  // Sound: the writer took a fact of this kind apart into these, and nothing else writes lines.
  return fact as unknown as MessageFact;
}
