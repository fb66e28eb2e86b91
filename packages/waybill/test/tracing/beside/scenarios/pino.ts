// Lines of a handler: in it, in a span of its own, and by a child logger that has bound a field.
import { trace } from '@opentelemetry/api';
import { mixin } from '../../../../src/loggers/pino.ts';
import { report, request, required, waybill, within } from '../stage.ts';

const { pino }: typeof import('pino') = required('pino');
const lines: string[] = [];
const log = pino(waybill === undefined ? {} : { mixin }, { write: (line) => void lines.push(line) });
const active: (string | undefined)[] = [];
const say = (logger: typeof log, message: string) => {
  logger.info(message);
  active.push(trace.getActiveSpan()?.spanContext().spanId);
};
log.info('started');
await request(async () => {
  say(log, 'in the request');
  await within('charge', () => {
    say(log, 'in a span');
    say(log.child({ order: 7 }), 'of a child');
  });
});
report({ lines, active });
