import type { Fact } from 'waybill';
import { writtenFact } from '../ingest/written-fact.ts';
import type { FactReader, FactStore } from '../store/store.ts';
import { exportDestinations } from './export-destinations.ts';
import { resolveId } from './resolve-id.ts';

export interface Selection {
  /** Unix ms, of the facts themselves. */
  readonly since: number;
  readonly until: number;
  readonly tenant?: string | undefined;
  /** Any id of it, an ending, or a business key. */
  readonly workflow?: string | undefined;
}

/** A line of JSON, and whether it is a fact. */
interface ExportedLine {
  readonly text: string;
  readonly isFact: boolean;
}

const messagesAtOnce = 500;
/** No workflow has more. */
const messagesMax = 10_000_000;

/**
 * The facts of a selection, one after another as JSON; with each message its own. What is stored meanwhile may come too.
 * What is said of their destinations comes last; where it is of one tenant it does not, for a probe counts all of them.
 *
 * @throws ID_UNKNOWN, ID_AMBIGUOUS.
 */
export async function* exportFacts(
  store: FactStore,
  { since, until, tenant, workflow }: Selection,
): AsyncGenerator<ExportedLine> {
  const destinations = new Set<string>();
  for await (const ids of workflow === undefined ? allMessages(store) : messagesOf(store, workflow)) {
    for (const fact of await store.read((reader) => reader.factsOf(ids))) {
      if (fact.at < since || fact.at > until || (tenant !== undefined && fact.tenant_id !== tenant)) continue;
      destinations.add(fact.destination);
      yield lineOf(fact);
    }
  }
  if (tenant !== undefined) return;
  const said = await exportDestinations(store, workflow === undefined ? null : [...destinations]);
  yield* said.map((text): ExportedLine => ({ text, isFact: false }));
  // What was dropped belongs to no message, so to no workflow and no tenant either.
  if (workflow !== undefined) return;
  for (const fact of await store.upkeep.droppedFacts(since, until)) yield lineOf(fact);
}

function lineOf(fact: Fact): ExportedLine {
  return { text: JSON.stringify(writtenFact(fact)), isFact: true };
}

async function* allMessages({ upkeep }: FactStore): AsyncGenerator<string[]> {
  let last = 0;
  for (;;) {
    const page = await upkeep.messagesAfter(last, messagesAtOnce);
    if (page.length === 0) return;
    last = page.at(-1)?.key ?? last;
    yield page.map(({ message_id }) => message_id);
  }
}

async function* messagesOf(store: FactStore, workflow: string): AsyncGenerator<string[]> {
  const ids = await store.read((reader) => idsOf(reader, workflow));
  for (let done = 0; done < ids.length; done += messagesAtOnce) yield ids.slice(done, done + messagesAtOnce);
}

function idsOf(reader: FactReader, workflow: string): string[] {
  const { message_id } = resolveId(reader, workflow, 'trace', 'whole');
  const [fact] = reader.factsOf([message_id]);
  return fact === undefined ? [] : reader.messagesOf(fact.correlation_id, messagesMax);
}
