import type { OpenTelemetryApi } from './opentelemetry-api.ts';

/**
 * Tells whether a tracer provider is registered: without one a span comes to nothing, and its attributes would have
 * been made for it. Asked anew each time, because an app may register one later.
 */
export function registrationOf({ trace, ProxyTracerProvider }: OpenTelemetryApi): () => boolean {
  if (ProxyTracerProvider === undefined) return () => true;
  const nobody = new ProxyTracerProvider().getDelegate();
  return () => {
    const provider = trace.getTracerProvider?.();
    if (provider === undefined || !('getDelegate' in provider)) return true;
    // Sound: of the API's own providers only the one that stands in has it. Another copy's is not known to be nobody.
    return (provider as { getDelegate(): object }).getDelegate() !== nobody;
  };
}
