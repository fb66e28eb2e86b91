import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ledgerError } from '../../errors.ts';
import type { Selection } from '../../server/export-facts.ts';
import type { Call, Verb } from '../call.ts';
import { instantOf, zoneOf } from '../instants.ts';
import { withLedger } from '../ledger-file.ts';
import { progressOf } from '../progress.ts';
import { withStore } from '../stores.ts';

export const exportFacts: Verb = {
  name: 'export',
  operands: '[file]',
  group: 'LEDGER',
  says: 'write facts as lines of JSON, to stdout or a file',
  flags: ['since', 'until', 'workflow', 'tenant', 'local', 'db', 'clickhouse', 'quiet', 'debug', 'help', 'version'],
  examples: [
    ['waybill export facts.ndjson', 'all of them'],
    ['waybill export --workflow ORD-48213', 'those of one workflow, to stdout'],
    ['waybill export --tenant acme-eu --since 2h', 'what a tenant did lately'],
  ],
  run: runExport,
};

async function runExport(call: Call): Promise<number> {
  const { operands, given } = call;
  const [file, ...more] = operands;
  if (more.length > 0) throw ledgerError('ARGUMENT_INVALID', 'export', 'given one file', `${operands.length}`);
  const selection: Selection = {
    since: edgeOf(call, 'since') ?? Number.NEGATIVE_INFINITY,
    until: edgeOf(call, 'until') ?? Number.POSITIVE_INFINITY,
    tenant: given.get('tenant'),
    workflow: given.get('workflow'),
  };
  const { exportFacts: linesOf } = await import('../../server/export-facts.ts');
  await withStore(call, withLedger, async (store) => {
    const told = progressOf(call, 'facts written');
    let count = 0;
    async function* lines(): AsyncGenerator<string> {
      for await (const { text, isFact } of linesOf(store, selection)) {
        yield `${text}\n`;
        if (isFact) told(++count);
      }
    }
    // A pipeline waits for a reader who is slower than we are; stdout stays open for what comes after.
    if (file === undefined) await pipeline(Readable.from(lines()), process.stdout, { end: false });
    else await pipeline(Readable.from(lines()), createWriteStream(file));
    call.remark(`${count} ${count === 1 ? 'fact' : 'facts'}${file === undefined ? '' : ` in ${file}`}\n`);
  });
  return 0;
}

function edgeOf(call: Call, flag: 'since' | 'until'): number | undefined {
  const { given, now } = call;
  const text = given.get(flag);
  return text === undefined ? undefined : Date.parse(instantOf(text, now, `--${flag}`, zoneOf(call)));
}
