const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The same answer with its times by this machine's clock: pages print the time of day that stands in them. */
export function localTimes<Document>(document: Document): Document {
  // Sound: only texts are changed, and they stay texts.
  return JSON.parse(JSON.stringify(document), (_, value) =>
    typeof value === 'string' && RFC_3339_UTC.test(value) ? localTime(value) : value,
  ) as Document;
}

function localTime(utc: string): string {
  const instant = new Date(utc);
  const offset = -instant.getTimezoneOffset();
  const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${local}${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
