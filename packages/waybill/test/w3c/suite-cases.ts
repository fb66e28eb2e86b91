import type { RawHeader } from './relay.ts';

/** What a service sends on after one request. */
export interface Exchange {
  readonly headers: readonly RawHeader[];
  readonly calls?: number;
  /** Whether the outgoing calls are of the trace that came in. */
  readonly trace: 'kept' | 'new';
  /** The members that go out, in order; none, if left out. */
  readonly state?: readonly string[];
  readonly flags?: string;
}

/** One case of the official suite of W3C Trace Context, under the suite's name for it. */
export interface SuiteCase {
  readonly rule: string;
  readonly outcome: string;
  readonly level: 1 | 2;
  readonly exchanges: readonly Exchange[];
}

export const TRACE_ID = '12345678901234567890123456789012';
const SPAN_ID = '1234567890123456';
const SAMPLED = `00-${TRACE_ID}-${SPAN_ID}-01`;
const UNSAMPLED = `00-${TRACE_ID}-${SPAN_ID}-00`;

const parent = (value: string, name = 'traceparent'): RawHeader => [name, value];
const kept = (...headers: RawHeader[]): Exchange => ({ headers, trace: 'kept' });
const anew = (...headers: RawHeader[]): Exchange => ({ headers, trace: 'new' });
/** Of a good traceparent, beside one header or several of tracestate. */
const withState = (values: readonly string[], state: readonly string[] = []): Exchange => ({
  headers: [parent(UNSAMPLED), ...values.map((value): RawHeader => ['tracestate', value])],
  trace: 'kept',
  state,
});

/** `bar01=01` and so on. */
const bars = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at).padStart(2, '0')).map((n) => `bar${n}=${n}`);
const inTens = (count: number) => [bars(1, 10), bars(11, 20), bars(21, 30), bars(31, count)].map((part) => part.join());

const printable = (from: number, to: number) =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, at) => from + at));
const KEY_OF_ALL = `${printable(0x61, 0x7a)}0123456789_-*/`;
const VALUE_OF_ALL = printable(0x20, 0x2b) + printable(0x2d, 0x3c) + printable(0x3e, 0x7e);
const ALL_ALLOWED = [KEY_OF_ALL, `${KEY_OF_ALL}@a-z0-9_-*/`].map((key) => `${key}=${VALUE_OF_ALL}`);

