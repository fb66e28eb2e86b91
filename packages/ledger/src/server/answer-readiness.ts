import type { Context } from 'hono';
import type { FactStore } from '../store/store.ts';

/** Whether exports would be taken: asked of the disk, because an open file says nothing of a full one. */
export async function answerReadiness(store: FactStore, context: Context): Promise<Response> {
  await store.upkeep.probe();
  const { damage } = store.upkeep;
  if (damage === undefined) return context.json({ status: 'ready' });
  const { code, message, fix } = damage;
  return context.json({ status: 'ready', damage: { code, message, fix } });
}
