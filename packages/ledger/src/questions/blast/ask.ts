import type { FactReader, Match } from '../../store/store.ts';
import { searchedOf } from '../asked.ts';
import { claimOf } from '../evidence.ts';
import type { Message } from '../graph/message.ts';
import { storeGraph } from '../graph/store-graph.ts';
import { windowGraph } from '../graph/window-graph.ts';
import { unknownAsOf } from '../unknown-as-of.ts';
import type { BlastData, CausedRow, SameTroubleRow } from './answer.ts';
import { blast, type Caused } from './blast.ts';
import { sameTrouble } from './same-trouble.ts';
import { troubleRow } from './trouble-row.ts';
import { type TroubleWindow, troubleWindow } from './trouble-window.ts';

/** Each of them is folded: a thousand in about a tenth of a second. */
const causedMax = 1_000;
const rowsMax = 200;
const minuteMs = 60_000;

/** What did this lead to, walked by indexed look-ups; and what else failed as it did, looked for around its trouble. */
export function ask(reader: FactReader, match: Match, asOf: number): BlastData {
  const graph = storeGraph(reader, { asOf });
  const message = graph.message(match.message_id);
  const answer = blast(graph, match.message_id, causedMax);
  if (!message || !answer) throw unknownAsOf(match, asOf);
  const { caused, pending, is_at_least } = answer;
  const near = troubleWindow(reader, message, asOf);
  const window = near?.window ?? sinceItBegan(message, asOf);
  return {
    searched: searchedOf(reader, { window, asOf, limit: rowsMax, after: null }),
    asked: { kind: match.kind, id: match.id, attempt: attemptOf(message, match) },
    message_id: message.messageId,
    event_type: message.eventType,
    caused: caused.slice(0, rowsMax).map(causedRow),
    caused_not_shown: Math.max(0, caused.length - rowsMax),
    ...{ pending, is_at_least },
    same_trouble: near === null ? [] : troublesNear(reader, message, near, asOf),
  };
}

function sinceItBegan({ beginsAt }: Message, asOf: number): TroubleWindow['window'] {
  return { since: Math.floor(beginsAt / minuteMs) * minuteMs, until: asOf + 1, tenantId: null };
}

function attemptOf({ subscriptions }: Message, { kind, id }: Match): number | null {
  if (kind !== 'execution') return null;
  const executions = subscriptions.flatMap((at) => at.executions);
  return executions.find(({ executionId }) => executionId === id)?.attempt ?? null;
}

function causedRow({ pending_evidence: _, ...caused }: Caused): CausedRow {
  return { ...caused, ...claimOf(caused) };
}

function troublesNear(reader: FactReader, message: Message, near: TroubleWindow, asOf: number): SameTroubleRow[] {
  const graph = windowGraph(reader, { asOf, messageIds: near.messageIds });
  const shared = sameTrouble(graph, message) ?? [];
  return shared.map((each) => troubleRow(each, graph, near.isAtLeast)).sort((a, b) => b.messages - a.messages);
}
