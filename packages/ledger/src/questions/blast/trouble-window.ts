import type { Millis } from 'waybill';
import type { FactReader, Stretch } from '../../store/store.ts';
import { messagesMax } from '../asked.ts';
import type { Message } from '../graph/message.ts';

/** Where the same trouble is looked for. */
export interface TroubleWindow {
  readonly window: Stretch;
  /** Messages that it may have hit, the message itself among them. */
  readonly messageIds: readonly string[];
  /** There were more than can be looked through, here or a little further off. */
  readonly isAtLeast: boolean;
}

/** How far before its first and after its last strike: closer, where so many others failed that they are too many. */
const REACHES_MS = [1_800_000, 300_000, 60_000] as const;
const minuteMs = 60_000;

/** Null where nothing has struck the message. */
export function troubleWindow(reader: FactReader, message: Message, asOf: Millis): TroubleWindow | null {
  const strikes = strikesOf(message);
  const [first] = strikes;
  if (first === undefined) return null;
  const [from, to] = strikes.reduce(
    ([low, high], { at }) => [Math.min(low, at), Math.max(high, at)],
    [first.at, first.at],
  );
  const found = (reachMs: number) => {
    const window = {
      since: Math.floor((from - reachMs) / minuteMs) * minuteMs,
      until: Math.min(to + reachMs, asOf) + 1,
      tenantId: null,
    };
    // What it began with waited as long as this one did: who lost both had them at the same time.
    const began = { ...window, since: Math.min(window.since, message.beginsAt - reachMs) };
    const failing = strikes.some(({ kind }) => kind === 'error')
      ? reader.timeline.failing(window, messagesMax + 1)
      : [];
    const open = strikes.some(({ kind }) => kind === 'lost') ? reader.timeline.open(began, messagesMax + 1) : [];
    return { window, lists: [failing, open], isFull: Math.max(failing.length, open.length) > messagesMax };
  };
  const [widest, ...closer] = REACHES_MS;
  let near = found(widest);
  const isAtLeast = near.isFull;
  for (const reachMs of closer) if (near.isFull) near = found(reachMs);
  const others = near.lists.flatMap((ids) => ids.slice(0, messagesMax));
  return { window: near.window, messageIds: [...new Set([message.messageId, ...others])], isAtLeast };
}

interface Strike {
  readonly kind: 'error' | 'lost';
  readonly at: Millis;
}

/** When its executions failed; of those that were lost, when they began: their end is only when that was noticed. */
function strikesOf({ subscriptions, beginsAt }: Message): Strike[] {
  return subscriptions.flatMap(({ executions }) =>
    executions.flatMap(({ error, outcome, startedAt, endedAt }): Strike[] => {
      if (error) return [{ kind: 'error', at: endedAt ?? startedAt ?? beginsAt }];
      return outcome === 'lost' ? [{ kind: 'lost', at: startedAt ?? beginsAt }] : [];
    }),
  );
}
