import type { DatabaseSync } from 'node:sqlite';
import type { MessageFact } from 'waybill';
import type { Blocks } from './blocks.ts';
import { kindOf } from './fact-kinds.ts';
import { type FactLine, type Own, ownIn, readLine, SAID_NOTHING, type Said, saidIn } from './fact-lines.ts';
import { type MessageIds, openMessageIds } from './message-ids.ts';
import { type PackedId, unpackHex, unpackId } from './packed-id.ts';
import { createRecent } from './recent.ts';

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
  readonly messages: MessageIds;
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
     SELECT workflow, cause, trace, event_type, business_key, last_fact, message_id FROM messages
     WHERE key = ? AND last_fact IS NOT NULL`,
  );
  keyed.setReturnArrays(true);
  const messages = openMessageIds(database);
  const texts = openTexts(database);
  let known = new Map<number, { readonly lastFact: number; readonly facts: readonly ReadFact[] }>();

  function ofMessage(key: number): readonly ReadFact[] {
    // Sound: rows are arrays, the columns hold integers or null, and the last one packed ids.
    const row = keyed.get(key) as unknown as Columns | undefined;
    if (row === undefined) return [];
    const lastFact = row[5];
    const read = known.get(key);
    if (read?.lastFact === lastFact) return read.facts;
    const facts = factsIn(key, row);
    if (known.size >= messagesMax) known = new Map();
    known.set(key, { lastFact, facts });
    return facts;
  }

  function factsIn(key: number, row: Columns): readonly ReadFact[] {
    const [workflow, cause, trace, eventType, businessKey, lastFact, stored] = row;
    const lines: { readonly place: number; readonly line: FactLine }[] = [];
    for (let place = lastFact; place !== 0; ) {
      const line = readLine(blocks.line(place) ?? '', place);
      lines.push({ place, line });
      place = line.before;
    }
    const messageId = messages.note(key, stored);
    const ownRow: Own = { workflow, cause, trace, eventType, businessKey };
    let said = SAID_NOTHING;
    return lines.reverse().map(({ place, line }) => {
      said = saidIn(line, said);
      const own = ownIn(line, ownRow);
      const causationId = own.cause === null ? null : messages.idOf(own.cause);
      const fact = factOf(line, said, own, { messageId, causationId }, texts);
      return { place, key: line.key, tenant: line.tenant, said, fact };
    });
  }

  return {
    factsOf(messageIds) {
      const facts: ReadFact[] = [];
      for (const id of new Set(messageIds)) {
        const key = messages.keyOf(id);
        if (key !== undefined) facts.push(...ofMessage(key));
      }
      return facts.sort((a, b) => a.fact.at - b.fact.at || a.key - b.key).map(({ fact }) => fact);
    },
    ofMessage,
    messages,
    forget() {
      // A new one, and never cleared: see message-ids.ts.
      known = new Map();
      messages.forget();
      texts.forgetIds();
    },
  };
}

/** Of a message that has facts: it has a workflow and a trace, and its newest fact a place. */
type Columns = [
  workflow: number,
  cause: number | null,
  trace: number,
  eventType: number | null,
  businessKey: number | null,
  lastFact: number,
  messageId: PackedId,
];

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
  const idReader = (sql: string, textOf: (stored: PackedId) => string) => {
    const select = textReader(database, sql);
    let known = new Map<number, string>();
    forgetting.push(() => {
      known = new Map();
    });
    return (key: number) => {
      let text = known.get(key);
      if (text === undefined) {
        text = textOf(select(key));
        known.set(key, text);
      }
      return text;
    };
  };
  const name = textReader(database, 'SELECT text FROM names WHERE key = ?');
  const names = createRecent<string, number>(namesMax);
  return {
    name(key) {
      let text = names.get(key);
      if (text === undefined) {
        text = String(name(key));
        names.set(key, text);
      }
      return text;
    },
    businessKey: idReader('SELECT text FROM business_keys WHERE key = ?', String),
    workflow: idReader('SELECT correlation_id FROM workflows WHERE key = ?', unpackId),
    trace: idReader('SELECT trace_id FROM traces WHERE key = ?', unpackHex),
    forgetIds: () => forgetting.forEach((forget) => void forget()),
  };
}

function textReader(database: DatabaseSync, sql: string): (key: number) => PackedId {
  const select = database.prepare(sql);
  select.setReturnArrays(true);
  return (key) => {
    // Sound: whoever names the key has it of a fact, and these columns hold texts or packed ids.
    const [text] = select.get(key) as unknown as [PackedId];
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
