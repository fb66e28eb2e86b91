/** The time of day in UTC, to the second; with its date when that is not the page's `day`. Both are RFC 3339. */
export function clock(at: string, day: string): string {
  return dated(at, day, at.slice(11, 19));
}

export function clockMs(at: string, day: string): string {
  return dated(at, day, at.slice(11, 23));
}

/** To the minute, where seconds would say nothing: the window of a page, or the last of many failures. */
export function clockMinute(at: string, day: string): string {
  return dated(at, day, at.slice(11, 16));
}

function dated(at: string, day: string, time: string): string {
  return at.slice(0, 10) === day.slice(0, 10) ? time : `${at.slice(0, 10)} ${time}`;
}

/** What a page says in its head when all its times are of another day than the answer: that day, once. */
export function dayText(day: string, asOf: string): string {
  return day.slice(0, 10) === asOf.slice(0, 10) ? '' : day.slice(0, 10);
}
