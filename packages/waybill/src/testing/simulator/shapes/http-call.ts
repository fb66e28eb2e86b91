import { call } from '../calling.ts';
import type { Shape } from '../shape.ts';

export const httpCall: Shape = (world, more) => call(world.story.pick(['stock-service', 'tax-service']), 'quote', more);
