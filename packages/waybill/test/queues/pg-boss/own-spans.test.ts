import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PgBoss } from 'pg-boss';
import { makesSpans } from '../../../src/queues/pg-boss/own-spans.ts';

const connectionString = 'postgres://postgres@127.0.0.1:1/never';

test('whether pg-boss makes spans is seen of an instance with a pool of its own', () => {
  assert.equal(makesSpans(new PgBoss(connectionString)), true);
  assert.equal(makesSpans(new PgBoss({ connectionString, openTelemetry: { propagateContext: true } })), true);
  assert.equal(makesSpans(new PgBoss({ connectionString, openTelemetry: { enabled: false } })), false);
});

test('it is not known where the app brings its database, whatever that has for a configuration', () => {
  const db = { executeSql: async () => ({ rows: [] }), config: { openTelemetry: { enabled: false } } };
  assert.equal(makesSpans(new PgBoss({ db, openTelemetry: { enabled: false } })), undefined);
});

test('a release that is older than its spans makes none', () => {
  assert.equal(makesSpans({ send: async () => null, getDb: () => ({ _pgbdb: true, config: {} }) }), false);
});
