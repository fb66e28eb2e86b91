/** What a queue keeps of a message, and hands out again for each of its deliveries. */
export interface QueuedMessage {
  readonly id: string;
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly dueAt?: number | undefined;
  readonly isDead?: boolean | undefined;
  /** Of a flow's parent: which message's end let it start. */
  readonly releasedBy?: string | undefined;
  readonly isDoneWith?: (() => void) | undefined;
  failures: number;
  deliveries: number;
}

export type NewMessage = Omit<QueuedMessage, 'id' | 'failures' | 'deliveries'>;
type Take = (message: QueuedMessage) => Promise<unknown>;

/** A queue in memory that can all that the kit asks for, so that no case is left out; it knows nothing of context. */
export interface MemoryQueue {
  /** The message's id; undefined where one with this key is there already. */
  push(destination: string, message: NewMessage, options?: { delayMs?: number; key?: string }): string | undefined;
  /** Hands over again what was taken before. */
  pushAgain(destination: string, message: QueuedMessage, afterMs?: number): void;
  /** Hands one message at a time to each of `concurrency` takers. */
  work(destination: string, take: Take, concurrency: number): void;
  /** One message, and then none. */
  takeOne(destination: string): Promise<QueuedMessage>;
  every(ms: number, fire: (dueAt: number) => void): void;
  close(): void;
}

export function memoryQueue(): MemoryQueue {
  const waiting = new Map<string, QueuedMessage[]>();
  const idle = new Map<string, Take[]>();
  const keys = new Set<string>();
  const timers: NodeJS.Timeout[] = [];
  let count = 0;
  const at = <Item>(lists: Map<string, Item[]>, destination: string): Item[] => {
    const list = lists.get(destination) ?? [];
    lists.set(destination, list);
    return list;
  };
  const match = (destination: string) => {
    const [message] = at(waiting, destination);
    const take = message && at(idle, destination).shift();
    if (message === undefined || take === undefined) return;
    at(waiting, destination).shift();
    message.deliveries++;
    // As from a socket: never inside the call that has pushed it.
    setImmediate(async () => {
      await take(message);
      at(idle, destination).push(take);
      match(destination);
    });
  };
  const pushAgain = (destination: string, message: QueuedMessage, afterMs = 0) => {
    const push = () => {
      at(waiting, destination).push(message);
      match(destination);
    };
    if (afterMs > 0) timers.push(setTimeout(push, afterMs));
    else push();
  };
  return {
    pushAgain,
    push(destination, message, { delayMs, key } = {}) {
      if (key !== undefined && keys.has(key)) return undefined;
      if (key !== undefined) keys.add(key);
      const id = String(++count);
      pushAgain(
        destination,
        { ...message, payload: structuredClone(message.payload), id, failures: 0, deliveries: 0 },
        delayMs,
      );
      return id;
    },
    work(destination, take, concurrency) {
      for (let taker = 0; taker < concurrency; taker++) {
        at(idle, destination).push(take);
        match(destination);
      }
    },
    takeOne: (destination) =>
      new Promise((resolve) => {
        const once: Take = (message) => {
          resolve(message);
          return new Promise(() => {});
        };
        at(idle, destination).push(once);
        match(destination);
      }),
    every(ms, fire) {
      timers.push(setInterval(() => fire(Date.now()), ms));
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