const TRACEPARENT: readonly Omit<SuiteCase, 'level'>[] = [
  {
    // Mutating the traceparent Field
    rule: 'both_traceparent_and_tracestate_missing',
    outcome: 'a request without trace headers begins a trace',
    exchanges: [anew()],
  },
  {
    // Mutating the traceparent Field
    rule: 'traceparent_included_tracestate_missing',
    outcome: 'a traceparent alone is continued, and what goes out has a span of its own',
    exchanges: [kept(parent(SAMPLED))],
  },
  {
    // Traceparent Header: one header names one parent
    rule: 'traceparent_duplicated',
    outcome: 'two traceparent name nobody, and a trace begins',
    exchanges: [anew(parent(SAMPLED.replace('9012-', '9011-')), parent(SAMPLED))],
  },
  {
    // Traceparent Header, Header Name
    rule: 'traceparent_header_name',
    outcome: 'a name that is spelt like traceparent is another header',
    exchanges: ['trace-parent', 'trace.parent'].map((name) => anew(parent(SAMPLED, name))),
  },
  {
    // Traceparent Header, Header Name
    rule: 'traceparent_header_name_valid_casing',
    outcome: 'traceparent is known in every casing',
    exchanges: ['TraceParent', 'TrAcEpArEnT', 'TRACEPARENT'].map((name) => kept(parent(SAMPLED, name))),
  },
  {
    // Traceparent Header, version-format
    rule: 'traceparent_version_0x00',
    outcome: 'version 00 ends with its flags: with more behind them a trace begins',
    exchanges: ['.', '-what-the-future-will-be-like'].map((rest) => anew(parent(SAMPLED + rest))),
  },
  {
    // Versioning of traceparent
    rule: 'traceparent_version_0xcc',
    outcome: 'a later version is continued, with more behind a dash and not behind anything else',
    exchanges: [
      kept(parent(SAMPLED.replace('00-', 'cc-'))),
      kept(parent(`${SAMPLED.replace('00-', 'cc-')}-what-the-future-will-be-like`)),
      anew(parent(`${SAMPLED.replace('00-', 'cc-')}.what-the-future-will-be-like`)),
    ],
  },
  {
    // Traceparent Header, version
    rule: 'traceparent_version_0xff',
    outcome: 'version ff is forbidden, and a trace begins',
    exchanges: [anew(parent(SAMPLED.replace('00-', 'ff-')))],
  },
  {
    // Versioning of traceparent
    rule: 'traceparent_version_illegal_characters',
    outcome: 'a version that is no hex is none, and a trace begins',
    exchanges: ['.0-', '0.-'].map((version) => anew(parent(SAMPLED.replace('00-', version)))),
  },
  {
    // Versioning of traceparent
    rule: 'traceparent_version_too_long',
    outcome: 'a version of three or four digits is none, and a trace begins',
    exchanges: ['000-', '0000-'].map((version) => anew(parent(SAMPLED.replace('00-', version)))),
  },
  {
    // Versioning of traceparent
    rule: 'traceparent_version_too_short',
    outcome: 'a version of one digit is none, and a trace begins',
    exchanges: [anew(parent(SAMPLED.replace('00-', '0-')))],
  },
  ...traceIds(),
  ...parentIds(),
  {
    // Traceparent Header, trace-flags
    rule: 'traceparent_trace_flags_illegal_characters',
    outcome: 'flags that are no hex make a traceparent none',
    exchanges: ['.0', '0.'].map((flags) => anew(parent(SAMPLED.replace(/01$/, flags)))),
  },
  {
    // Traceparent Header, trace-flags
    rule: 'traceparent_trace_flags_too_long',
    outcome: 'flags of three digits make a traceparent none',
    exchanges: [anew(parent(SAMPLED.replace(/01$/, '001')))],
  },
  {
    // Traceparent Header, trace-flags
    rule: 'traceparent_trace_flags_too_short',
    outcome: 'flags of one digit make a traceparent none',
    exchanges: [anew(parent(SAMPLED.replace(/01$/, '1')))],
  },
  {
    // RFC 9110, section 5.5: space around a header's value is no part of it
    rule: 'traceparent_ows_handling',
    outcome: 'spaces and tabs around a traceparent do not matter',
    exchanges: [` ${SAMPLED}`, `\t${SAMPLED}`, `${SAMPLED} `, `${SAMPLED}\t`, `\t ${SAMPLED} \t`].map((value) =>
      kept(parent(value)),
    ),
  },
];

function traceIds(): Omit<SuiteCase, 'level'>[] {
  const withId = (traceId: string) => anew(parent(`00-${traceId}-${SPAN_ID}-01`));
  return [
    {
      // Traceparent Header, trace-id
      rule: 'traceparent_trace_id_all_zero',
      outcome: 'a trace id of zeros is none, and a trace begins',
      exchanges: [withId('0'.repeat(32))],
    },
    {
      // Traceparent Header, trace-id
      rule: 'traceparent_trace_id_illegal_characters',
      outcome: 'a trace id that is no hex is none, and a trace begins',
      exchanges: [`.${TRACE_ID.slice(1)}`, `${TRACE_ID.slice(0, -1)}.`].map(withId),
    },
    {
      // Traceparent Header, trace-id
      rule: 'traceparent_trace_id_too_long',
      outcome: 'a trace id of 33 digits is none, and no part of it goes on',
      exchanges: [withId(`${TRACE_ID}3`)],
    },
    {
      // Traceparent Header, trace-id
      rule: 'traceparent_trace_id_too_short',
      outcome: 'a trace id of 31 digits is none, and a trace begins',
      exchanges: [withId(TRACE_ID.slice(0, -1))],
    },
  ];
}

