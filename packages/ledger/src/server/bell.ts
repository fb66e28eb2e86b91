/** Tells whoever waits that something has come; where nobody does, ringing it costs nothing. */
export interface Bell {
  ring(): void;
  /** How often it rang so far. */
  rings(): number;
  /** Resolves when it has rung more often than that, or after so long. */
  rungSince(rings: number, msMax: number): Promise<void>;
}

export function openBell(): Bell {
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    ring() {
      count++;
      for (const wake of waiting) wake();
    },
    rings: () => count,
    rungSince(rings, msMax) {
      if (count > rings) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(wake, msMax);
        waiting.add(wake);
      });
    },
  };
}
