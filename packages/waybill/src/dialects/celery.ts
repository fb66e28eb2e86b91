import { type Dialect, foreignEnvelope, foreignText } from '../core/dialect.ts';

/**
 * Headers of message protocol 2, as in Celery 5.6 (`celery/app/amqp.py`, `as_task_v2`) and on its page "Message
 * Protocol". The first task of a workflow is its own root. A retry keeps `id`, and counts in `retries`.
 */
export const celery: Dialect = {
  name: 'celery',
  read(carrier, traceHeaders) {
    const messageId = foreignText(carrier['id']);
    const task = foreignText(carrier['task']);
    // A task has both; so have other systems' messages, but not these besides.
    const isTask = 'root_id' in carrier || foreignText(carrier['lang']) !== undefined;
    if (messageId === undefined || task === undefined || !isTask) return null;
    const rootId = foreignText(carrier['root_id']) ?? messageId;
    return foreignEnvelope(
      {
        messageId,
        correlationId: rootId,
        causationId: foreignText(carrier['parent_id']),
        eventType: task,
        foreign: { issuer: 'celery', correlation_id: rootId, message_id: messageId },
      },
      traceHeaders,
    );
  },
  // A worker hands the root on, and makes the parent visible to its monitors; it acts on neither. `task` chooses the
  // function, and `id` the key of the result: a protocol 2 message without one is not accepted, and in a message whose
  // fields are in its body (protocol 1) a header would override the id that the caller waits for. The property
  // `correlation_id` is that id again.
  write({ correlationId, causationId }) {
    return { root_id: correlationId, ...(causationId !== null && { parent_id: causationId }) };
  },
};
