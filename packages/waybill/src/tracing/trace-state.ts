import type { OtelTraceState } from './opentelemetry-api.ts';

/**
 * A `tracestate` that keeps its text: the API's own knows level 1 of the specification, and drops members whose keys
 * have an at-sign. What is set comes first, as section 3.5 has it.
 */
export class TraceState implements OtelTraceState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): string | undefined {
    return this.#members()
      .find((member) => keyOf(member) === key)
      ?.slice(key.length + 1);
  }

  set(key: string, value: string): TraceState {
    return new TraceState([`${key}=${value}`, ...this.#without(key)].join(','));
  }

  unset(key: string): TraceState {
    return new TraceState(this.#without(key).join(','));
  }

  serialize(): string {
    return this.#text;
  }

  #members(): string[] {
    return this.#text
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== '');
  }

  #without(key: string): string[] {
    return this.#members().filter((member) => keyOf(member) !== key);
  }
}

function keyOf(member: string): string {
  return member.slice(0, member.indexOf('='));
}
