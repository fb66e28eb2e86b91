import assert from 'node:assert/strict';
import { test } from 'node:test';
import { termsOf } from '../../../src/questions/search/terms.ts';

const nothing = { words: [], tenant: null, operation: null, event: null, state: null, error: null };

test('words apart are ids and keys, and what stands before a colon says what it is', () => {
  assert.deepEqual(termsOf('PWASC1  order:ORD-48213'), { ...nothing, words: ['PWASC1', 'order:ORD-48213'] });
  assert.deepEqual(termsOf('tenant:acme-eu state:DEAD operation:checkout event:payment.charge error:f_504'), {
    ...{ words: [], tenant: 'acme-eu', operation: 'checkout', event: 'payment.charge', state: 'dead', error: 'f_504' },
  });
});

test('quotes hold together what has spaces', () => {
  assert.deepEqual(termsOf('error:"card declined" "postcode missing"'), {
    ...nothing,
    words: ['postcode missing'],
    error: 'card declined',
  });
  assert.deepEqual(termsOf('tenant:a:b x:y:z'), { ...nothing, tenant: 'a:b', words: ['x:y:z'] });
});

test('what is no search says what it has to be', () => {
  for (const text of ['', '  ', '""', '" "']) assert.throws(() => termsOf(text), { code: 'ARGUMENT_MISSING' });
  for (const text of ['state:gone', 'state:', 'tenant:', 'error:""', 'a '.repeat(17), 'x'.repeat(1_001)])
    assert.throws(() => termsOf(text), { code: 'ARGUMENT_INVALID' }, text);
});
