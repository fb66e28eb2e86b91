import type { Fact, MessageFact } from '../core/facts.ts';

/** What makes a case's real destinations unique to the run. */
const RUN_ENDING = /-[0-9a-f]{8}$/;

/** Prints facts as short lines that a case can know in advance: ids become `orders#1`, the request `request`. */
export function createFactLines(): (fact: Fact) => string {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const nameOf = (id: string, destination: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const count = (counts.get(destination) ?? 0) + 1;
    counts.set(destination, count);
    const name = id.startsWith('req_') ? 'request' : `${destination}#${count}`;
    names.set(id, name);
    return name;
  };
  return (fact) => {
    if (fact.kind === 'dropped') return `dropped ${fact.count}`;
    const destination = fact.destination.replace(RUN_ENDING, '');
    const message = nameOf(fact.message_id, destination);
    const refer = (id: string | null) => (id === null ? 'nothing' : (names.get(id) ?? 'a stranger'));
    return `${message} ${rest(fact, refer)}`;
  };
}

function rest(fact: MessageFact, refer: (id: string | null) => string): string {
  switch (fact.kind) {
    case 'sent': {
      const origin = `in ${refer(fact.correlation_id)} by ${refer(fact.causation_id)} for ${fact.tenant_id ?? 'nobody'}`;
      const place = fact.fanout === undefined ? '' : ` ${fact.fanout.index + 1}/${fact.fanout.count}`;
      const flow = fact.flow === undefined ? '' : ' in a flow';
      const delay = fact.not_before === undefined ? '' : ' delayed';
      const lost = fact.overflow === undefined ? '' : `, ${fact.overflow} lost`;
      return `sent${fact.late ? ' late' : ''}${delay}${place}${flow} ${origin}${lost}${fact.status === 'taken' ? '' : `: ${fact.status}`}`;
    }
    case 'started': {
      const { mode, reason } = fact.trace_mode;
      const again = fact.dead_lettered ? ' dead-lettered' : '';
      // Which of several children ends last is chance.
      const released =
        fact.released_by === undefined ? '' : ` released by ${refer(fact.released_by).replace(/#\d+$/, '')}`;
      return `started attempt ${fact.attempt} in ${refer(fact.correlation_id)}${again}${released} ${mode} ${reason}`;
    }
    case 'settled':
      return `settled ${fact.outcome}${fact.error === undefined ? '' : `: ${fact.error.message}`}`;
    case 'gap':
      return `gap ${fact.gap.reason}`;
    default:
      return fact.kind;
  }
}
