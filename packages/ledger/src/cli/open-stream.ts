/** A ledger that has nothing to tell says so every 15 s: after three times of silence it is gone. */
const silenceMsMax = 45_000;

/** Asks for an answer that has no end: it has to begin in time, and may never be silent for long. */
export async function openStream(url: URL, headers: Record<string, string>, beginMsMax: number): Promise<Response> {
  const asked = new AbortController();
  const late = () => asked.abort(Object.assign(new Error('it fell silent'), { name: 'TimeoutError' }));
  const begin = setTimeout(late, beginMsMax);
  try {
    const response = await fetch(url, { headers, signal: asked.signal, redirect: 'error' });
    if (response.body === null) return response;
    const silence = setTimeout(late, silenceMsMax).unref();
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        silence.refresh();
        controller.enqueue(piece);
      },
    });
    return new Response(response.body.pipeThrough(heard), response);
  } finally {
    clearTimeout(begin);
  }
}
