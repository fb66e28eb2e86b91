import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const demo = join(import.meta.dirname, 'demo.ts');

interface Link {
  readonly kind: string;
  readonly id: string;
  readonly event_type: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly tenant_id: string;
  readonly operation: string;
}
interface Report {
  readonly failed: { readonly message_id: string; readonly correlation_id: string; readonly state: string };
  readonly chain: readonly Link[];
  readonly logs: readonly (Readonly<Record<string, unknown>> & { readonly pid: number })[];
}

/** Starts the demo as the leader of a process group, so that whatever it leaves behind can be found. */
function startDemo(args: string[], folder: string) {
  const env = { ...process.env, TMPDIR: folder };
  return spawn(process.execPath, [...process.execArgv, demo, ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function assertNothingLeft(pid: number | undefined, folder: string): void {
  assert.throws(() => process.kill(-Number(pid), 0), { code: 'ESRCH' }, 'a process of the group still runs');
  assert.deepEqual(readdirSync(folder), []);
}

// A process group is how "left behind" is observed here, and Windows has none.
const options = { timeout: 60_000, skip: process.platform === 'win32' ? 'Windows has no process groups' : false };

test('the demo answers which request created the failing job, and leaves nothing behind', options, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-demo-test-'));
  const child = startDemo(['--json'], folder);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.equal(code, 0);
  const { failed, chain, logs }: Report = JSON.parse(output);

  assert.equal(failed.state, 'dead');
  assert.deepEqual(
    chain.map(({ kind, event_type }) => `${kind} ${event_type}`),
    ['message payment.charge', 'message invoice.create', 'message order.created', 'ingress POST /checkout'],
  );
  assert.equal(chain[0]?.id, failed.message_id);
  for (const [index, link] of chain.entries()) {
    assert.equal(link.causation_id, chain[index + 1]?.id ?? null);
    assert.deepEqual([link.correlation_id, link.tenant_id, link.operation], [chain.at(-1)?.id, 'borealis', 'checkout']);
  }

  assert.equal(new Set(logs.map(({ pid }) => pid)).size, 2);
  for (const line of logs) {
    const { correlation_id, order_id, customer } = line;
    assert.deepEqual(
      [correlation_id, order_id, customer],
      [failed.correlation_id, 'ORD-1002', 'C-8'],
      JSON.stringify(line),
    );
  }
  assertNothingLeft(child.pid, folder);
  rmSync(folder, { recursive: true });
});

for (const moment of ['Starting', 'order taken', 'card declined']) {
  test(`Ctrl-C after "${moment}" leaves nothing behind`, options, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-demo-test-'));
    const child = startDemo([], folder);
    child.stdout.setEncoding('utf8').on('data', (printed: string) => printed.includes(moment) && child.kill('SIGINT'));
    const [code] = await once(child, 'close'); // the last process that could print is gone
    assert.equal(code, 130);
    assertNothingLeft(child.pid, folder);
    rmSync(folder, { recursive: true });
  });
}
