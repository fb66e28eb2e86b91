import type { FactReader } from '../store/store.ts';
import type { AnswerDocument, Answers, Warning } from './answers.ts';

interface Told {
  readonly asOf: number;
  /** When what was looked at begins: facts that were dropped since then may belong to the answer. */
  readonly since: number;
  readonly data: object;
  readonly warnings?: readonly Warning[];
}

/** An answer as every question gives it, which says when facts of its time are known to be missing. */
export function answered(
  reader: FactReader,
  name: string,
  { asOf, since, data, warnings = [] }: Told,
): AnswerDocument<keyof Answers> {
  const dropped = reader.dropped(since, asOf);
  const all = dropped === 0 ? warnings : [warningOf(dropped), ...warnings];
  return {
    schema: `waybill.${name}/1`,
    as_of: new Date(asOf).toISOString(),
    partial: all.length > 0,
    data,
    warnings: all,
  } as AnswerDocument<keyof Answers>; // sound: `satisfies` in questions.ts ties the data of each name to its type
}

function warningOf(dropped: number): Warning {
  const facts = dropped === 1 ? '1 fact' : `${dropped} facts`;
  return {
    code: 'FACTS_DROPPED',
    message: `recorders dropped ${facts} in this time: what is counted here is at least so`,
  };
}
