import type { Terminal } from '../../../src/cli/terminal.ts';
import { blastListText, blastText } from '../../../src/cli/text/blast.ts';
import { demoText } from '../../../src/cli/text/demo.ts';
import { doctorText } from '../../../src/cli/text/doctor.ts';
import { failuresText } from '../../../src/cli/text/failures.ts';
import { gapsText } from '../../../src/cli/text/gaps.ts';
import { overdueText } from '../../../src/cli/text/overdue.ts';
import { queuesText } from '../../../src/cli/text/queues.ts';
import { replayText } from '../../../src/cli/text/replay.ts';
import { searchText } from '../../../src/cli/text/search.ts';
import { tailText } from '../../../src/cli/text/tail.ts';
import { blastData, failuresData, gapsData, overdueData, queuesData } from '../../answers.ts';
import { asOf, demoLoaded, doctorData, searchData, tailData } from '../../checkout-answers.ts';
import { replayData } from '../../replay-answers.ts';

/** A page of the command line about `workflow.json`; `rename` changes each text of the answer that is somebody's own. */
interface Page {
  readonly name: string;
  readonly text: (terminal: Terminal, rename?: (text: string) => string) => string;
}

export const PAGES: readonly Page[] = [
  page('failures', failuresData, failuresText),
  page('blast', blastData, blastText),
  page('blast-list', blastData, blastListText),
  page('replay', replayData, replayText),
  page('gaps', gapsData, gapsText),
  page('overdue', overdueData, overdueText),
  page('queues', queuesData, queuesText),
  page('search', searchData, searchText),
  page('tail', () => tailData('2026-03-17T14:50:00.000Z'), tailText),
  page('doctor', doctorData, doctorText),
  page('demo', demoLoaded, (data, _, terminal) => demoText(data, terminal)),
];

function page<Data>(
  name: string,
  dataOf: () => Data,
  textOf: (data: Data, asOf: string, terminal: Terminal) => string,
): Page {
  return {
    name,
    text: (terminal, rename = (text) => text) => textOf(renamed(dataOf(), rename), asOf, terminal),
  };
}

/** Where people and other systems write what they like; ids are among it only where they are foreign. */
const FREE: ReadonlySet<string> = new Set([
  ...['title', 'instance', 'service', 'destination', 'subscription', 'event_type', 'tenant_id', 'operation'],
  ...['business_key', 'from', 'via', 'to', 'missing', 'fix', 'lost_in', 'terms', 'actor', 'key', 'label', 'trend'],
]);

function renamed<Value>(value: Value, rename: (text: string) => string, isFree = false): Value {
  // Sound: only texts are changed, and they stay texts.
  if (typeof value === 'string') return (isFree ? rename(value) : value) as Value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename, isFree)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, own]) => [
    key,
    // The window of an answer also has `from` and `to`.
    renamed(own, rename, FREE.has(key) && !('bucket_ms' in value)),
  ]);
  return Object.fromEntries(entries) as Value;
}
