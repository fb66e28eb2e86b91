/** A finished span, as a scenario tells of it. */
export interface PlainSpan {
  readonly scope: string;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** The spans that it is linked to. */
  readonly links: readonly string[];
  /** Of which message it says that it is. */
  readonly messageId: unknown;
}

const OURS = 'waybill';
const isRun = ({ scope, kind }: PlainSpan) => scope === OURS && (kind === 'CONSUMER' || kind === 'SERVER');

/**
 * Each span that is not ours, with whose child it is, as if ours were not there. A run of ours begins what had no
 * beginning before: whatever it was in then, it is in that run alone now.
 */
export function theirs(spans: readonly PlainSpan[]): string[] {
  return spans
    .filter(({ scope }) => scope !== OURS)
    .map((span) => lineOf(span, ancestorsOf(spans, span, true)))
    .sort();
}

/** Each span of ours, with whose child it is. */
export function ours(spans: readonly PlainSpan[]): string[] {
  return spans
    .filter(({ scope }) => scope === OURS)
    .map((span) => lineOf(span, ancestorsOf(spans, span, false)))
    .sort();
}

/** The only span of that name, with whose child it is, ours among them. */
export function lineage(spans: readonly PlainSpan[], name: string): string {
  const span = spanOf(spans, name);
  return lineOf(span, ancestorsOf(spans, span, false));
}

/** The only span of that name. */
export function spanOf(spans: readonly PlainSpan[], name: string): PlainSpan {
  const [span, ...more] = spans.filter((each) => each.name === name);
  if (span === undefined || more.length > 0)
    throw new Error(`${more.length + (span ? 1 : 0)} spans are called ${name}`);
  return span;
}

function lineOf({ kind, name }: PlainSpan, ancestors: readonly PlainSpan[]): string {
  return [`${kind} ${name}`, ...ancestors.map((each) => each.name)].join(' < ');
}

function ancestorsOf(spans: readonly PlainSpan[], { parentId }: PlainSpan, isWithoutOurs: boolean): PlainSpan[] {
  const parent = parentId === undefined ? undefined : spans.find(({ spanId }) => spanId === parentId);
  if (parent === undefined || (isWithoutOurs && isRun(parent))) return [];
  const further = ancestorsOf(spans, parent, isWithoutOurs);
  return isWithoutOurs && parent.scope === OURS ? further : [parent, ...further];
}
