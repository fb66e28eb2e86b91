// Breaks a ledger on purpose, and says what became of it: npm run faults -- --full --json
import { parseArgs } from 'node:util';
import { damage } from './damage.ts';
import type { Finding } from './finding.ts';
import { flood } from './flood.ts';
import { fullDisk } from './full-disk.ts';
import { kills } from './kills.ts';

const { values } = parseArgs({
  options: { full: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' } },
});
const isFull = values.full === true;

/** Each at the size that is promised, and at one that is over in seconds; undefined where this machine lets it not happen. */
const FAULTS: Readonly<Record<string, () => Promise<readonly Finding[] | undefined>>> = {
  kills: () => kills(isFull ? { kills: 50, facts: 1_000_000, sendsMin: 20 } : { kills: 3, facts: 20_000, sendsMin: 5 }),
  'full disk': () => fullDisk({ mebibytes: 700 }),
  flood: () => flood({ names: isFull ? 100_000 : 5_000 }),
  damage: () => damage({ trials: isFull ? 200 : 20 }),
};

const results: Finding[] = [];
for (const [fault, run] of Object.entries(FAULTS)) {
  if (values.only !== undefined && values.only !== fault) continue;
  const findings = await run();
  if (findings === undefined)
    console.error(`SKIPPED: ${fault}. Only root may make a small disk, and not in every container.`);
  for (const finding of findings ?? []) results.push({ ...finding, name: `${fault}: ${finding.name}` });
}
if (values.json) console.log(JSON.stringify({ results }));
else
  for (const { name, value, target, met } of results) {
    const aim = met === null ? '' : `${met ? 'met' : 'missed'}, ${target}`;
    console.log(`  ${name.padEnd(50)} ${String(value).padStart(10)}  ${aim}`);
  }
process.exitCode = results.some(({ met }) => met === false) ? 1 : 0;
