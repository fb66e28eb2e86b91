import { isObject } from './attribute-value.ts';

/** What the resource says for all that is below it. */
export interface Origin {
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
}

/** Reads the items of a request in some encoding, each with what its resource says. */
export type ReadItems = (body: Uint8Array) => Iterable<readonly [item: unknown, origin: Origin]>;

export function originOf(holder: unknown): Origin {
  const resource = isObject(holder) ? holder['resource'] : undefined;
  const attributes = isObject(resource) ? resource['attributes'] : undefined;
  const texts = new Map<unknown, string>();
  for (const attribute of Array.isArray(attributes) ? attributes : []) {
    const value: unknown = isObject(attribute) ? attribute['value'] : undefined;
    const text = isObject(value) ? value['stringValue'] : undefined;
    if (typeof text === 'string') texts.set((attribute as Record<string, unknown>)['key'], text); // an object: it had a value
  }
  const version = texts.get('service.version');
  return {
    // OpenTelemetry's own word for a service that does not say its name.
    service: texts.get('service.name') ?? 'unknown_service',
    instance: texts.get('service.instance.id') ?? '',
    ...(version !== undefined && { version }),
  };
}
