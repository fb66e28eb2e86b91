import { hostname, userInfo } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { ledgerError } from '../errors.ts';
import type { ReplayData } from '../questions/replay/answer.ts';
import { type Replay, type ReplayOrder, replayOf } from './app-config.ts';
import type { Call } from './call.ts';
import { confirmed } from './confirm.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { failureOf } from './failure.ts';
import type { Ledger } from './ledger.ts';
import { ownId } from './own-ids.ts';
import type { RecordedFact } from './recorded-fact.ts';
import { shortId } from './text/ids.ts';

/** A recorder of the app's sends every half second: longer than this, it is not going to tell. */
const heardMsMax = 2_000;
const askedEveryMs = 200;

/**
 * Has the app send a message again, in this operator's name, and sees to it that the ledger hears of it.
 *
 * @throws ARGUMENT_MISSING, NOT_CONFIRMED, REPLAY_FAILED, and what `replayOf` throws.
 */
export async function executeReplay(call: Call, ledger: Ledger, data: ReplayData): Promise<number> {
  const { given, remark } = call;
  const reason = given.get('reason');
  if (reason === undefined) throw ledgerError('ARGUMENT_MISSING', 'replay --execute', '--reason: why it is sent again');
  const { redelivers, message_id, correlation_id, event_type, tenant_id, business_key, facts } = data;
  const { system, destination } = redelivers;
  const replay = await replayOf(system);
  if (!(await confirmed(call, `sends ${shortId(message_id)} to ${destination} again`))) return 1;
  const orderedAt = await ledger.now();
  const order: ReplayOrder = {
    ...{ ...redelivers, message_id, correlation_id, event_type, tenant_id, business_key, facts, reason },
    plan_id: ownId('plan', orderedAt),
    actor: given.get('actor') ?? userInfo().username,
  };
  const made = await answered(replay, order);
  remark(`Sent again, as ${order.plan_id} of ${order.actor}.\n`);
  if (await isHeard(ledger, order)) return 0;
  try {
    await ledger.record(replayedFact(order, orderedAt, newIdIn(made)));
    return 0;
  } catch (error) {
    const { message, code, fix } = failureOf(error);
    remark(`warning: it is not recorded: ${message} (${code}). ${fix}\n`);
    return EXIT_CODES.partial;
  }
}

async function answered(replay: Replay, order: ReplayOrder): Promise<unknown> {
  try {
    return await replay(order);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw Object.assign(ledgerError('REPLAY_FAILED', order.system, why), { cause: error });
  }
}

/** Whether the app has recorded it, as it does where it sends through the library. */
async function isHeard(ledger: Ledger, { message_id, plan_id }: ReplayOrder): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += askedEveryMs) {
    const { document } = await ledger.ask<ReplayData>('replay', { id: message_id });
    if (document.data.replays.some((replay) => replay.plan_id === plan_id)) return true;
    if (waitedMs >= heardMsMax) return false;
    await after(askedEveryMs);
  }
}

/** What the library would have recorded: of the original, whoever sent it, and when it was ordered. */
function replayedFact({ facts, ...order }: ReplayOrder, at: number, newId: string | undefined): RecordedFact {
  const { trace_id, causation_id, operation } = facts.at(-1) ?? {};
  const { message_id, correlation_id, event_type, tenant_id, business_key } = order;
  const { system, destination, actor, reason, plan_id } = order;
  return {
    ...{ kind: 'replayed', at, service: 'waybill', instance: hostname(), trace_id, fact_id: ownId('fct', at) },
    ...{ message_id, correlation_id, causation_id, tenant_id, operation, event_type, business_key },
    ...{ system, destination, actor, reason, plan_id, new_message_id: newId },
  };
}

/** The message that the app has made instead, where it says so. */
function newIdIn(made: unknown): string | undefined {
  const id = typeof made === 'object' && made !== null && 'new_message_id' in made ? made.new_message_id : undefined;
  return typeof id === 'string' ? id : undefined;
}
