/** What was seen of a fault, and what is promised of it. */
export interface Finding {
  readonly name: string;
  readonly value: number;
  /** Null where nothing is promised. */
  readonly target: number | null;
  readonly met: boolean | null;
}

export function atMost(name: string, value: number, target: number): Finding {
  return { name, value: Number(value.toPrecision(4)), target, met: value <= target };
}

export function exactly(name: string, value: number, target: number): Finding {
  return { name, value, target, met: value === target };
}

export function seen(name: string, value: number): Finding {
  return { name, value: Number(value.toPrecision(4)), target: null, met: null };
}
