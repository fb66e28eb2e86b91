import { describe, test } from 'node:test';
import { CASES, runCase } from '../../src/testing/testing.ts';
import { memorySubject } from './memory-subject.ts';

describe('a queue in memory, without a tracer', () => {
  for (const each of CASES) test(each.outcome, () => runCase(memorySubject, each));
});
