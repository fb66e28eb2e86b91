import type { DatabaseSync } from 'node:sqlite';

/** What is counted by minute and tenant, so that an answer can say how much it looked at without reading it. */
export interface Minutes {
  addFact(at: number, tenant: number | null, key: number): void;
  removeFact(at: number, tenant: number | null): void;
  /** A message began, or is now known to have begun earlier, or whose it is. */
  moveMessage(from: Begun, to: Begun): void;
  /** Once for a batch, whose facts are mostly of one minute. */
  write(): void;
  forget(): void;
}

export interface Begun {
  readonly firstAt: number | null;
  readonly tenant: number | null;
}

interface Counted {
  readonly tenant: number;
  readonly minute: number;
  facts: number;
  messages: number;
  firstFact: number | null;
  lastFact: number | null;
}

export const minuteMs = 60_000;
export const allTenants = 0;

export function openMinutes(database: DatabaseSync): Minutes {
  const add = database.prepare(
    `INSERT INTO minutes (tenant, minute, facts, messages, first_fact, last_fact)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET facts = facts + excluded.facts, messages = messages + excluded.messages,
       first_fact = min(ifnull(first_fact, excluded.first_fact), ifnull(excluded.first_fact, first_fact)),
       last_fact = max(ifnull(last_fact, excluded.last_fact), ifnull(excluded.last_fact, last_fact))`,
  );
  const unwritten = new Map<string, Counted>();
  const countedAt = (tenant: number, at: number): Counted => {
    const minute = Math.floor(at / minuteMs);
    const place = `${tenant} ${minute}`;
    let counted = unwritten.get(place);
    if (counted === undefined) {
      counted = { tenant, minute, facts: 0, messages: 0, firstFact: null, lastFact: null };
      unwritten.set(place, counted);
    }
    return counted;
  };
  const addMessages = (tenant: number | null, at: number | null, count: number) => {
    if (tenant !== null && at !== null) countedAt(tenant, at).messages += count;
  };
  return {
    addFact(at, tenant, key) {
      for (const each of tenant === null ? [allTenants] : [allTenants, tenant]) {
        const counted = countedAt(each, at);
        counted.facts++;
        counted.firstFact ??= key;
        counted.lastFact = key;
      }
    },
    removeFact(at, tenant) {
      for (const each of tenant === null ? [allTenants] : [allTenants, tenant]) countedAt(each, at).facts--;
    },
    moveMessage(from, to) {
      if (from.firstAt === to.firstAt && from.tenant === to.tenant) return;
      addMessages(allTenants, from.firstAt, -1);
      addMessages(allTenants, to.firstAt, 1);
      addMessages(from.tenant, from.firstAt, -1);
      addMessages(to.tenant, to.firstAt, 1);
    },
    write() {
      for (const { tenant, minute, facts, messages, firstFact, lastFact } of unwritten.values())
        add.run(tenant, minute, facts, messages, firstFact, lastFact);
      unwritten.clear();
    },
    forget: () => unwritten.clear(),
  };
}
