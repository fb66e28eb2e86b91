// A web server behind its middleware, called over the wire; Express is told nothing but one middleware more.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import express, { type NextFunction, type Request, type Response } from 'express';
import { middleware } from '../../../../src/web/express.ts';
import { recorder, report, waybill, within } from '../stage.ts';

const waybillIngress = (_request: Request, _response: Response, next: NextFunction) => next();
const app = express();
// Each middleware has a span of its own: in the run without Waybill another one of that name has its place.
app.use(waybill === undefined ? waybillIngress : middleware(waybill));
app.use(express.json());
let seen: string | undefined;
app.get('/orders/:id', async (_, response) => {
  await within('look up', async () => {});
  seen = trace.getSpan(context.active())?.spanContext().spanId;
  response.send('here');
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo; // sound: it listens on a port
await within('caller', async () => {
  const call = get(`http://127.0.0.1:${port}/orders/7`);
  const [response] = (await once(call, 'response')) as [IncomingMessage]; // sound: as its type says
  await once(response.resume(), 'end');
});
server.close();
server.closeAllConnections();
await once(server, 'close');
const [started] = recorder.facts.filter((fact) => fact.kind === 'started');
report({ seen, spanId: started?.span_id });
