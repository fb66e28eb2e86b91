import { existsSync } from 'node:fs';
import type { Call, Verb } from '../call.ts';
import { confirmed } from '../confirm.ts';
import { ledgerPath } from '../ledger-file.ts';
import { fileOf } from '../operands.ts';
import { bytesText } from '../text/bytes.ts';

export const backup: Verb = {
  name: 'backup',
  operands: '<file>',
  group: 'LEDGER',
  says: 'copy the ledger to a file, also while a server runs',
  flags: ['db', 'yes', 'quiet', 'debug', 'help', 'version'],
  examples: [['waybill backup monday.sqlite', 'as it is at this moment; whole, or not there']],
  run: runBackup,
};

async function runBackup(call: Call): Promise<number> {
  const { given, remark } = call;
  const file = fileOf(call, 'a file to write');
  const { copyLedger } = await import('../../store/backup.ts');
  if (existsSync(file) && !(await confirmed(call, `overwrites ${file}`))) return 1;
  const path = ledgerPath(given);
  remark(`Copying ${path} …\n`);
  const { bytes } = copyLedger(path, file);
  remark(`${bytesText(bytes)} in ${file}\n`);
  return 0;
}
