import type { Context, Next } from 'hono';

/** Reads a body, and resolves when those that come with it are here as well, or were waited for long enough. */
type ReadTogether = <Body>(read: () => Promise<Body>) => Promise<Body>;

/** About what a commit of five hundred facts takes. A sender that is slow delays nobody by more. */
const waitMsMax = 10;
const NAME = 'reads together';

/**
 * Hands bodies on together that come at the same time: they share one commit, and the facts of a workflow lie together in
 * it. Waited for is whoever is sending, and whoever was answered just now, for an exporter that has more sends at once:
 * without it those of two commits would take turns for ever. Who sends alone waits for nobody.
 */
export function openGathering(): (context: Context, next: Next) => Promise<void> {
  let reading = 0;
  let expected = 0;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let handOn = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;

  function handAllOn(): void {
    clearTimeout(timer);
    timer = undefined;
    handOn.resolve();
    handOn = Promise.withResolvers();
  }

  function forgetLate(): void {
    if (performance.now() - answeredAt > waitMsMax) expected = 0;
  }

  const gathered: ReadTogether = async (read) => {
    reading++;
    expected = Math.max(0, expected - 1);
    let together: Promise<void> | undefined;
    const body = await read().finally(() => {
      reading--;
      together = handOn.promise;
      forgetLate();
      if (reading + expected === 0) handAllOn();
      else timer ??= setTimeout(handAllOn, waitMsMax);
    });
    await together;
    return body;
  };

  return async (context, next) => {
    let hasBody = false;
    const reading: ReadTogether = (read) => {
      hasBody = true;
      return gathered(read);
    };
    context.set(NAME, reading);
    await next();
    if (!hasBody) return;
    forgetLate();
    expected++;
    answeredAt = performance.now();
  };
}

export function readTogether<Body>(context: Context, read: () => Promise<Body>): Promise<Body> {
  return (context.get(NAME) as ReadTogether)(read); // sound: the app sets it for each request, and nobody else this name
}
