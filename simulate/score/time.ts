import { time } from '@waybill/ledger';
import type { TruePlace } from 'waybill/testing';
import { type Score, Scoring } from './claim.ts';
import { placeKey, type Workflow } from './workflow.ts';

type PlaceTime = NonNullable<ReturnType<typeof time>>['places'][number];

/** Where did the time go, and where does it stand? */
export function scoreTime({ graph, messages }: Workflow): Score {
  const scoring = new Scoring();
  for (const { messageId, places } of messages.values()) {
    const said = new Map((time(graph, messageId)?.places ?? []).map((place) => [placeKey(place), place]));
    for (const place of places) {
      const key = placeKey(place);
      const answer = said.get(key);
      said.delete(key);
      const about = `${messageId} at ${key}`;
      scoring.answer(about, answer === undefined ? null : shown(answer), truly(place));
      if (answer === undefined) scoring.unsaid(about);
      else claimAll(scoring, about, answer, place);
    }
    for (const [key, { state, state_evidence }] of said) {
      scoring.answer(`${messageId} at ${key}`, state, null);
      scoring.claim(state_evidence, state === 'unknown', `${messageId} was never at ${key}`);
    }
  }
  return scoring;
}

function shown({ state, segments }: PlaceTime) {
  return { state, parts: segments.map(({ kind, from, to, ms }) => [kind, Date.parse(from), Date.parse(to), ms]) };
}

function truly({ state, segments }: TruePlace) {
  return { state, parts: segments.map(({ kind, from, to }) => [kind, from, to, to - from]) };
}

function claimAll(scoring: Scoring, about: string, answer: PlaceTime, place: TruePlace): void {
  const isOpen = answer.state === 'unknown' && place.state !== 'unknown';
  scoring.claim(
    isOpen ? 'unknown' : answer.state_evidence,
    answer.state === place.state,
    `${about}: said ${answer.state}, was ${place.state}`,
  );
  const sum = answer.segments.reduce((total, { ms }) => total + ms, 0);
  if (answer.wall_ms !== null && sum !== answer.wall_ms) {
    scoring.claim('observed', false, `${about}: ${sum} ms in parts are not ${answer.wall_ms} ms`);
  }
  for (const { kind, from, to, evidence } of answer.segments) {
    const [begin, end] = [Date.parse(from), Date.parse(to)];
    scoring.claim(
      kind === 'unaccounted' ? 'unknown' : evidence,
      isWithin(place, kind, begin, end),
      `${about}: said ${kind} ${begin}..${end}, was ${JSON.stringify(place.segments)}`,
    );
  }
}

/** A stretch that is said to be of a kind must lie in one that was; whose clock ran backwards has the same ends. */
function isWithin({ segments }: TruePlace, kind: string, from: number, to: number): boolean {
  return segments.some(
    (part) => part.kind === kind && (part.from === from || (part.from <= from && from <= part.to)) && part.to === to,
  );
}

/** Whether the parts add up to the wall time and every negative one is flagged, at each place of each message. */
export function scoreSums({ graph, messages }: Workflow): { readonly right: number; readonly total: number } {
  const places = [...messages.keys()].flatMap((messageId) => time(graph, messageId)?.places ?? []);
  const isExact = ({ segments, wall_ms, has_negative }: PlaceTime) =>
    segments.reduce((total, { ms }) => total + ms, 0) === (wall_ms ?? 0) &&
    segments.every(
      ({ ms, from, to, is_negative }) => ms === Date.parse(to) - Date.parse(from) && is_negative === ms < 0,
    ) &&
    has_negative === segments.some(({ ms }) => ms < 0);
  return { right: places.filter(isExact).length, total: places.length };
}
