/** Facts of one request that sends `orders`, and of the one execution that follows. */
export const ONE_ORDER = [
  'request started attempt 1 in request L untrusted edge',
  'orders#1 sent in request by request for acme',
  'request settled ok',
  'orders#1 started attempt 1 in request P command',
] as const;
