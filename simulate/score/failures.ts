import { failures } from '@waybill/ledger';
import { type Score, Scoring } from './claim.ts';
import { placeKey, type Workflow } from './workflow.ts';

type Group = ReturnType<typeof failures>['groups'][number];
type TrueFailure = Workflow['truth']['failures'][number];

/** Which failures are one trouble, and what did each hit? */
export function scoreFailures({ graph, truth, messages }: Workflow): Score {
  const scoring = new Scoring();
  const { groups } = failures(graph);
  const open = new Set(truth.failures);
  for (const group of groups.filter(({ kind }) => kind === 'error')) {
    const failure = truth.failures.find((each) => isOf(each, group));
    if (failure !== undefined) open.delete(failure);
    const about = `${group.title} at ${placeKey(group)}`;
    scoring.answer(
      about,
      [sorted(group.execution_ids), sorted(group.message_ids), sorted(group.dead_message_ids)],
      failure && [sorted(failure.executionIds), sorted(failure.messageIds), sorted(failure.deadMessageIds)],
    );
    for (const id of group.execution_ids) {
      scoring.claim(group.evidence, failure?.executionIds.includes(id) ?? false, `${id} is said to be of ${about}`);
    }
    for (const id of group.dead_message_ids) {
      scoring.claim(
        group.evidence,
        failure?.deadMessageIds.includes(id) ?? false,
        `${id} is said to be dead of ${about}`,
      );
    }
    for (const id of failure?.executionIds ?? [])
      if (!group.execution_ids.includes(id)) scoring.unsaid(`${id} of ${about}`);
  }
  for (const { trouble, executionIds } of open) {
    scoring.answer(trouble, null, executionIds);
    for (const id of executionIds) scoring.unsaid(`${id} of ${trouble}`);
  }
  scoreLost(scoring, groups, messages);
  return scoring;
}

function isOf(failure: TrueFailure, group: Group): boolean {
  return placeKey(failure) === placeKey(group) && group.execution_ids.some((id) => failure.executionIds.includes(id));
}

/** Lost executions are grouped by the worker that went silent. */
function scoreLost(scoring: Scoring, groups: readonly Group[], messages: Workflow['messages']): void {
  const lost = new Set(
    [...messages.values()].flatMap(({ places }) =>
      places.flatMap(({ executions }) =>
        executions.filter(({ outcome }) => outcome === 'lost').map(({ executionId }) => executionId),
      ),
    ),
  );
  for (const group of groups.filter(({ kind }) => kind === 'lost')) {
    for (const id of group.execution_ids)
      scoring.claim(group.evidence, lost.has(id), `${id} is said to be lost on ${group.instance}`);
  }
  const said = groups.filter(({ kind }) => kind === 'lost').flatMap(({ execution_ids }) => execution_ids);
  scoring.answer('lost executions', sorted(said), sorted(lost));
  for (const id of lost) if (!said.includes(id)) scoring.unsaid(`${id} was lost`);
}

function sorted(ids: Iterable<string>): string[] {
  return [...ids].sort();
}
