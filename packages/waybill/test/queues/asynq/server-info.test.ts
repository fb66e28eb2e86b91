import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeServerInfo, servedQueues } from '../../../src/queues/asynq/server-info.ts';

const SERVER = {
  host: 'worker-1',
  pid: 4711,
  serverId: '6f1c6c5e-0d8f-4c3c-9a2b-1f0e9d8c7b6a',
  concurrency: 10,
  queues: ['critical', 'default'],
  startedAt: Date.parse('2026-03-17T14:01:31.250Z'),
  running: 3,
};
/** Bytes that protobuf's own library made of Asynq's schema. */
const GOLDEN =
  '0a08776f726b65722d3110e7241a2436663163366335652d306438662d346333632d396132622d316630653964386337623661' +
  '200a2a0c0a08637269746963616c10022a0b0a0764656661756c74100130013a06616374697665420b08bbbde5cd061080e59a774803';
const STOPPED = GOLDEN.replace('3a06616374697665', '3a0773746f70706564');

test('a server is listed as Asynq lists its own, to the byte', () => {
  assert.equal(encodeServerInfo(SERVER).toString('hex'), GOLDEN);
});

test('a server is read for the queues that it takes from, and one that was told to stop for none', () => {
  assert.deepEqual(servedQueues(Buffer.from(GOLDEN, 'hex')), ['critical', 'default']);
  assert.deepEqual(servedQueues(Buffer.from(STOPPED, 'hex')), []);
});

test('bytes that are no server are refused', () => {
  assert.throws(() => servedQueues(Buffer.from('ffff', 'hex')), RangeError);
});
