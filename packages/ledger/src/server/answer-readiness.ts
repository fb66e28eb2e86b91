import type { Context } from 'hono';
import type { FactStore } from '../store/store.ts';

/** Whether exports would be taken: asked of the disk, because an open file says nothing of a full one. */
export async function answerReadiness(store: FactStore, context: Context): Promise<Response> {
  await store.upkeep.probe();
  return context.json({ status: 'ready' });
}
