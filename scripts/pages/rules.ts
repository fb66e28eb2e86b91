import { HOPS_IN_ONE_TRACE, RULES, type Rule, SENDS_IN_ONE_TRACE } from '../../packages/waybill/src/core/rules.ts';

// A word of the table that has no explanation here does not compile.
const CORRELATION: Record<Rule['correlation'], string> = {
  inherited: 'inherited from the scope',
  carried: 'the message’s',
  own: 'its own message id',
  unanimous: 'the messages’, if unanimous; else the batch’s own id',
  continued: 'new, and says which it continues',
};
const CAUSATION: Record<Rule['causation'], string> = {
  handled: 'what is being handled',
  carried: 'the message’s',
  none: 'none',
  batch: 'of what is sent in it: the batch’s own id',
};
const MESSAGE_ID: Record<Rule['messageId'], string> = {
  new: 'new',
  carried: 'the message’s',
  hashed: 'a hash of system, destination and broker id',
  derived: 'made of namespace, schedule and due time',
  edited: 'new, and says which it replays',
};
const TRACE: Record<Rule['trace'], string> = {
  P: 'P',
  'P?': 'P?',
  L: 'L',
  root: 'root',
  stamped: 'as stamped by the sender',
  kept: 'no span',
};
const BINDINGS: Record<Rule['bindings'], string> = {
  snapshot: 'a snapshot of what is bound',
  carried: 'the message’s',
  allowed: 'those of the message’s that the edge lets in',
  equal: 'those that all messages share',
  none: 'none',
};

/** docs/rules.md: the table by which the core decides. */
export function rulesPage(): string {
  const rules: readonly Rule[] = Object.values(RULES);
  return `# What is inherited, what is new, what is linked?

One row for each situation; the library acts by this very table, and a test holds each cell against what it does (\`packages/waybill/src/core/rules.ts\`). This page is made from it: \`npm run generate\`.

| situation | correlation | causation | message id | trace | because | bindings | gap |
|---|---|---|---|---|---|---|---|
${rules.map(rowOf).join('')}
## What do the columns mean?

- **correlation**: the workflow that the message belongs to, its \`correlation_id\`.
- **causation**: the message that was being handled when this one was created, its \`causation_id\`. It is set at creation and never rewritten.
- **message id**: what is sent once has one id, through retries, redelivery, delay and dead letter.
- **trace**: *P* is a child of the trace in which the message was created. *L* is a new root with a link to it. *root* is a new root without one. *P?* is P for the first ${SENDS_IN_ONE_TRACE} sends of an execution that is fewer than ${HOPS_IN_ONE_TRACE} hops from its root and has not ended, and L for all others. The sender stamps it; a receiver may only turn P into L, and the weakest situation wins.
- **because**: the reason as the facts say it, in \`trace_mode.reason\`.
- **bindings**: the log fields that are carried or restored; every delivery has a scope of its own, and what an earlier attempt bound is not in it.
- **gap**: what is recorded where context should have been there. A batch has one only where its messages are of several tenants.

## What may be configured?

- **Parent or link**: \`createWaybill({ destinations: { 'orders.events': { trace: 'P' } } })\` stamps P or L at one destination, whatever the row says. A receiver that says \`L\` turns its senders' children into links; one that says \`P\` changes nothing.
- **Trust**: HTTP entries are public and queue carriers trusted, unless an entry or a destination says otherwise. A destination that is \`external\` is sent nothing of all this: no waybill, no bindings, no baggage; and nothing that comes from it is believed.
- **Ticks**: \`namespace\` tells environments apart; two schedulers of one namespace agree on the id of a tick.

## What if two rows fit?

The one that stands later in the trace's own order wins: whatever forbids a child decides. A saga's timeout is also delayed, a flow's child also a command; all that they have in common (workflow, cause, a new id, the snapshot) is the same in each row. What comes from a dead-letter queue is neither a retry nor a replay, and a replay no retry, in the reason that the fact gives.
`;
}

function rowOf(rule: Rule): string {
  const cells = [
    rule.situation,
    CORRELATION[rule.correlation],
    CAUSATION[rule.causation],
    MESSAGE_ID[rule.messageId],
    TRACE[rule.trace],
    rule.traceReason === '' ? '–' : rule.traceReason,
    BINDINGS[rule.bindings],
    rule.gap === null ? '' : `\`${rule.gap}\``,
  ];
  return `| ${cells.join(' | ')} |\n`;
}
