import type { Check, DoctorData, Status } from '../../questions/doctor/answer.ts';
import { listBelow, type Paint, type Terminal } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { clock } from './clock.ts';
import { counted, grouped } from './counts.ts';
import { duration } from './duration.ts';
import { inlineName } from './ids.ts';
import { padRight, wrap } from './lines.ts';

export function doctorText(data: DoctorData, asOf: string, terminal: Terminal): string {
  const { checks } = cleanDocument(data);
  return `${[...checks.flatMap((check) => checkLines(check, asOf, terminal)), totals(checks)].join('\n')}\n`;
}

const statusWidth = 6;
const checkWidth = 'consumers'.length + 2;

function checkLines(check: Check, day: string, { width, paint }: Terminal): string[] {
  const status = padRight(painted(check.status, paint), statusWidth);
  const label = check.evidence === 'unknown' ? ` ${paint.faint('[unknown]')}` : '';
  const text = foundText(check, day) + label;
  const fix = fixOf(check);
  const isNarrow = width < listBelow;
  const indent = isNarrow ? '  ' : ' '.repeat(statusWidth);
  const fixes = fix === null ? [] : wrap(`${indent}fix: ${fix}`, width, `${indent}     `);
  if (isNarrow) return [status + check.check, ...wrap(`  ${text}`, width, '    '), ...fixes];
  const before = statusWidth + checkWidth;
  const [first, ...rest] = wrap(text, width - before, '');
  return [
    `${status}${padRight(check.check, checkWidth)}${first}`,
    ...rest.map((line) => ' '.repeat(before) + line),
    ...fixes,
  ];
}

function painted(status: Status, paint: Paint): string {
  if (status === 'ok') return status;
  return status === 'fail' ? paint.bad(status) : paint.warn(status);
}

function foundText(check: Check, day: string): string {
  if (check.check === 'ledger') {
    if (check.status === 'fail') return check.problem.message;
    return counted(check.facts, 'fact') + (check.newest_at === null ? '' : `, newest ${clock(check.newest_at, day)}`);
  }
  if (check.status === 'ok') return soundText(check.check, check.looked_at);
  switch (check.check) {
    case 'lease': {
      const { destination, lease_ms, run_p99_ms } = check;
      const times = Math.floor(lease_ms / Math.max(1, run_p99_ms));
      return `${inlineName(destination)}: ${duration(lease_ms)} is ${grouped(times)}x its ${duration(run_p99_ms)} p99 run`;
    }
    case 'context': {
      const { lost_in, to, missing, messages } = check;
      return `${inlineName(lost_in ?? `who sends to ${to}`)} drops ${missing.map(inlineName).join(', ')} (${counted(messages, 'message')})`;
    }
    case 'consumers': {
      const { destination, since, waiting } = check;
      return `${inlineName(destination)}: 0${since === null ? '' : ` since ${clock(since, day)}`}, ${grouped(waiting)} waiting`;
    }
  }
}

function soundText(check: 'lease' | 'context' | 'consumers', count: number): string {
  if (check === 'lease') return `${counted(count, 'queue')}, no lease above 20x the p99 run`;
  if (check === 'context') return `${counted(count, 'message')} received, all with context`;
  return `${counted(count, 'destination')}, nothing waits without a consumer`;
}

function fixOf(check: Check): string | null {
  if (check.status === 'ok') return null;
  switch (check.check) {
    case 'ledger':
      if (check.status === 'fail') return check.problem.fix;
      return check.facts === 0
        ? 'record facts with createWaybill({ recorder: otlpRecorder() })'
        : 'see that the app runs, and that its WAYBILL_URL is this ledger';
    case 'lease':
      return 'lower the lease, or send heartbeats';
    case 'context':
      return check.lost_in === null ? 'waybill gaps' : 'wrap its publish with waybill.produce()';
    case 'consumers': {
      const { subscription, destination } = check;
      const who =
        subscription === null ? `a consumer of ${inlineName(destination)}` : `the ${inlineName(subscription)} worker`;
      return `start ${who}, then run doctor again`;
    }
  }
}

function totals(checks: readonly Check[]): string {
  const counts = { ok: 0, warn: 0, fail: 0 };
  for (const { status } of checks) counts[status]++;
  const { ok, warn, fail } = counts;
  const parts = [
    ...(ok > 0 ? [`${grouped(ok)} ok`] : []),
    ...(warn > 0 ? [counted(warn, 'warning')] : []),
    ...(fail > 0 ? [counted(fail, 'failure')] : []),
  ];
  return parts.join(', ');
}
