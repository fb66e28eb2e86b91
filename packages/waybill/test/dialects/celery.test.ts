import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForeignCarrier } from '../../src/core/dialect.ts';
import { NO_TRACE_HEADERS } from '../../src/core/w3c.ts';
import { celery } from '../../src/dialects/celery.ts';
import { anEnvelope } from '../known-waybill.ts';
import { CELERY_HEADERS } from './foreign-messages.ts';

const read = (carrier: ForeignCarrier) => celery.read(carrier, NO_TRACE_HEADERS);

test('the root task is the workflow, and the parent task the cause', () => {
  const envelope = read(CELERY_HEADERS);
  assert.ok(envelope);
  const { messageId, correlationId, causationId, eventType, sentAt, foreign } = envelope;
  assert.deepEqual(
    { messageId, correlationId, causationId, eventType, sentAt, foreign },
    {
      messageId: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0002',
      correlationId: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0000',
      causationId: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0001',
      eventType: 'shop.tasks.charge',
      sentAt: null,
      foreign: {
        issuer: 'celery',
        correlation_id: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0000',
        message_id: '3b1c6a54-6a5f-4a8c-8b8e-0d2f6f8b0002',
      },
    },
  );
});

test('a retry is the same message', () => {
  const retry = { ...CELERY_HEADERS, retries: 3, eta: '2026-04-29T22:08:58.850190+00:00' };
  assert.deepEqual(read(retry), read(CELERY_HEADERS));
});

test('a task without a root is its own workflow, and without a parent has no cause', () => {
  for (const none of [null, undefined, '', 7]) {
    const envelope = read({ ...CELERY_HEADERS, root_id: none, parent_id: none });
    assert.equal(envelope?.correlationId, CELERY_HEADERS['id']);
    assert.equal(envelope?.causationId, null);
    assert.equal(envelope?.foreign?.correlation_id, CELERY_HEADERS['id']);
  }
});

test('a task from another language is one: it names the language, or a root', () => {
  assert.equal(read({ lang: 'js', task: 'a', id: '1' })?.messageId, '1');
  assert.equal(read({ root_id: null, task: 'a', id: '1' })?.messageId, '1');
  assert.equal(read({ task: 'a', id: '1' }), null, 'so does a stranger');
  assert.equal(read({ lang: 'py', root_id: '1', id: '1' }), null, 'protocol 1 has its fields in the body');
});

test('to a worker go the root and the parent, and never what it acts on', () => {
  assert.deepEqual(celery.write?.(anEnvelope()), { root_id: 'req_7', parent_id: 'msg_8' });
  assert.deepEqual(celery.write?.(anEnvelope({ causationId: null })), { root_id: 'req_7' });
});
