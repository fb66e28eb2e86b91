import type { Act, More } from './work.ts';
import type { World } from './world.ts';

/** A pattern of messages, begun in some handler: what follows from it may be any other. */
export type Shape = (world: World, more: More) => Act;
