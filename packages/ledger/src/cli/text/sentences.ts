import type { Verdict } from '../../questions/why/verdict.ts';
import { clock } from './clock.ts';
import { grouped } from './counts.ts';
import { duration } from './duration.ts';
import { shortId } from './ids.ts';
import { noConsumersText } from './places.ts';

/** A verdict in words, whose clauses a narrow page puts below each other. */
export function clausesOf(verdict: Verdict, day: string): string[] {
  return verdict.kind === 'lost' ? lost(verdict) : [sentenceOf(verdict, day)];
}

/** Each is a template over recorded facts, and says nothing that they do not. */
function sentenceOf(verdict: Exclude<Verdict, { kind: 'lost' }>, day: string): string {
  switch (verdict.kind) {
    case 'dead':
      return `${which(verdict)} settled as dead: ${errorText(verdict.error)}${alike(verdict.same_error)}.`;
    case 'discarded': {
      const how = verdict.how?.replace('_', ' ') ?? 'it was not taken';
      return `It will not run: ${how}${verdict.actor ? ` by ${verdict.actor}` : ''}.`;
    }
    case 'overdue':
      return verdict.what === 'never_started'
        ? `Due at ${clock(verdict.due_at, day)}, and not started${nobodyText(verdict, day)}.`
        : `${which(verdict)} has not settled, and its lease ran out at ${clock(verdict.due_at, day)}.`;
    case 'waiting':
      return waiting(verdict, day);
    case 'running':
      return `${which(verdict)} has run for ${duration(verdict.ran_ms)} on ${verdict.instance}.`;
    case 'failed':
      return `${which(verdict)} failed: ${errorText(verdict.error)}. What its transport did next is not recorded.`;
    case 'overlap': {
      const { instance, ms } = verdict;
      return `${which(verdict)} still ran on ${instance} when the next had started: for ${duration(ms)}.`;
    }
    case 'duplicate':
      return verdict.count === 1
        ? '1 delivery was a duplicate, and skipped.'
        : `${verdict.count} deliveries were duplicates, and skipped.`;
    case 'clocks': {
      const part = verdict.part.replace('_', ' ');
      return `Two clocks disagree: ${part} before ${attemptOf(verdict)} is ${duration(verdict.ms)}.`;
    }
    case 'replayed': {
      const edited = verdict.new_message_id ? `, edited, as ${shortId(verdict.new_message_id)}` : '';
      return `Replayed by ${verdict.actor} at ${clock(verdict.at, day)}${edited}: ${verdict.reason}.`;
    }
  }
}

function nobodyText({ no_consumers }: Extract<Verdict, { kind: 'overdue' }>, day: string): string {
  return no_consumers === null ? '' : `: ${noConsumersText(no_consumers, day)}`;
}

function lost(verdict: Extract<Verdict, { kind: 'lost' }>): string[] {
  const { instance, destination, lasted_ms, lease_known } = verdict;
  const silent = `Worker ${instance} went silent in ${attemptOf(verdict)}`;
  if (!lease_known) return [`${silent}; ${destination} delivered it again ${duration(lasted_ms)} later.`];
  return [silent, `so ${destination} waited out its ${duration(lasted_ms)} lease${timesText(verdict)}.`];
}

/** How much longer than nearly every run, where that says something. */
function timesText({ lasted_ms, run_p99_ms }: Extract<Verdict, { kind: 'lost' }>): string {
  const times = run_p99_ms === null ? 0 : Math.floor(lasted_ms / Math.max(1, run_p99_ms));
  return times < 2 || run_p99_ms === null ? '' : ` (${grouped(times)}x the ${duration(run_p99_ms)} p99 run)`;
}

function waiting(verdict: Extract<Verdict, { kind: 'waiting' }>, day: string): string {
  const next = verdict.until ? ` The next may start at ${clock(verdict.until, day)}.` : '';
  const waited = duration(verdict.waited_ms);
  if (verdict.after === 'sent')
    return verdict.until
      ? `Sent ${waited} ago, for ${clock(verdict.until, day)}.`
      : `Sent ${waited} ago, and not started.`;
  if (verdict.after === 'retry') return `${which(verdict)} failed: ${errorText(verdict.error)}.${next}`;
  if (verdict.after === 'released') return `${which(verdict)} was handed back ${waited} ago, and not started again.`;
  return 'Replayed, and not started again.';
}

function attemptOf({ attempt }: { readonly attempt: number | null }): string {
  return attempt === null ? 'an execution' : `attempt ${attempt}`;
}

/** Where a sentence begins with it. */
function which({ attempt }: { readonly attempt: number | null }): string {
  return attempt === null ? 'An execution' : `Attempt ${attempt}`;
}

function alike(count: number): string {
  if (count < 2) return '';
  return count === 2 ? ', as the one before it' : `, as ${count - 1} before it`;
}

const errorLengthMax = 240;

function errorText(error: { readonly type: string; readonly message: string } | null): string {
  if (!error) return 'no error was recorded';
  const text = error.message === '' ? error.type : `${error.type}: ${error.message}`;
  // Some messages carry a whole answer; `--json` has all of it.
  return (text.length > errorLengthMax ? `${text.slice(0, errorLengthMax)}…` : text).replace(/\.$/, '');
}
