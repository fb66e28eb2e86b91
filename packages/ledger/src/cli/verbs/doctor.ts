import type { Check, DoctorData } from '../../questions/doctor/answer.ts';
import { askWindow, WINDOW_FLAGS } from '../asking-window.ts';
import type { Call, Verb } from '../call.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { type Failure, failureOf } from '../failure.ts';
import { refuseOperands } from '../operands.ts';
import { cleanJson } from '../text/clean.ts';

export const doctor: Verb = {
  name: 'doctor',
  operands: '',
  group: 'QUESTIONS',
  says: 'is anything amiss, and what mends it?',
  flags: WINDOW_FLAGS.filter((flag) => flag !== 'limit' && flag !== 'tenant'),
  examples: [['waybill doctor', 'exits with 10 where it finds something']],
  run: runDoctor,
};

async function runDoctor(call: Call): Promise<number> {
  refuseOperands(call);
  const { doctorText } = await import('../text/doctor.ts');
  try {
    // Queues are everybody's: whose questions are asked by default says nothing of them.
    return await askWindow<DoctorData>(
      'doctor',
      { ...call, env: { ...call.env, WAYBILL_TENANT: '' } },
      {
        ...PAGE,
        textOf: doctorText,
      },
    );
  } catch (error) {
    const failure = failureOf(error);
    const fix = fixOf(failure);
    if (fix === undefined) throw error;
    const unreached = unreachedOf(call, { ...failure, fix });
    const { data, as_of } = unreached;
    const isJson = call.given.has('json');
    call.print(isJson ? `${cleanJson(JSON.stringify(unreached))}\n` : doctorText(data, as_of, call.terminal));
    return EXIT_CODES.found;
  }
}

const PAGE = {
  isFound: ({ checks }: DoctorData) => checks.some(({ status }) => status !== 'ok'),
  alwaysChecks: true,
};

/** What keeps a ledger from being asked is what one looks for here; the rest is wrong usage, or a fault of ours. */
function fixOf({ code, fix }: Failure): string | undefined {
  switch (code) {
    case 'LEDGER_UNREACHABLE':
      return 'waybill serve';
    // An older ledger has no such route.
    case 'ROUTE_UNKNOWN':
      return 'run the ledger with this version of Waybill, or a later one';
    case 'NOT_A_LEDGER':
    case 'LEDGER_NEWER':
    case 'LEDGER_UNOPENABLE':
    case 'HOST_REFUSED':
    case 'TOKEN_MISSING':
    case 'TOKEN_UNKNOWN':
    case 'TOKEN_WRONG':
      return fix;
    default:
      return undefined;
  }
}

/** The answer of a ledger that cannot be asked. */
function unreachedOf({ now }: Call, { code, message, fix }: Failure) {
  const problem = { code, message, fix };
  const check: Check = { check: 'ledger', status: 'fail', problem, evidence: 'observed', because_facts: [] };
  const data: DoctorData = { checks: [check] };
  return { schema: 'waybill.doctor/1', as_of: new Date(now).toISOString(), partial: false, data, warnings: [] };
}
