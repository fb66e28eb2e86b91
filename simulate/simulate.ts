// Holds the ledger's answers against simulated workflows whose truth is known:
// npm run simulate -- [--seed 1] [--workflows 1000] [--json] [--wrong]
// or those of both stores against each other: npm run simulate -- --stores [--seed 1] [--workflows 1000] [--one-in 3]
import { parseArgs } from 'node:util';
import { compareInProcess, oneIn } from './stores.ts';
import { summed, type Tally, tally } from './tally.ts';

/** What production does to facts: 5 % are lost, 10 % of the hops drop the context, clocks are off by up to 5 s. */
const FAULTS = { lostFacts: 0.05, lostContext: 0.1, skewMs: 5_000 };

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    workflows: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
    stores: { type: 'boolean', default: false },
    'one-in': { type: 'string', default: '1' },
  },
});

function numberOf(name: 'seed' | 'workflows' | 'one-in', least: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`error: --${name} is to be a whole number of at least ${least}, and not "${values[name]}"`);
  process.exit(2);
}

const share = (part: number, whole: number) => (whole === 0 ? 1 : Math.round((part / whole) * 1e6) / 1e6);

function faultyOf(claims: Tally['claims'][string]) {
  const { observed, observedWrong, inferred, inferredRight, unknown } = claims;
  return {
    observed_wrong: observedWrong,
    inferred_right: share(inferredRight, inferred),
    unknown: share(unknown, observed + inferred + unknown),
  };
}

const seed = numberOf('seed', 0);
const workflows = numberOf('workflows', 1);
if (values.stores) process.exit(await compared(seed, workflows, numberOf('one-in', 1)));
const complete = tally(seed, workflows, undefined);
const faulty = tally(seed, workflows, FAULTS);

if (values.json) {
  console.log(JSON.stringify({ complete: complete.answers, faulty: faultyOf(summed(faulty.claims)) }));
} else {
  console.log(`${workflows} workflows of seed ${seed}, every fact recorded: answers that are right as a whole`);
  for (const [question, { right, total }] of Object.entries(complete.answers)) {
    console.log(`  ${question.padEnd(9)} ${right} of ${total}`);
  }
  console.log(`  parts that add up to the wall time exactly: ${complete.sums.right} of ${complete.sums.total} places`);
  console.log(
    '\nThe same, with 5 % of the facts and the context of 10 % of the hops lost, clocks up to 5 s off: claims',
  );
  console.log('            observed  wrong   inferred  right      unknown');
  const rows = [...Object.entries(faulty.claims), ['all', summed(faulty.claims)] as const];
  for (const [question, claims] of rows) {
    const { inferred_right, unknown } = faultyOf(claims);
    const cells = [
      String(claims.observed).padStart(9),
      String(claims.observedWrong).padStart(6),
      String(claims.inferred).padStart(10),
      `${(inferred_right * 100).toFixed(2)} %`.padStart(10),
      `${(unknown * 100).toFixed(2)} %`.padStart(9),
    ];
    console.log(`  ${question.padEnd(9)} ${cells.join(' ')}`);
  }
  console.log(`  parts that add up to the wall time exactly: ${faulty.sums.right} of ${faulty.sums.total} places`);
}
if (values.wrong) {
  for (const [title, { wrong }] of Object.entries({ complete, faulty })) {
    for (const [question, said] of Object.entries(wrong))
      for (const about of said) console.error(`${title} ${question}: ${about}`);
  }
}

async function compared(seed: number, workflows: number, parts: number): Promise<number> {
  const onProgress: Parameters<typeof compareInProcess>[2] = (done, { asked, different }) =>
    console.error(`${done} workflows, ${asked} questions, ${different.length} differences`);
  const { asked, different } = await compareInProcess(seed, workflows, onProgress, oneIn(parts));
  for (const each of different) console.error(each);
  console.log(
    `${asked} questions about ${workflows} workflows: ${different.length === 0 ? 'the same bytes' : 'not the same'}`,
  );
  return different.length === 0 ? 0 : 1;
}
