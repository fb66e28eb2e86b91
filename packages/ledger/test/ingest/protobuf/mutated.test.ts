import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seeded } from '../../../../waybill/test/seeded.ts';
import { isLedgerError } from '../../../src/errors.ts';
import { decodeLogs } from '../../../src/ingest/decode-logs.ts';
import { logRecordsOf } from '../../../src/ingest/protobuf/log-records.ts';
import { spansOf } from '../../../src/ingest/protobuf/spans.ts';
import { mutated } from '../mutated.ts';

/** A million in one run: `FUZZ_INPUTS=1000000 node --conditions=@waybill/source --test <this file>`. */
const inputs = Number(process.env['FUZZ_INPUTS'] ?? 20_000);
const microsecondsMax = 50_000;

const [logs, traces] = ['logs', 'traces'].map((name) => {
  const { bytes } = JSON.parse(readFileSync(join(import.meta.dirname, `golden/${name}.json`), 'utf8'));
  return Buffer.from(bytes, 'base64');
}) as [Buffer, Buffer]; // of two names

test('whatever becomes of its bytes, a request is read within 50 ms, or refused as a whole', () => {
  let read = 0;
  let refused = 0;
  const slow: string[] = [];
  for (let seed = 1; seed <= inputs; seed++) {
    const chance = seeded(seed);
    const isLogs = chance.chance(0.5);
    const body = mutated(isLogs ? logs : traces, chance);
    const before = process.threadCpuUsage();
    try {
      if (isLogs) decodeLogs(body, logRecordsOf);
      else for (const _ of spansOf(body));
      read++;
    } catch (error) {
      assert.ok(isLedgerError(error) && error.code === 'BODY_UNREADABLE', `seed ${seed}: ${error}`);
      refused++;
    }
    // Not by the clock, which goes on while others have the processor.
    const { user, system } = process.threadCpuUsage(before);
    if (user + system > microsecondsMax) slow.push(`seed ${seed}: ${user + system} µs`);
  }
  assert.deepEqual(slow, []);
  assert.ok(read > inputs / 10 && refused > inputs / 10, `${read} read and ${refused} refused are enough to tell`);
});
