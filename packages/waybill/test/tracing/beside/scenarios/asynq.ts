// A task from our client to our server; argument `named`: with the names that Asynq's users know.
import * as api from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { createWaybill } from '../../../../src/index.ts';
import { createClient, createServer, taskSpans } from '../../../../src/queues/asynq/asynq.ts';
import { bridge } from '../../../../src/tracing/otel.ts';
import { report, started, within } from '../stage.ts';

const naming = process.argv.includes('named') ? { asynq: taskSpans } : undefined;
const waybill = createWaybill({ service: 'orders', tracing: bridge(api, { naming }) });
const redis = new Redis();
const queue = `orders_${process.pid}`;
await waybill.ingress({ operation: 'checkout' }, () => createClient(redis, waybill).enqueue({ type: 'charge', queue }));
const done = Promise.withResolvers<void>();
const server = createServer(redis, waybill, { queues: [queue], taskCheckMs: 10 });
await started(() => server.start(() => within('charge', () => done.resolve())));
await done.promise;
await server.stop();
report();
const names = await redis.keys(`asynq:{${queue}}:*`);
if (names.length > 0) await redis.del(...names);
await redis.srem('asynq:queues', queue);
await redis.quit();
