import { ledgerError } from '../../errors.ts';
import type { Placement } from '../../store/clickhouse/schema.ts';
import { spanOf } from '../amounts.ts';
import type { Call, Verb } from '../call.ts';
import type { FlagName } from '../flags.ts';
import { ledgerPath, withLedger } from '../ledger-file.ts';
import { refuseOperands } from '../operands.ts';
import { readSettings } from '../settings.ts';

const dayMs = 86_400_000;
const ofPrint = ['cluster', 'keep', 'cold-after'] as const;

export const migrate: Verb = {
  name: 'migrate',
  operands: '',
  group: 'LEDGER',
  says: 'bring a ledger to the schema of this version',
  flags: ['db', 'clickhouse', 'print', ...ofPrint, 'config', 'debug', 'help', 'version'],
  examples: [
    ['waybill migrate', 'the file in .waybill'],
    ['waybill migrate --clickhouse http://ch:8123/waybill', 'the tables of a database'],
    ['waybill migrate --print --cluster main', 'for its operator'],
  ],
  run: runMigrate,
};

async function runMigrate(call: Call): Promise<number> {
  const { given, env, print, remark } = call;
  refuseOperands(call);
  if (given.has('print')) return printed(await statements(given), print);
  for (const flag of ofPrint)
    if (given.has(flag)) throw ledgerError('ARGUMENT_INVALID', `--${flag}`, 'beside --print', given.get(flag) ?? '');
  const clickhouse = given.has('db') ? undefined : readSettings(given, env)('clickhouse');
  if (clickhouse === undefined) {
    const path = ledgerPath(given);
    // Opening it is what brings it up to date.
    await withLedger(path, async () => {});
    remark(`${path} has the schema of this version.\n`);
    return 0;
  }
  const { openClickhouseStore } = await import('../../store/clickhouse/clickhouse.ts');
  const store = await openClickhouseStore({ url: clickhouse.value });
  await store.close();
  remark(`ClickHouse at ${new URL(clickhouse.value).host} has the schema of this version.\n`);
  return 0;
}

async function statements(given: ReadonlyMap<FlagName, string>): Promise<readonly string[]> {
  const { schemaOf } = await import('../../store/clickhouse/schema.ts');
  return schemaOf(placementOf(given));
}

function placementOf(given: ReadonlyMap<FlagName, string>): Placement {
  const cluster = given.get('cluster') ?? null;
  // It becomes a part of statements.
  if (cluster !== null && !/^[\w.-]+$/.test(cluster))
    throw ledgerError('ARGUMENT_INVALID', '--cluster', 'a name of letters, digits, "_", "." and "-"', cluster);
  const [keepDays, coldDays] = [daysOf(given, 'keep'), daysOf(given, 'cold-after')];
  return {
    cluster,
    keepDays,
    tier: coldDays === undefined ? undefined : { afterDays: coldDays, volume: 'cold', policy: 'tiered' },
  };
}

function daysOf(given: ReadonlyMap<FlagName, string>, flag: 'keep' | 'cold-after'): number | undefined {
  const value = given.get(flag);
  return value === undefined ? undefined : Math.ceil(spanOf({ name: `--${flag}`, value }) / dayMs);
}

function printed(lines: readonly string[], print: Call['print']): number {
  print(lines.map((line) => `${line};\n`).join('\n'));
  return 0;
}
