// A table of the app's own as a queue, between two calls of the core.
import { Pool } from 'pg';
import type { Envelope } from '../../../../src/core/envelope.ts';
import { report, request, waybill, within } from '../stage.ts';

const place = { system: 'orders_table', destination: 'orders' };
const pool = new Pool({ connectionString: 'postgres://postgres@127.0.0.1:5432/postgres', max: 1 });
let carried: Envelope | undefined;
await request(async () => {
  const insert = () => pool.query("SELECT 'as an insert'");
  if (waybill === undefined) return insert();
  return waybill.produce(place, (envelope) => {
    carried = envelope;
    return insert();
  });
});
const handle = () => within('charge', () => pool.query("SELECT 'as a handler'"));
if (waybill === undefined) await handle();
else await waybill.consume({ ...place, envelope: carried ?? 'absent' }, handle);
report();
await pool.end();
