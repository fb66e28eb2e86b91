import type { Searched } from '../../questions/searched.ts';
import { clockMinute } from './clock.ts';
import { counted } from './counts.ts';

/** `29 facts since 14:00`: what was looked at, where nothing was found. */
export function searchedText({ facts, window }: Searched, asOf: string): string {
  return `${counted(facts, 'fact')} ${windowText(window, asOf)}`;
}

export function windowText({ from, to }: Searched['window'], asOf: string): string {
  const begin = clockMinute(from, asOf);
  return Date.parse(to) >= Date.parse(asOf) ? `since ${begin}` : `from ${begin} to ${clockMinute(to, asOf)}`;
}
