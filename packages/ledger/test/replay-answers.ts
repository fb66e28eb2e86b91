import type { ReplayData, Twice } from '../src/questions/replay/answer.ts';
import { blastData } from './answers.ts';
import { WORKFLOW } from './workflow.ts';

const inferred = { evidence: 'inferred', because_facts: [] } as const;
const observed = { evidence: 'observed', because_facts: [] } as const;
const message_id = WORKFLOW.selected_message_id;

const ran: Twice = {
  ...{ kind: 'run', message_id, event_type: 'payment.charge', destination: 'payments', subscription: 'payment-worker' },
  ...{ state: 'done', at: '2026-03-17T14:44:25.740Z', ...observed },
};

/** What sending the charge of `workflow.json` again would mean, with a row of every kind. */
export function replayData(): ReplayData {
  const { caused, pending } = blastData();
  return {
    asked: { kind: 'message', id: message_id, attempt: null },
    ...{ message_id, correlation_id: WORKFLOW.correlation_id, event_type: 'payment.charge' },
    ...{ tenant_id: 'acme-eu', operation: 'checkout', business_key: 'order:ORD-48213' },
    ...{ state: 'done', state_evidence: 'observed', attempts: 3, max_attempts: 5 },
    redelivers: {
      ...{ system: 'aws_sqs', destination: 'payments', subscription: 'payment-worker', broker_id: 'sqs-7c1f02aa' },
    },
    ...{ caused, caused_not_shown: 0, pending, is_at_least: false },
    twice: [
      ran,
      { ...ran, kind: 'wait', destination: 'ledger', subscription: 'booking', state: 'waiting', ...inferred },
      ...caused.map((row): Twice => ({ ...ran, ...row, kind: 'effect', subscription: null })),
      { ...ran, kind: 'replay', message_id: 'msg_01KKY4F0C5FA3RPEQB5CE83TZ8', state: 'dead', ...inferred },
    ],
    twice_not_shown: 2,
    replays: [
      {
        ...{ actor: 'mira.okafor', reason: 'postcode added', plan_id: 'plan_1', at: '2026-03-17T14:51:10.580Z' },
        ...{ service: 'ops-console', new_message_id: 'msg_01KKY4F0C5FA3RPEQB5CE83TZ8', ...observed },
      },
    ],
    unknowns: [
      {
        ...{ kind: 'effect', question: 'did attempt 2 take effect?', attempt: 2, because: null },
        ...{ ask_for: 'charge:ORD-48213', evidence: 'unknown', because_facts: [] },
      },
    ],
    facts: [],
  };
}
