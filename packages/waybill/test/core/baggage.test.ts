import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirrorCorrelation, readCorrelation } from '../../src/core/baggage.ts';

const CASES: [what: string, baggage: string | undefined, mirrored: string][] = [
  ['no baggage', undefined, 'waybill.correlation_id=req_7'],
  ['baggage of the app', 'a=1,b=2;p', 'a=1,b=2;p,waybill.correlation_id=req_7'],
  ['the name of the workflow before', 'a=1,waybill.correlation_id=req_0,b=2', 'a=1,b=2,waybill.correlation_id=req_7'],
  ['that name in spaces and with a property', ' waybill.correlation_id = req_0;p=1', 'waybill.correlation_id=req_7'],
  [
    'a name that only ends like ours',
    'x.waybill.correlation_id=1',
    'x.waybill.correlation_id=1,waybill.correlation_id=req_7',
  ],
];

for (const [what, baggage, mirrored] of CASES) {
  test(`${what} comes to name the workflow, once`, () => {
    assert.equal(mirrorCorrelation(baggage, 'req_7', 0), mirrored);
    assert.equal(readCorrelation(mirrored).correlationId, 'req_7');
  });
}

test('a foreign workflow’s name is encoded, and comes out as it was', () => {
  for (const id of ['a,b;c=d e%', '"\\', '{0f8f-AA}', '~'.repeat(128)]) {
    const baggage = mirrorCorrelation('k=v', id, 0);
    assert.match(baggage ?? '', /^k=v,waybill\.correlation_id=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/);
    assert.deepEqual(readCorrelation(baggage), { correlationId: id, baggage: 'k=v' });
  }
});

test('baggage that has no room left stays as it is: its reader would drop all of it', () => {
  const long = `k=${'x'.repeat(8170)}`;
  assert.equal(mirrorCorrelation(long, 'req_7', 0), long);
  assert.equal(mirrorCorrelation('k=v', 'req_7', 8170), 'k=v');
  const many = Array.from({ length: 64 }, (_, index) => `k${index}=v`).join(',');
  assert.equal(mirrorCorrelation(many, 'req_7', 0), many);
  assert.equal(mirrorCorrelation('k=v', 'req_7', 100), 'k=v,waybill.correlation_id=req_7');
});

test('what another system wrote under our name, and is no id, names nothing', () => {
  for (const value of ['', '%', '%0a', '%c3%a9', 'x'.repeat(129), ';p=1']) {
    const { correlationId, baggage } = readCorrelation(`k=v,waybill.correlation_id=${value}`);
    assert.deepEqual([correlationId, baggage], [undefined, 'k=v'], value);
  }
});

test('one scope after the other has its own name, though their baggage is the same', () => {
  assert.equal(mirrorCorrelation('a=1', 'req_1', 0), 'a=1,waybill.correlation_id=req_1');
  assert.equal(mirrorCorrelation('a=1', 'req_2', 0), 'a=1,waybill.correlation_id=req_2');
  assert.equal(mirrorCorrelation(undefined, 'req_2', 0), 'waybill.correlation_id=req_2');
});
