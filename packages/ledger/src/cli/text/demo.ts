import { listBelow, type Terminal } from '../terminal.ts';
import { counted } from './counts.ts';
import { spokenDuration } from './duration.ts';
import { shortId } from './ids.ts';
import { columns, fill } from './lines.ts';

/** What the demo has loaded, and of that the message that took longest. */
export interface DemoLoaded {
  readonly facts: number;
  readonly messages: number;
  readonly workflows: number;
  readonly slowest: { readonly message_id: string; readonly elapsed_ms: number };
}

export function demoText({ facts, messages, workflows, slowest }: DemoLoaded, { width }: Terminal): string {
  const loaded = [
    `Loaded ${counted(facts, 'fact')}: ${counted(messages, 'message')}, ${counted(workflows, 'workflow')}.`,
    'Synthetic, in memory only.',
  ];
  const tries = [
    [`waybill why ${shortId(slowest.message_id)}`, `where did ${spokenDuration(slowest.elapsed_ms)} go?`],
    ['waybill gaps', 'where was context lost?'],
    ['waybill overdue', 'what was never started?'],
  ];
  const lines =
    width < listBelow
      ? ['Try', ...tries.flatMap(([command = '', question = '']) => [`  ${command}`, `    ${question}`])]
      : columns(tries, [], [5]).map((line, index) => `${index === 0 ? 'Try      ' : '         '}${line}`);
  return `${[...fill(loaded, ' ', width, ''), '', ...lines, 'Ctrl-C to stop.'].join('\n')}\n`;
}
