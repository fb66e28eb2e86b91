import { describe, test } from 'node:test';
import { CASES } from '../../src/testing/testing.ts';
import { memorySubject } from '../testing/memory-subject.ts';
import { runUnregistered } from './unregistered.ts';

describe('a queue in memory, with the API and no SDK', () => {
  for (const each of CASES) test(each.outcome, () => runUnregistered(memorySubject, each));
});
