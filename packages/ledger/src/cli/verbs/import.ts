import { createReadStream } from 'node:fs';
import { ledgerError } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';
import { ledgerPath, withNewLedger } from '../ledger-file.ts';
import { progressOf } from '../progress.ts';
import { valuesIn } from '../values.ts';

export const importFacts: Verb = {
  name: 'import',
  operands: '<file>',
  group: 'LEDGER',
  says: 'store facts from lines of JSON, or from a document of them',
  flags: ['db', 'debug', 'help', 'version'],
  examples: [
    ['waybill import facts.ndjson', 'what export wrote; a fact that is there is kept once'],
    ['waybill import workflow.json --db trial.sqlite', 'a document with "facts", into another ledger'],
    ['zcat facts.ndjson.gz | waybill import -', 'from stdin'],
  ],
  run: runImport,
};

const partial = 7;

async function runImport(call: Call): Promise<number> {
  const { operands, given, remark } = call;
  const [file, ...more] = operands;
  if (file === undefined) throw ledgerError('ARGUMENT_MISSING', 'import', 'a file, or - for stdin');
  if (more.length > 0) throw ledgerError('ARGUMENT_INVALID', 'import', 'given one file', `${operands.length}`);
  const { importFacts: store } = await import('../../server/import-facts.ts');
  const values = valuesIn(file === '-' ? process.stdin : createReadStream(file), file, () =>
    remark('warning: "destinations" are not kept\n'),
  );
  const { stored, repeated, rejected, reason } = await withNewLedger(ledgerPath(given), (ledger) =>
    store(ledger, values, progressOf(call, 'facts read')),
  );
  remark(`${stored} stored, ${repeated} there already, ${rejected} rejected\n`);
  if (rejected > 0) remark(`warning: ${reason}\n`);
  return rejected > 0 ? partial : 0;
}
