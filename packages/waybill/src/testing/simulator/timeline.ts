/** A virtual clock, and what is to happen by it: nothing waits, and nothing depends on how fast the machine is. */
export interface Timeline {
  /** The true time, in Unix ms: no host shows it. */
  readonly now: number;
  /** What is planned for one instant happens in the order in which it was planned. */
  after(ms: number, work: () => void): void;
  /** Until nothing is left. */
  run(): void;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

export function createTimeline(begin: number): Timeline {
  const heap: Planned[] = [];
  let now = begin;
  let order = 0;
  return {
    get now() {
      return now;
    },
    after: (ms, work) => add(heap, { at: now + ms, order: order++, work }),
    run: () => {
      for (let next = takeFirst(heap); next !== undefined; next = takeFirst(heap)) {
        now = next.at;
        next.work();
      }
    },
  };
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function add(heap: Planned[], planned: Planned): void {
  let place = heap.length;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, planned)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = planned;
}

function takeFirst(heap: Planned[]): Planned | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let place = 0;
  for (;;) {
    const below = 2 * place + 1;
    const [left, right] = [heap[below], heap[below + 1]];
    if (left === undefined) break;
    const isRight = right !== undefined && isBefore(right, left);
    const smaller = isRight ? right : left;
    if (isBefore(last, smaller)) break;
    heap[place] = smaller;
    place = isRight ? below + 1 : below;
  }
  heap[place] = last;
  return first;
}
