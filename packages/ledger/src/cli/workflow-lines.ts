import type { FactSource, FactStore } from '../store/store.ts';
import { cleanDocument } from './text/clean.ts';
import { shortId, shortName } from './text/ids.ts';
import { accountText } from './text/places.ts';

type Fact = Extract<FactSource, readonly unknown[]>[number];
type MessageFact = Exclude<Fact, { readonly kind: 'dropped' }>;

/** So many workflows are remembered as told: one that is older, and goes on, is told again. */
const toldMax = 10_000;

/** The same store; of each workflow that is new to it a line is printed, once its first facts are kept. */
export function tellingWorkflows(store: FactStore, width: number, print: (line: string) => void): FactStore {
  const told = new Set<string>();
  const tell = (facts: readonly Fact[]) => {
    for (const [id, fact] of firstOf(facts)) {
      if (told.has(id)) continue;
      told.add(id);
      const [oldest] = told;
      if (told.size > toldMax && oldest !== undefined) told.delete(oldest);
      print(`${workflowLine(fact, width)}\n`);
    }
  };
  return {
    read: (question) => store.read(question),
    spans: store.spans,
    destinations: store.destinations,
    upkeep: store.upkeep,
    close: () => store.close(),
    async append(source) {
      let facts: readonly Fact[] = [];
      const appended = await store.append(() => {
        facts = typeof source === 'function' ? source() : source;
        return facts;
      });
      tell(facts);
      return appended;
    },
  };
}

/** Of each workflow the fact that says most: its root's, if that is among them. */
function firstOf(facts: readonly Fact[]): Map<string, MessageFact> {
  const first = new Map<string, MessageFact>();
  for (const fact of facts) {
    if (fact.kind === 'dropped') continue;
    const known = first.get(fact.correlation_id);
    const isRoot = fact.message_id === fact.correlation_id && known?.message_id !== fact.correlation_id;
    if (known === undefined || isRoot) first.set(fact.correlation_id, fact);
  }
  return first;
}

/** What to paste, and what it is about. */
function workflowLine(fact: MessageFact, width: number): string {
  const { correlation_id, event_type, destination, business_key } = cleanDocument(fact);
  const command = `waybill trace ${shortId(correlation_id)}`;
  const said = [event_type ?? destination, accountText(cleanDocument(fact)), business_key ?? ''];
  const about = said.filter((text) => text !== '').join('  ');
  return `${command}  ${shortName(about, Math.max(20, width - command.length - 2))}`;
}
