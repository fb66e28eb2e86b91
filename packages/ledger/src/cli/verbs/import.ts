import { createReadStream } from 'node:fs';
import type { Call, Verb } from '../call.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { withNewLedger } from '../ledger-file.ts';
import { fileOf } from '../operands.ts';
import { progressOf } from '../progress.ts';
import { withStore } from '../stores.ts';
import { counted } from '../text/counts.ts';
import { valuesIn } from '../values.ts';

export const importFacts: Verb = {
  name: 'import',
  operands: '<file>',
  group: 'LEDGER',
  says: 'store facts from lines of JSON, or from a document of them',
  flags: ['db', 'clickhouse', 'quiet', 'debug', 'help', 'version'],
  examples: [
    ['waybill import facts.ndjson', 'each fact is kept once'],
    ['waybill import workflow.json --db trial.sqlite', 'a document with "facts"'],
    ['zcat facts.ndjson.gz | waybill import -', 'from stdin'],
  ],
  run: runImport,
};

async function runImport(call: Call): Promise<number> {
  const { remark } = call;
  const file = fileOf(call, 'a file, or - for stdin');
  const { importFacts: store } = await import('../../server/import-facts.ts');
  const values = valuesIn(file === '-' ? process.stdin : createReadStream(file), file);
  const { stored, repeated, rejected, reason, destinations } = await withStore(call, withNewLedger, (ledger) =>
    store(ledger, values, progressOf(call, 'facts read'), call.now),
  );
  const known = destinations === 0 ? '' : `, ${counted(destinations, 'destination')}`;
  remark(`${stored} stored, ${repeated} there already, ${rejected} rejected${known}\n`);
  if (rejected > 0) remark(`warning: ${reason}\n`);
  return rejected > 0 ? EXIT_CODES.partial : 0;
}
