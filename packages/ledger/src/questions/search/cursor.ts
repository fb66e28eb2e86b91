import { ledgerError } from '../../errors.ts';

/** Where a page of workflows ended: at the time by which the last of them was listed. */
export interface Cursor {
  readonly at: number;
  /** Of the workflow, or of the last of several at that time; empty where the next page begins after all of them. */
  readonly id: string;
}

export function cursorText({ at, id }: Cursor): string {
  return `${at}.${id}`;
}

/** @throws ARGUMENT_INVALID. */
export function cursorOf(text: string): Cursor {
  const [, at, id] = /^(-?\d{1,16})\.(.*)$/s.exec(text) ?? [];
  if (at === undefined || id === undefined)
    throw ledgerError('ARGUMENT_INVALID', 'after', 'the cursor of an answer', JSON.stringify(text.slice(0, 60)));
  return { at: Number(at), id };
}
