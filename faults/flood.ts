// Row 37: every operation, destination and tenant is another one, as ids in names make them.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLogs } from '../packages/waybill/src/recorders/otlp-logs.ts';
import { atMost, exactly, type Finding, seen } from './finding.ts';
import { nextSend } from './made-sends.ts';
import { serveProcess } from './served-process.ts';

const factsInSend = 500;
const memoryMiBMax = 256;
const seriesMax = 2_000;

export async function flood({ names }: { readonly names: number }): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-flood-'));
  const ledger = await serveProcess(folder);
  try {
    let refused = 0;
    for (let sent = 0; sent < names; sent += factsInSend) {
      const facts = nextSend('flood', factsInSend, 100).facts.map((fact) => ({
        ...fact,
        tenant_id: `tenant of ${fact.message_id}`,
        operation: `GET /orders/${fact.message_id}`,
        destination: `orders.${fact.message_id}`,
      }));
      if ((await ledger.ask('POST', '/v1/logs', encodeLogs(facts))).status !== 200) refused++;
    }
    for (const question of ['gaps', 'overdue', 'failures', 'tail']) await ledger.ask('GET', `/api/v1/${question}`);
    const { text } = await ledger.ask('GET', '/metrics');
    return [
      seen('names of each kind', names),
      exactly('exports refused', refused, 0),
      atMost('series in /metrics', text.split('\n').filter((line) => /^\w/.test(line)).length, seriesMax),
      ...memoryOf(ledger.pid),
    ];
  } finally {
    await ledger.stop('SIGTERM');
    await rm(folder, { recursive: true });
  }
}

/** What the process has had at most, which only Linux tells. */
function memoryOf(pid: number): Finding[] {
  if (process.platform !== 'linux') return [];
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return [atMost('resident memory at most, MiB', Number(peak) / 1_024, memoryMiBMax)];
}
