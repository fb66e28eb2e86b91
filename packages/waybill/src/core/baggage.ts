import { flat } from './bindings.ts';
import { IDENTITY_LENGTH_MAX } from './ids.ts';
import { type CarrierValue, carriedLength, HEADERS_LENGTH_MAX } from './w3c.ts';

/**
 * The one member of baggage that is ours: foreign hops that drop our header often keep it. It is written anew on each
 * message, and never the app's.
 */
export const CORRELATION_MEMBER = 'waybill.correlation_id';
const MEMBER_IS = `${CORRELATION_MEMBER}=`;
/** W3C Baggage, section 3.3.2: what every platform has to pass on. */
const MEMBERS_MAX = 64;

// All sends of one scope share their baggage and their workflow: it is joined once.
let joinedOf: string | undefined;
let joinedFor = '';
let joined = '';
let isTooMany = false;

/** Baggage that also names the workflow; as it was, where there is no room left. */
export function mirrorCorrelation(
  baggage: string | undefined,
  correlationId: string,
  lengthOfOthers: number,
): string | undefined {
  if (baggage !== joinedOf || correlationId !== joinedFor || joined === '') {
    const rest = withoutMember(baggage);
    const member = MEMBER_IS + encodeURIComponent(correlationId);
    joined = flat(rest === undefined ? member : `${rest},${member}`);
    joinedOf = baggage;
    joinedFor = correlationId;
    isTooMany = rest !== undefined && countOf(joined) > MEMBERS_MAX;
  }
  return isTooMany || joined.length + lengthOfOthers > HEADERS_LENGTH_MAX ? baggage : joined;
}

/** What baggage says of the workflow, and the rest of it. */
export interface ReadBaggage {
  readonly correlationId: string | undefined;
  /** Without our member: it is written anew on each message. */
  readonly baggage: CarrierValue;
}

const NAMELESS: ReadBaggage = Object.freeze({ correlationId: undefined, baggage: undefined });
// Messages of one workflow come one after the other.
let readText = '';
let read = NAMELESS;

/** Takes our member out of baggage that came in. Nothing longer than a reader takes is looked into. */
export function readCorrelation(baggage: CarrierValue): ReadBaggage {
  if (baggage == null) return NAMELESS;
  if (baggage === readText) return read;
  const isShort = carriedLength(baggage) <= HEADERS_LENGTH_MAX;
  const text = typeof baggage === 'string' ? baggage : isShort ? baggage.join(',') : '';
  if (!isShort || !text.includes(CORRELATION_MEMBER)) return { correlationId: undefined, baggage };
  const ours = text.includes(',') ? text.split(',').find(isOurs) : isOurs(text) ? text : undefined;
  read = { correlationId: ours === undefined ? undefined : idIn(ours), baggage: withoutMember(text) };
  readText = text;
  return read;
}

function withoutMember(baggage: string | undefined): string | undefined {
  if (baggage === undefined || !baggage.includes(CORRELATION_MEMBER)) return baggage;
  if (!baggage.includes(',')) return isOurs(baggage) ? undefined : baggage;
  const rest = baggage.split(',').filter((member) => !isOurs(member));
  return rest.length === 0 ? undefined : rest.join(',');
}

function isOurs(member: string): boolean {
  return member.startsWith(MEMBER_IS) || member.slice(0, member.indexOf('=')).trim() === CORRELATION_MEMBER;
}

const PRINTABLE = /^[\x20-\x7e]+$/;

/** Its properties, behind a semicolon, say nothing to us. Undefined where it is no id: never cut, never guessed. */
function idIn(member: string): string | undefined {
  const value = member.slice(member.indexOf('=') + 1);
  const end = value.indexOf(';');
  const encoded = (end === -1 ? value : value.slice(0, end)).trim();
  try {
    const id = encoded.includes('%') ? decodeURIComponent(encoded) : encoded;
    return id.length <= IDENTITY_LENGTH_MAX && PRINTABLE.test(id) ? id : undefined;
  } catch {
    return undefined; // a percent sign that encodes nothing
  }
}

function countOf(members: string): number {
  let count = 1;
  for (let at = members.indexOf(','); at !== -1; at = members.indexOf(',', at + 1)) count++;
  return count;
}
