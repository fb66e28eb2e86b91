import type { Seeded } from '../../../../waybill/test/seeded.ts';
import { sent, settled, started } from '../../store/made-facts.ts';
import { recordOf } from '../otlp-body.ts';
import { type Disturb, lengthField, tag, varint } from './wire-bytes.ts';

/** An OTLP/JSON logs request: facts, of which some lack a field or have another value in it, and other records. */
export function madeLogs(chance: Seeded): object {
  const logRecords = () => times(chance, 4, () => ({ ...factRecord(chance), ...otherFields(chance) }));
  const scopeLogs = () =>
    times(chance, 2, () => ({ scope: { name: chance.text(8).toWellFormed() }, logRecords: logRecords() }));
  return {
    resourceLogs: times(chance, 3, () => anyOrder(chance, { resource: resource(chance), scopeLogs: scopeLogs() })),
  };
}

export function madeTraces(chance: Seeded): object {
  const scopeSpans = () => times(chance, 2, () => ({ spans: times(chance, 4, () => span(chance)), schemaUrl: 'u' }));
  return {
    resourceSpans: times(chance, 3, () => anyOrder(chance, { resource: resource(chance), scopeSpans: scopeSpans() })),
  };
}

/** Puts fields that no schema has between those of a message, in every way of writing. */
export function withUnknownFields(chance: Seeded): Disturb {
  return (fields) => fields.flatMap((one) => (chance.chance(0.1) ? [unknownField(chance), one] : [one]));
}

function factRecord(chance: Seeded): object {
  const record = recordOf(chance.pick([sent, started, settled])());
  const attributes = (record.attributes as object[]).filter(() => !chance.chance(0.01));
  const changed = attributes.map((one) => (chance.chance(0.02) ? { ...one, value: value(chance, 3) } : one));
  return { ...record, attributes: [...changed, ...attributesOf(chance, 3)] };
}

function otherFields(chance: Seeded): object {
  return {
    body: value(chance, 3),
    severityText: chance.text(5).toWellFormed(),
    flags: chance.below(2),
    ...(chance.chance(0.1) && { eventName: chance.text(9).toWellFormed() }),
    ...(chance.chance(0.1) && { spanId: hex(chance, chance.pick([0, 7, 8, 8, 9])) }),
    ...(chance.chance(0.1) && { timeUnixNano: nanoseconds(chance) }),
  };
}

function span(chance: Seeded): object {
  const event = () => ({
    timeUnixNano: nanoseconds(chance),
    name: chance.text(9).toWellFormed(),
    attributes: attributesOf(chance, 2),
  });
  const link = () => ({
    traceId: hex(chance, 16),
    spanId: hex(chance, 8),
    attributes: attributesOf(chance, 2),
    flags: 257,
  });
  return anyOrder(chance, {
    traceId: hex(chance, 16),
    spanId: hex(chance, 8),
    traceState: 'a=1',
    ...(chance.chance(0.5) && { parentSpanId: hex(chance, 8) }),
    name: chance.text(20).toWellFormed(),
    kind: chance.below(7) - 1,
    startTimeUnixNano: nanoseconds(chance),
    endTimeUnixNano: nanoseconds(chance),
    attributes: attributesOf(chance, 4),
    events: times(chance, 2, event),
    links: times(chance, 2, link),
    status: { message: chance.text(20).toWellFormed(), code: chance.below(4) },
    flags: 257,
  });
}

function resource(chance: Seeded): object {
  const attributes = attributesOf(chance, 2);
  return { attributes: [...attributes, { key: 'service.name', value: value(chance, 1) }, ...attributesOf(chance, 2)] };
}

function attributesOf(chance: Seeded, most: number): object[] {
  return times(chance, most, () => ({ key: chance.text(60).toWellFormed(), value: value(chance, 4) }));
}

const INTEGERS = ['0', '-1', '1', '127', '128', '4294967295', '4294967296', '-4294967297', '9007199254740993'].concat([
  '9223372036854775807',
  '-9223372036854775808',
  '1773756131204',
]);
const DOUBLES = [0.5, -1.5, 0, 5e-324, 1.7976931348623157e308, 'NaN', 'Infinity', '-Infinity'];

function value(chance: Seeded, levels: number): object {
  const kind = chance.below(levels > 0 ? 8 : 6);
  if (kind === 0) return {};
  if (kind === 1) return { stringValue: chance.text(70).toWellFormed() };
  if (kind === 2) return { boolValue: chance.chance(0.5) };
  if (kind === 3) return { intValue: chance.pick(INTEGERS) };
  if (kind === 4) return { doubleValue: chance.pick(DOUBLES) };
  if (kind === 5) return { bytesValue: Buffer.from(chance.text(9)).toString('base64') };
  const one = () => value(chance, levels - 1);
  if (kind === 6) return { arrayValue: { values: times(chance, 3, one) } };
  return {
    kvlistValue: { values: times(chance, 3, () => ({ key: chance.pick(['', '__proto__', 'k']), value: one() })) },
  };
}

function unknownField(chance: Seeded): Buffer {
  const number = 100 + chance.below(2 ** 28);
  const group = () => Buffer.concat([tag(number, 3), unknownScalar(chance), tag(1, 3), tag(1, 4), tag(number, 4)]);
  return chance.chance(0.3) ? group() : unknownScalar(chance);
}

function unknownScalar(chance: Seeded): Buffer {
  const number = 200 + chance.below(2 ** 28);
  const way = chance.pick([0, 1, 2, 5]);
  if (way === 0) return Buffer.concat([tag(number, 0), varint(BigInt(chance.pick(INTEGERS)))]);
  if (way === 2) return lengthField(number, chance.text(300));
  return Buffer.concat([tag(number, way), Buffer.alloc(way === 1 ? 8 : 4, chance.below(256))]);
}

/** Up to `most`, and at times none. */
function times<Made>(chance: Seeded, most: number, make: () => Made): Made[] {
  return Array.from({ length: chance.below(most + 1) }, make);
}

/** The same object, its keys from the first or from the last: so they are written. */
function anyOrder<Whole extends object>(chance: Seeded, whole: Whole): Whole {
  // Sound: the keys are the same.
  return chance.chance(0.5) ? whole : (Object.fromEntries(Object.entries(whole).reverse()) as Whole);
}

function hex(chance: Seeded, length: number): string {
  return Buffer.from(Array.from({ length }, () => chance.below(256))).toString('hex');
}

function nanoseconds(chance: Seeded): string {
  return chance.pick(['0', '1', '1773756131204999999', '9007199254740993', '18446744073709551615']);
}
