import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { api as api1_9 } from '../../../../fixtures/otel-sdk-2/sdk.ts';
import { api as api1_10 } from '../../../../fixtures/otel-sdk-3/sdk.ts';
import { type OpenTelemetryApi, SPAN_KIND, STATUS_ERROR } from '../../src/tracing/opentelemetry-api.ts';
import { bridge } from '../../src/tracing/otel.ts';

/** Never read: the types are the test. */
export const FITTING: readonly OpenTelemetryApi[] = [api1_9, api1_10];

for (const [release, api] of Object.entries({ '1.9': api1_9, '1.10': api1_10 })) {
  describe(`release ${release} of OpenTelemetry's API`, () => {
    test('is what a bridge takes, and nothing is made where no SDK is registered', () => {
      const tracing = bridge(api);
      assert.equal(tracing.activeIds(), undefined);
      assert.equal(
        tracing.keep()(() => 'done'),
        'done',
      );
    });

    test('numbers kinds and statuses as we do', () => {
      const { INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER } = api.SpanKind;
      const theirs = { internal: INTERNAL, server: SERVER, client: CLIENT, producer: PRODUCER, consumer: CONSUMER };
      assert.deepEqual({ ...SPAN_KIND }, theirs);
      assert.equal(STATUS_ERROR, api.SpanStatusCode.ERROR);
    });
  });
}
