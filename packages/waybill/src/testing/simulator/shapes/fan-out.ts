import { sendAll } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** One file, and a message for each row of it. */
export const fanOut: Shape = (world, more) => {
  const rows = world.destination('import.rows');
  return (handling) => {
    const count = world.story.between(3, 8);
    const isKeyed = world.story.chance(0.5);
    const plans = Array.from({ length: count }, (_, row) => ({
      to: rows,
      eventType: 'row.import',
      work: () => (row === 0 ? more : () => []),
      send: isKeyed ? { businessKey: `sku:${world.index}-${world.story.between(1_000, 9_999)}` } : {},
    }));
    sendAll(handling, plans);
  };
};
