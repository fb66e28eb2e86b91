/** observed: a recorded fact says so. inferred: a rule concluded it. unknown: facts cannot tell. */
export type Evidence = 'observed' | 'inferred' | 'unknown';

/** A claim of an answer, and the facts that it rests on. */
export interface Claim {
  readonly evidence: Evidence;
  readonly because_facts: readonly string[];
}

export function observed(...facts: readonly { readonly fact_id: string }[]): Claim {
  return { evidence: 'observed', because_facts: facts.map((fact) => fact.fact_id) };
}

export function inferred(...facts: readonly { readonly fact_id: string }[]): Claim {
  return { evidence: 'inferred', because_facts: facts.map((fact) => fact.fact_id) };
}

export function unknown(...facts: readonly { readonly fact_id: string }[]): Claim {
  return { evidence: 'unknown', because_facts: facts.map((fact) => fact.fact_id) };
}
