import { INSTRUMENTS, type InstrumentEntry } from '../../packages/waybill/src/tracing/instruments.ts';
import { GAP, RAN, SENT, SERIES_MAX, STARTED } from '../../packages/waybill/src/tracing/metric-series.ts';
import { ATTRIBUTE } from '../../packages/waybill/src/tracing/span-attributes.ts';

/** By what each is told apart. */
const NAMES: Readonly<Record<keyof typeof INSTRUMENTS, readonly string[]>> = {
  sent: SENT.names,
  consumed: STARTED.names,
  run: RAN.names,
  inFlight: STARTED.names,
  wait: STARTED.names,
  age: STARTED.names,
  gaps: GAP.names,
  dropped: [ATTRIBUTE.why],
};

/** docs/metrics.md: every instrument, as an exporter is given it. */
export function metricsPage(): string {
  const rows = Object.entries(INSTRUMENTS).map(
    ([key, { name, kind, unit, description }]: [string, InstrumentEntry]) => {
      const names = NAMES[key as keyof typeof INSTRUMENTS]; // sound: the keys of one are those of the other
      return `| \`${name}\` | ${kind} | \`${unit}\` | ${description} | ${names.map((each) => `\`${each}\``).join(', ')} |\n`;
    },
  );
  return `# What is measured?

\`createWaybill({ tracing: bridge(api) })\` measures by destination, where \`api\` is \`@opentelemetry/api\` and a meter provider is registered, at the start or later. No recorder is needed. \`bridge(api, { metrics: false })\` measures nothing. Names are those of OpenTelemetry's messaging conventions where they have one. This page is made from the sources: \`npm run generate\`.

| instrument | kind | unit | what | told apart by |
|---|---|---|---|---|
${rows.join('')}
- A request, or a tick that the app itself makes, is no message of a queue: its run is not measured, and what it sends is. Nor is an outgoing request.
- What is only created, in an open transaction or for an outbox, is counted when it is sent.
- A message is in flight until its handler has ended, whoever may say later how. Each message of a batch is; the run of a batch is one, and ended as the worst of its messages did.
- The wait begins when the adapter says that the message was ready; else, of a first delivery, when a tick was due, or when the broker got it. Of a retry whose adapter does not say, none is recorded. Clocks of two hosts differ: what would be less than nothing is 0.
- \`${ATTRIBUTE.errorType}\` is there where a send or a run has failed.
- Of all instruments together there are at most ${SERIES_MAX.toLocaleString('en')} series (a histogram with one set of attributes counts as one), so that no destination with an id in its name floods a store. Which come first are kept; past the bound the values of a new one are \`_OTHER\`, but for the system, so that sums stay right.
`;
}
