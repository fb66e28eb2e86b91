import { ledgerError } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';
import { confirmed } from '../confirm.ts';
import { withLedger } from '../ledger-file.ts';
import { refuseOperands } from '../operands.ts';
import { progressOf } from '../progress.ts';
import { withStore } from '../stores.ts';

export const forget: Verb = {
  name: 'forget',
  operands: '',
  group: 'LEDGER',
  says: 'delete what is known of a tenant, or under a business key',
  flags: ['tenant', 'business-key', 'db', 'clickhouse', 'yes', 'quiet', 'debug', 'help', 'version'],
  examples: [
    ['waybill forget --tenant acme-eu', 'all that is of a tenant'],
    ['waybill forget --business-key order:ORD-48213 --yes', 'one key, without asking'],
  ],
  run: runForget,
};

async function runForget(call: Call): Promise<number> {
  const { given, remark } = call;
  refuseOperands(call);
  const [tenant, businessKey] = [given.get('tenant'), given.get('business-key')];
  if (tenant === undefined && businessKey === undefined)
    throw ledgerError('ARGUMENT_MISSING', 'forget', '--tenant or --business-key');
  return withStore(call, withLedger, async ({ upkeep }) => {
    const count = await upkeep.countOf({ tenant, businessKey });
    const messages = count === 1 ? '1 message' : `${count} messages`;
    if (count > 0 && !(await confirmed(call, `deletes ${messages} with all that is known of them`))) return 1;
    // Also where there is none: a name may have been left by an attempt that broke off.
    const forgotten = await upkeep.forget({ tenant, businessKey }, progressOf(call, `of ${messages} deleted`));
    remark(`${forgotten.messages} messages deleted, ${forgotten.facts} facts\n`);
    return 0;
  });
}
