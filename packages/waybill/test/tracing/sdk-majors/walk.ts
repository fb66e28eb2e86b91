import type { Delivery } from '../../../src/core/delivery.ts';
import type { Send } from '../../../src/core/send.ts';
import type { Waybill } from '../../../src/core/waybill.ts';
import { type Carrier, readHeaders, writeHeaders } from '../../../src/layouts/headers.ts';
import type { OpenTelemetryApi } from '../../../src/tracing/opentelemetry-api.ts';

const SYSTEM = 'memory';

/** What was written on each message. */
export type Carriers = Readonly<Record<'order' | 'payment' | 'refund', Carrier>> & { readonly lines: Carrier[] };

/**
 * A request that sends a command, a bulk and what will fail; the command's handler has a span of the app's own, and
 * sends an event in it.
 */
export async function walk(waybill: Waybill, api?: OpenTelemetryApi): Promise<Carriers> {
  const send = async (destination: string, kind: Send['kind'] = 'command') =>
    waybill.produce({ system: SYSTEM, destination, kind }, async (envelope) => writeHeaders(envelope, {}));
  const sendLines = async () =>
    waybill.produceAll(
      [1, 2, 3].map(() => ({ system: SYSTEM, destination: 'lines' })),
      async (envelopes) => envelopes.map((envelope) => writeHeaders(envelope, {})),
    );
  const edge = { operation: 'checkout', eventType: 'POST /checkout', tenantId: 'acme', businessKey: 'order:1' };
  const [order, lines, refund] = await waybill.ingress(
    edge,
    async () => [await send('orders'), await sendLines(), await send('refunds')] as const,
  );
  const payment = await waybill.consume(delivery('orders', order), () =>
    inSpan(api, 'charge card', () => send('payments', 'event')),
  );
  await waybill.consume(delivery('payments', payment), async () => {});
  const { batch } = waybill.openBatch(lines.map((line, index) => delivery('lines', line, index)));
  await waybill.execute(batch, async () => {});
  const fail = async () => {
    throw new RangeError('no stock');
  };
  await waybill.consume(delivery('refunds', refund), fail, (error) => ({ outcome: 'retry', error })).catch(() => {});
  return { order, lines, payment, refund };
}

function delivery(destination: string, carrier: Carrier, index = 0): Delivery {
  return {
    system: SYSTEM,
    destination,
    envelope: readHeaders(carrier),
    attempt: 1,
    brokerId: `${destination}-${index}`,
  };
}

/** As an app does it. */
async function inSpan<R>(api: OpenTelemetryApi | undefined, name: string, work: () => Promise<R>): Promise<R> {
  if (api === undefined) return work();
  const span = api.trace.getTracer('app').startSpan(name, { kind: 0, attributes: {} }, api.context.active());
  try {
    return await api.context.with(api.trace.setSpan(api.context.active(), span), work);
  } finally {
    span.end();
  }
}
