// What the web server and the worker share: one line for the queue, one for the logger.
import { PgBoss } from 'pg-boss';
import { pino } from 'pino';
import { createWaybill, otlpRecorder, type Waybill } from 'waybill';
import { instrumentBoss } from 'waybill/pg-boss';
import { mixin } from 'waybill/pino';

const DATABASE_URL = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

export interface Service {
  readonly waybill: Waybill;
  readonly boss: PgBoss;
  readonly log: pino.Logger;
}

export async function startService(name: string): Promise<Service> {
  const waybill = createWaybill({ service: name, recorder: otlpRecorder() });
  const boss = instrumentBoss(new PgBoss({ connectionString: DATABASE_URL, supervise: false, max: 3 }), waybill);
  // Written at once: the lines of a process that is stopped must not be lost.
  const log = pino({ mixin, base: { pid: process.pid, service: name } }, pino.destination({ sync: true }));
  boss.on('error', (error) => log.error(error));
  await boss.start();
  for (const queue of ['payment.dead', 'order.created', 'invoice.create', 'email.send']) await boss.createQueue(queue);
  await boss.createQueue('payment.charge', { retryLimit: 2, retryDelay: 1, deadLetter: 'payment.dead' });
  return { waybill, boss, log };
}

/** Stops when it is told to, or when whoever started this process is gone; what was recorded is sent first. */
export function stopWithParent({ waybill, boss }: Service, closeServer: () => void = () => {}): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(1); // asked twice: at once
    isStopping = true;
    closeServer();
    await boss.stop({ graceful: true, timeout: 2000 }).catch(() => {});
    await waybill.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
}