function parentIds(): Omit<SuiteCase, 'level'>[] {
  const withId = (spanId: string) => anew(parent(`00-${TRACE_ID}-${spanId}-01`));
  return [
    {
      // Traceparent Header, parent-id
      rule: 'traceparent_parent_id_all_zero',
      outcome: 'a parent of zeros is none, and a trace begins',
      exchanges: [withId('0'.repeat(16))],
    },
    {
      // Traceparent Header, parent-id
      rule: 'traceparent_parent_id_illegal_characters',
      outcome: 'a parent that is no hex is none, and a trace begins',
      exchanges: [`.${SPAN_ID.slice(1)}`, `${SPAN_ID.slice(0, -1)}.`].map(withId),
    },
    {
      // Traceparent Header, parent-id
      rule: 'traceparent_parent_id_too_long',
      outcome: 'a parent of 17 digits is none, and a trace begins',
      exchanges: [withId(`${SPAN_ID}7`)],
    },
    {
      // Traceparent Header, parent-id
      rule: 'traceparent_parent_id_too_short',
      outcome: 'a parent of 15 digits is none, and a trace begins',
      exchanges: [withId(SPAN_ID.slice(0, -1))],
    },
  ];
}

const TRACESTATE: readonly Omit<SuiteCase, 'level'>[] = [
  {
    // Processing Model, No traceparent Received
    rule: 'tracestate_included_traceparent_missing',
    outcome: 'a tracestate without a traceparent goes nowhere',
    exchanges: ['foo=1', 'foo=1,bar=2'].map((value) => anew(['tracestate', value])),
  },
  {
    // Mutating the tracestate Field
    rule: 'tracestate_included_traceparent_included',
    outcome: 'a tracestate goes on beside its traceparent',
    exchanges: [withState(['foo=1,bar=2'], ['foo=1', 'bar=2'])],
  },
  {
    // Tracestate Header, Header Name
    rule: 'tracestate_header_name',
    outcome: 'a name that is spelt like tracestate is another header',
    exchanges: ['trace-state', 'trace.state'].map((name) => kept(parent(UNSAMPLED), [name, 'foo=1'])),
  },
  {
    // Tracestate Header, Header Name
    rule: 'tracestate_header_name_valid_casing',
    outcome: 'tracestate is known in every casing',
    exchanges: ['TraceState', 'TrAcEsTaTe', 'TRACESTATE'].map((name) => ({
      ...kept(parent(UNSAMPLED), [name, 'foo=1']),
      state: ['foo=1'],
    })),
  },
  {
    // Tracestate Header, tracestate Header Field Values
    rule: 'tracestate_empty_header',
    outcome: 'an empty tracestate is taken, alone and beside others, and is not sent alone',
    exchanges: [withState(['']), withState(['foo=1', ''], ['foo=1']), withState(['', 'foo=1'], ['foo=1'])],
  },
  {
    // Tracestate Header, tracestate Header Field Values
    rule: 'tracestate_multiple_headers_different_keys',
    outcome: 'several tracestate headers are one list, in their order',
    exchanges: [
      withState(['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'], ['foo=1', 'bar=2', 'rojo=1', 'congo=2', 'baz=3']),
    ],
  },
  {
    // Mutating the tracestate Field: what is not one's own may stay as it is
    rule: 'tracestate_duplicated_keys',
    outcome: 'a key that comes twice is not ours to judge, and goes on twice',
    exchanges: [
      withState(['foo=1,foo=1'], ['foo=1', 'foo=1']),
      withState(['foo=1,foo=2'], ['foo=1', 'foo=2']),
      withState(['foo=1', 'foo=1'], ['foo=1', 'foo=1']),
      withState(['foo=1', 'foo=2'], ['foo=1', 'foo=2']),
    ],
  },
  {
    // Tracestate Header, Key and Value
    rule: 'tracestate_all_allowed_characters',
    outcome: 'every letter that a key or a value may have goes on',
    exchanges: ALL_ALLOWED.map((member) => withState([member], [member])),
  },
  {
    // Tracestate Header, list
    rule: 'tracestate_ows_handling',
    outcome: 'spaces and tabs around members do not matter',
    exchanges: [
      withState(['foo=1 \t , \t bar=2, \t baz=3'], ['foo=1', 'bar=2', 'baz=3']),
      withState(['foo=1\t \t,\t \tbar=2,\t \tbaz=3'], ['foo=1', 'bar=2', 'baz=3']),
      ...[' foo=1', '\tfoo=1', 'foo=1 ', 'foo=1\t', '\t foo=1 \t'].map((value) => withState([value], ['foo=1'])),
    ],
  },
  {
    // Tracestate Header, Key
    rule: 'tracestate_key_illegal_characters',
    outcome: 'a letter that no key may have voids the tracestate, and the trace goes on',
    exchanges: ['foo =1', 'FOO=1', 'foo.bar=1'].map((value) => withState([value])),
  },
  {
    // Tracestate Header, Key: since June 2026 the suite too takes an at-sign for a letter like others
    rule: 'tracestate_key_illegal_vendor_format',
    outcome: 'a key may hold at-signs, and not begin with one',
    exchanges: [
      withState(['foo@=1,bar=2'], ['foo@=1', 'bar=2']),
      withState(['@foo=1,bar=2']),
      withState(['foo@@bar=1,bar=2'], ['foo@@bar=1', 'bar=2']),
      withState(['foo@bar@baz=1,bar=2'], ['foo@bar@baz=1', 'bar=2']),
    ],
  },
  {
    // Tracestate Header, list
    rule: 'tracestate_member_count_limit',
    outcome: '32 members in several headers go on, and 33 do not',
    exchanges: [withState(inTens(32), bars(1, 32)), withState(inTens(33))],
  },
  {
    // Tracestate Header, Key
    rule: 'tracestate_key_length_limit',
    outcome: 'a key of 256 letters goes on wherever its at-sign stands, and one of 257 voids the list',
    exchanges: [
      ...['z'.repeat(256), `${'t'.repeat(241)}@${'v'.repeat(14)}`, `${'t'.repeat(242)}@v`, `t@${'v'.repeat(15)}`].map(
        (key) => withState(['foo=1', `${key}=1`], ['foo=1', `${key}=1`]),
      ),
      withState(['foo=1', `${'z'.repeat(257)}=1`]),
    ],
  },
  {
    // Tracestate Header, Value
    rule: 'tracestate_value_illegal_characters',
    outcome: 'an equals sign in a value voids the tracestate, and so does no value',
    exchanges: ['foo=bar=baz', 'foo=,bar=3'].map((value) => withState([value])),
  },
];

