/** observed: a recorded fact says so. inferred: a rule concluded it. unknown: facts cannot tell. */
export type Evidence = 'observed' | 'inferred' | 'unknown';

/** A claim of an answer, and the facts that it rests on. */
export interface Claim {
  readonly evidence: Evidence;
  readonly because_facts: readonly string[];
}

interface Identified {
  readonly fact_id: string;
  /** It was derived, and so is what rests on it. */
  readonly inferred?: true | undefined;
}

export function observed(...facts: readonly Identified[]): Claim {
  return claimed('observed', facts);
}

export function inferred(...facts: readonly Identified[]): Claim {
  return claimed('inferred', facts);
}

export function unknown(...facts: readonly Identified[]): Claim {
  return claimed('unknown', facts);
}

/** The same with a label that was worked out; nulls among the facts are left out. Nothing is surer than its facts. */
export function claimed(evidence: Evidence, facts: readonly (Identified | null | undefined)[]): Claim {
  let isDerived = false;
  const because_facts: string[] = [];
  for (const fact of facts) {
    if (fact == null) continue;
    because_facts.push(fact.fact_id);
    if (fact.inferred === true) isDerived = evidence === 'observed';
  }
  return { evidence: isDerived ? 'inferred' : evidence, because_facts };
}

/** What rests on several claims is no better than the weakest of them. */
export function weaker(a: Evidence, b: Evidence): Evidence {
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  return a === 'inferred' || b === 'inferred' ? 'inferred' : 'observed';
}

/** A claim alone, out of something that also is one. */
export function claimOf({ evidence, because_facts }: Claim): Claim {
  return { evidence, because_facts };
}
