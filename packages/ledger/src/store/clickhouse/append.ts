import type { Fact, MessageFact } from 'waybill';
import type { Appended } from '../store.ts';
import type { Connection } from './connection.ts';
import { joinedId, splitId } from './fact-ids.ts';
import { arrivalPlace, droppedRowOf, rowOf } from './fact-rows.ts';
import { openIdRows } from './ids.ts';
import { arrivalsPerMs } from './schema.ts';
import { rowsOfEach, slicesOf } from './slices.ts';

/** A fact, and its row but for when it arrives. */
interface Prepared {
  readonly fact: Fact;
  readonly row: (string | number | null)[];
}

/** Writes groups of facts, one after another. */
export interface Appending {
  /** @throws TypeError where one of them is none that can be kept. */
  prepare(facts: readonly Fact[]): readonly Prepared[];
  /** What became of each part of a group: all of them are written, or none. */
  write(parts: readonly (readonly Prepared[])[]): Promise<Appended[]>;
  /** What was remembered may have been deleted. */
  forget(): void;
}

const dayMs = 86_400_000;

export function openAppending({ rows, insert }: Connection): Appending {
  const idRows = openIdRows();
  const recording = new Set<string>();
  let last = 0;

  function nextArrival(): number {
    last = Math.max(last + 1, Date.now() * arrivalsPerMs);
    return last;
  }

  async function writeNew(added: readonly Prepared[]): Promise<void> {
    for (const { row } of added) row[arrivalPlace] = nextArrival();
    const day = new Date(Math.floor(last / arrivalsPerMs / dayMs) * dayMs).toISOString().slice(0, 10);
    const facts = added.map(({ fact }) => fact).filter(isOfMessage);
    const found = idRows.of(facts, day);
    const recorders = newRecorders(facts, recording);
    // First what facts are found by: a fact that is there is found, and one that is not is sent again.
    await Promise.all([
      insert('ids', [...found.ids.values()]),
      insert('endings', [...found.endings.values()]),
      insert('recorders', recorders),
      insert('extents', [extentOf(added)]),
    ]);
    const rowsOf = (isMeant: (fact: Fact) => boolean) =>
      added.filter(({ fact }) => isMeant(fact)).map(({ row }) => row);
    await insert(
      'dropped',
      rowsOf((fact) => !isOfMessage(fact)),
    );
    await insert('facts', rowsOf(isOfMessage));
    idRows.written(found);
    for (const pair of recorders) recording.add(pair.join('\n'));
  }

  return {
    prepare: (facts) => facts.map((fact) => ({ fact, row: isOfMessage(fact) ? rowOf(fact) : droppedRowOf(fact) })),
    async write(parts) {
      const known = await knownOf(rows, parts.flat());
      const counts: Appended[] = [];
      const added: Prepared[] = [];
      for (const part of parts) {
        let stored = 0;
        for (const each of part) {
          const key = keyOf(each.fact);
          if (known.has(key)) continue;
          known.add(key);
          added.push(each);
          stored++;
        }
        counts.push({ stored, repeated: part.length - stored });
      }
      if (added.length > 0) await writeNew(added);
      return counts;
    },
    forget() {
      idRows.forget();
      recording.clear();
    },
  };
}

/** Of what times they are, as the rows say it. */
function extentOf(added: readonly Prepared[]): number[] {
  let [since, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { fact } of added) {
    since = Math.min(since, Math.trunc(fact.at));
    until = Math.max(until, Math.trunc(fact.at));
  }
  return [Number(added[0]?.row[arrivalPlace]), since, until];
}

function isOfMessage(fact: Fact): fact is MessageFact {
  return fact.kind !== 'dropped';
}

/** A fact is the same one where its id and its workflow are: to look through all workflows for it would read all facts. */
function keyOf(fact: Fact): string {
  return fact.kind === 'dropped'
    ? `\n${fact.fact_id.toWellFormed()}`
    : `${fact.correlation_id}\n${fact.fact_id}`.toWellFormed();
}

async function knownOf(rows: Connection['rows'], prepared: readonly Prepared[]): Promise<Set<string>> {
  const facts = prepared.map(({ fact }) => fact);
  const dropped = facts.filter((fact) => !isOfMessage(fact));
  // By their workflows, of which each is read once.
  const own = facts.filter(isOfMessage).sort((a, b) => (a.correlation_id < b.correlation_id ? -1 : 1));
  const slices = slicesOf(own, ({ correlation_id, fact_id }) => `${correlation_id}${fact_id}`);
  const idOf = ({ fact_id }: Fact) => fact_id.toWellFormed();
  const restOf = ({ fact_id }: Fact) => splitId(fact_id).rest;
  const workflowsOf = (some: readonly MessageFact[]) => [
    ...new Set(some.map((fact) => fact.correlation_id.toWellFormed())),
  ];
  const [known, knownDropped] = await Promise.all([
    Promise.all(slices.map((some) => rows(KNOWN, { workflows: workflowsOf(some), ids: some.map(restOf) }))),
    rowsOfEach(rows, KNOWN_DROPPED, 'ids', dropped.map(idOf)),
  ]);
  const keys = known.flat().map(([workflow, rest, ms]) => `${workflow}\n${joinedId(String(rest), Number(ms))}`);
  return new Set([...keys, ...knownDropped.map(([id]) => `\n${id}`)]);
}

function newRecorders(facts: readonly MessageFact[], known: ReadonlySet<string>): [string, string][] {
  const pairs = new Map<string, [string, string]>();
  for (const { kind, inferred, service, system } of facts) {
    if (inferred === true || (kind !== 'sent' && kind !== 'started')) continue;
    const pair = `${service}\n${system}`;
    if (!known.has(pair)) pairs.set(pair, [service.toWellFormed(), system.toWellFormed()]);
  }
  return [...pairs.values()];
}

const KNOWN = `-- Which of these facts are there already?
SELECT correlation_id, fact_id, at + fact_lag FROM facts
WHERE correlation_id IN {workflows:Array(String)} AND fact_id IN {ids:Array(String)}`;

const KNOWN_DROPPED = `-- Which of these are there already?
SELECT fact_id FROM dropped WHERE fact_id IN {ids:Array(String)}`;
