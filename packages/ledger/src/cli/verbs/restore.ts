import { existsSync } from 'node:fs';
import { ledgerError } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';
import { confirmed } from '../confirm.ts';
import { ledgerPath } from '../ledger-file.ts';
import { fileOf } from '../operands.ts';
import { bytesText } from '../text/bytes.ts';

export const restore: Verb = {
  name: 'restore',
  operands: '<file>',
  group: 'LEDGER',
  says: 'put a backup in the place of a stopped ledger',
  flags: ['db', 'yes', 'quiet', 'debug', 'help', 'version'],
  examples: [['waybill restore monday.sqlite --yes', 'without asking']],
  run: runRestore,
};

async function runRestore(call: Call): Promise<number> {
  const { given, remark } = call;
  const file = fileOf(call, 'the file of a backup');
  const { copyLedger, isInUse } = await import('../../store/backup.ts');
  const path = ledgerPath(given);
  if (existsSync(path)) {
    if (isInUse(path)) throw ledgerError('LEDGER_IN_USE', path);
    if (!(await confirmed(call, `overwrites ${path}`))) return 1;
  }
  const { bytes } = copyLedger(file, path);
  remark(`${bytesText(bytes)} in ${path}\n`);
  return 0;
}
