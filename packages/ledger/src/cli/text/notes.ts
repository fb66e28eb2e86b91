import type { Note } from '../../questions/trace/verdict.ts';
import type { Paint } from '../terminal.ts';
import { duration } from './duration.ts';
import { shortId } from './ids.ts';

/** What stands beside a message in its workflow: a few words each. */
export function noteText(note: Note, paint: Paint): string {
  switch (note.kind) {
    case 'unseen':
      return 'no facts';
    case 'overdue':
      return paint.bad(`overdue ${duration(note.overdue_ms)}`);
    case 'lease_lost':
      return paint.warn(`lease lost ${duration(note.ms)}`);
    case 'gap':
      return `gap ${paint.faint(`[${note.cause_evidence}]`)}`;
    case 'error':
      return note.next_at === null ? note.error.type : `${note.error.type}, next ${note.next_at.slice(11, 19)}`;
    case 'overlap':
      return note.attempt === null ? 'overlapping executions' : `attempt ${note.attempt} overlaps`;
    case 'clocks':
      return `clocks disagree: ${duration(note.ms)} ${paint.faint('[inferred]')}`;
    case 'duplicate':
      return `${note.count} duplicate${note.count === 1 ? '' : 's'}`;
    case 'cause_missing':
      return `no facts of ${shortId(note.causation_id)}`;
    case 'replay':
      return note.is_edited ? 'edited replay' : 'replayed';
    case 'subscriptions':
      return Object.entries(note.states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ');
  }
}
