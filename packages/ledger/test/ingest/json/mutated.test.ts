import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../../waybill/test/seeded.ts';
import { isLedgerError } from '../../../src/errors.ts';
import { logRecordsOf } from '../../../src/ingest/json/log-records.ts';
import { spansOf } from '../../../src/ingest/json/spans.ts';
import { originOf } from '../../../src/ingest/otlp-request.ts';
import { workflowFacts } from '../../workflow.ts';
import { mutated } from '../mutated.ts';
import { bodyOfFacts } from '../otlp-body.ts';

/** A million in one run: `FUZZ_INPUTS=1000000 node --conditions=@waybill/source --test <this file>`. */
const inputs = Number(process.env['FUZZ_INPUTS'] ?? 20_000);
const logs = Buffer.from(bodyOfFacts(workflowFacts().slice(0, 3)));
const traces = Buffer.from(
  logs
    .toString()
    .replace('resourceLogs', 'resourceSpans')
    .replace('scopeLogs', 'scopeSpans')
    .replace('logRecords', 'spans'),
);

test('whatever becomes of its bytes, a request is read as JSON.parse reads it, or refused as a whole', () => {
  let read = 0;
  for (let seed = 1; seed <= inputs; seed++) {
    const chance = seeded(seed);
    const isLogs = chance.chance(0.7);
    const body = mutated(isLogs ? logs : traces, chance);
    const names = isLogs ? LOGS : TRACES;
    const expected = outcomeOf(() =>
      itemsIn(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)), names),
    );
    const found = outcomeOf(() => [...(isLogs ? logRecordsOf : spansOf)(body)].map(([item, origin]) => [item, origin]));
    assert.deepEqual(
      found && JSON.stringify(found, plain),
      expected && JSON.stringify(expected, plain),
      `seed ${seed}`,
    );
    if (found !== undefined) read++;
  }
  assert.ok(read > inputs / 20 && read < inputs / 2, `${read} read and ${inputs - read} refused are enough to tell`);
});

const LOGS = ['resourceLogs', 'scopeLogs', 'logRecords'] as const;
const TRACES = ['resourceSpans', 'scopeSpans', 'spans'] as const;

/** Undefined where it is refused. */
function outcomeOf(read: () => unknown[]): unknown[] | undefined {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof TypeError || isLedgerError(error), String(error));
    return undefined;
  }
}

type Part = Record<string, unknown>;

function itemsIn(request: unknown, [resources, scopes, items]: readonly [string, string, string]): unknown[] {
  return listIn(request, resources).flatMap((resource) =>
    listIn(resource, scopes).flatMap((scope) =>
      listIn(scope, items).map((item) => [items === 'spans' ? item : recordIn(item), originOf(resource)]),
    ),
  );
}

function listIn(part: unknown, name: string): unknown[] {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) throw new TypeError(name);
  const list = (part as Part)[name] ?? [];
  if (!Array.isArray(list)) throw new TypeError(name);
  return list;
}

/** The fields that are read of a record, and of an attribute. */
function recordIn(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const { timeUnixNano, eventName, traceId, spanId, attributes } = item as Part;
  const read = (each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    const { key, value } = each as Part;
    return { key, value };
  };
  const listed = Array.isArray(attributes) ? attributes.map(read) : attributes;
  return { timeUnixNano, eventName, traceId, spanId, attributes: listed };
}

/** An integer as text and as a number are the same to OTLP. */
function plain(name: string, value: unknown): unknown {
  return name === 'intValue' && typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}
