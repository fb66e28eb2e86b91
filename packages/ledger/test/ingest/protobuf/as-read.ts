import { type Origin, originOf } from '../../../src/ingest/otlp-request.ts';

type Part = Readonly<Record<string, unknown>>;

/** What is read of a message: each field as it is, or item by item. */
type Form = Readonly<Record<string, 'as it is' | ((part: Part) => unknown)>>;

const RECORD: Form = {
  timeUnixNano: 'as it is',
  attributes: attribute,
  traceId: 'as it is',
  spanId: 'as it is',
  eventName: 'as it is',
};
const EVENT: Form = { name: 'as it is', attributes: attribute };
const LINK: Form = { traceId: 'as it is', spanId: 'as it is' };
const STATUS: Form = { message: 'as it is', code: 'as it is' };
const SPAN: Form = {
  traceId: 'as it is',
  spanId: 'as it is',
  parentSpanId: 'as it is',
  name: 'as it is',
  kind: 'as it is',
  startTimeUnixNano: 'as it is',
  endTimeUnixNano: 'as it is',
  attributes: attribute,
  events: (event) => read(event, EVENT),
  links: (link) => read(link, LINK),
  status: (status) => read(status, STATUS),
};

type Item = readonly [item: unknown, origin: Origin];

/** The log records of an OTLP/JSON request, as what reads them in protobuf gives them. */
export const logRecordsIn = (request: object) => itemsIn(request, ['resourceLogs', 'scopeLogs', 'logRecords'], RECORD);
export const spansIn = (request: object) => itemsIn(request, ['resourceSpans', 'scopeSpans', 'spans'], SPAN);

function itemsIn(request: object, [resources, scopes, items]: [string, string, string], form: Form): Item[] {
  return listIn(request, resources).flatMap((resource) =>
    listIn(resource, scopes).flatMap((scope) =>
      listIn(scope, items).map((item): Item => [read(item, form), originOf(resource)]),
    ),
  );
}

/** What was read, without what says no more than its absence: one writer of protobuf leaves it out, another does not. */
export const logRecordsRead = (found: Iterable<Item>) => withoutDefaults(found, RECORD);
export const spansRead = (found: Iterable<Item>) => withoutDefaults(found, SPAN);

function withoutDefaults(found: Iterable<Item>, form: Form): Item[] {
  return [...found].map(([item, origin]) => [read(item as Part, form), origin]); // what was read is an object
}

function read(part: Part, form: Form): Part {
  const found = Object.entries(form).flatMap(([name, how]) => {
    const given = part[name];
    if (given === undefined || given === '' || given === 0 || (Array.isArray(given) && given.length === 0)) return [];
    if (how === 'as it is') return [[name, given]];
    return [[name, Array.isArray(given) ? given.map(how) : how(given as Part)]]; // a message, by the form
  });
  return Object.fromEntries(found);
}

function attribute({ key = '', value: given = {} }: Part): Part {
  return { key, value: value(given as Part) };
}

function value({ intValue, arrayValue, kvlistValue, ...others }: Part): Part {
  if (intValue !== undefined) return { intValue: String(intValue) };
  if (arrayValue !== undefined) return { arrayValue: { values: listIn(arrayValue, 'values').map(value) } };
  if (kvlistValue !== undefined) return { kvlistValue: { values: listIn(kvlistValue, 'values').map(attribute) } };
  return others;
}

function listIn(part: unknown, name: string): Part[] {
  return ((part as Part)[name] ?? []) as Part[]; // an OTLP/JSON request
}
