import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createFactLines } from '../../../src/testing/fact-lines.ts';
import { SPAN_KIND } from '../../../src/tracing/opentelemetry-api.ts';
import { knownWaybill } from '../../known-waybill.ts';
import type { Scenario, Walked } from './scenario.ts';
import type { SpanNode } from './span-tree.ts';
import { walk } from './walk.ts';

/** Of the six messages of a walk. */
const sixTimes = (flags: string | null) => Array.from({ length: 6 }, () => flags);

/** Says what it did in a process of its own, with one major registered. */
async function walkedWith(major: string): Promise<Readonly<Record<Scenario, Walked>>> {
  const file = join(import.meta.dirname, 'scenario.ts');
  const args = ['--conditions=@waybill/source', '--no-warnings', file, major];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout);
}

const manifestAt = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

async function factsWithoutTracer(): Promise<string[]> {
  const { waybill, facts } = knownWaybill();
  await walk(waybill);
  return facts.map(createFactLines());
}

const EXPECTED = `
server checkout: POST /checkout, ok
  producer send orders
    consumer process orders: ok
      internal charge card
        producer send payments
  producer send lines
  producer send refunds
    consumer process refunds: retry, failed with RangeError
consumer process payments: ok, after send payments (event)
consumer process lines: ok, after send lines (batch), send lines (batch), send lines (batch)
`;

/** A tree as lines: a person reads it, and sees which one is wrong. */
function linesOf(nodes: readonly SpanNode[], depth = 0): string {
  return nodes.map((node) => `${'  '.repeat(depth)}${lineOf(node)}\n${linesOf(node.children, depth + 1)}`).join('');
}

function lineOf({ name, kind, attributes, links, events, status }: SpanNode): string {
  const said: string[] = [];
  const at: Readonly<Record<string, unknown>> = { ...attributes };
  for (const key of ['waybill.event_type', 'waybill.outcome']) if (at[key] !== undefined) said.push(String(at[key]));
  const after = links.map(({ to, attributes: why }) => `${to} (${Object.values(why)})`);
  if (after.length > 0) said.push(`after ${after.join(', ')}`);
  if ('message' in status || events.length > 0) said.push(`failed with ${at['error.type']}`);
  const kindName = Object.entries(SPAN_KIND).find(([, number]) => number === kind)?.[0];
  return `${kindName} ${name}${said.length === 0 ? '' : `: ${said.join(', ')}`}`;
}

const THROWING = {
  'a sampler that throws': 'samplerThrows',
  'a processor that throws when a span starts': 'onStartThrows',
  'a processor that throws when a span ends': 'onEndThrows',
} as const;

const expectedFacts = await factsWithoutTracer();
const [first, second, third] = await Promise.all(['1', '2', '3'].map(walkedWith));

test('each major runs on the releases that its fixture names', () => {
  for (const major of ['1', '2', '3']) {
    const fixture = join(import.meta.dirname, `../../../../../fixtures/otel-sdk-${major}/package.json`);
    const { devDependencies }: { devDependencies: Record<string, string> } = manifestAt(fixture);
    const installed = Object.keys(devDependencies).map((name) => [
      name,
      manifestAt(findPackageJSON(name, fixture) ?? '').version,
    ]);
    assert.deepEqual(Object.fromEntries(installed), devDependencies);
    assert.ok(devDependencies['@opentelemetry/context-async-hooks']?.startsWith(`${major}.`));
  }
});

test("majors 1 and 3 of OpenTelemetry's SDK are given what major 2 is: spans, links, statuses, events, attributes", () => {
  assert.deepEqual(first, second);
  assert.deepEqual(third, second);
});

for (const [major, walked] of Object.entries({ 1: first, 2: second, 3: third })) {
  assert.ok(walked);
  describe(`with major ${major} of OpenTelemetry's SDK`, () => {
    test('a workflow is one tree of spans, with links where a trace begins anew', () => {
      assert.equal(`\n${linesOf(walked.sampled.trees)}`, EXPECTED);
    });

    test('the facts are those of a run without a tracer, and name each its span', () => {
      const { facts, namingCount } = walked.sampled;
      assert.deepEqual(facts, expectedFacts);
      assert.equal(namingCount, facts.length);
    });

    test('what is not sampled is carried as not sampled, and its facts name their spans all the same', () => {
      const { trees, flags, namingCount, facts } = walked.unsampled;
      assert.deepEqual([trees, flags, facts], [[], sixTimes('00'), expectedFacts]);
      assert.equal(namingCount, facts.length);
    });

    for (const [what, scenario] of Object.entries(THROWING)) {
      test(`${what} stops no job, and one warning tells of it`, () => {
        const { warnings, facts, flags } = walked[scenario];
        assert.equal(warnings.length, 1, warnings.join());
        assert.match(warnings[0] ?? '', /tracer .* failed once/);
        assert.deepEqual(facts, expectedFacts);
        assert.deepEqual(flags, sixTimes(scenario === 'onEndThrows' ? '01' : null));
      });
    }
  });
}
