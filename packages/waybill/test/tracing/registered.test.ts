import { describe, test } from 'node:test';
import { CASES } from '../../src/testing/testing.ts';
import { memorySubject } from '../testing/memory-subject.ts';
import { runTraced } from './registered.ts';

describe('a queue in memory, with an SDK registered', () => {
  for (const each of CASES) test(each.outcome, () => runTraced(memorySubject, each));
});