const SEVERAL_CALLS: readonly Omit<SuiteCase, 'level'>[] = [
  {
    // Processing Model, A traceparent is Received: each outgoing request has its own parent-id
    rule: 'multiple_requests_with_valid_traceparent',
    outcome: 'three calls for one request are three spans of its trace',
    exchanges: [{ ...kept(parent(SAMPLED)), calls: 3 }],
  },
  {
    // Processing Model, No traceparent Received
    rule: 'multiple_requests_without_traceparent',
    outcome: 'three calls for a request without trace are three spans',
    exchanges: [{ ...anew(), calls: 3 }],
  },
  {
    // Processing Model, A traceparent is Received: what is invalid is replaced
    rule: 'multiple_requests_with_illegal_traceparent',
    outcome: 'three calls for a request with a broken traceparent are three spans of new traces',
    exchanges: [{ ...anew(parent(SAMPLED.replace(TRACE_ID, '0'.repeat(32)))), calls: 3 }],
  },
];

const LEVEL_2: readonly Omit<SuiteCase, 'level'>[] = [
  {
    // Traceparent Header, Random Trace ID Flag
    rule: 'propagates_random_flag',
    outcome: 'a trace id that is said to be random is said to be so again',
    exchanges: [{ ...kept(parent(SAMPLED.replace(/01$/, '02'))), flags: '02' }],
  },
];

export const SUITE: readonly SuiteCase[] = [
  ...[...TRACEPARENT, ...TRACESTATE, ...SEVERAL_CALLS].map((each) => ({ ...each, level: 1 as const })),
  ...LEVEL_2.map((each) => ({ ...each, level: 2 as const })),
];
