import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowJob } from 'pg-boss';
import type { Stage } from './stage.ts';

export function flows({ boss, queueOf, request, facts, forget, workUntil }: Stage): void {
  test('each job that waits names what it waits for, and whichever ended last released it', async () => {
    const queues = { pick: await queueOf(), pack: await queueOf(), label: await queueOf(), ship: await queueOf() };
    const refs = await request(() =>
      boss.flow([
        { ref: 'ship', name: queues.ship, data: { step: 4 }, dependsOn: ['pack', 'label'] },
        { ref: 'pack', name: queues.pack, data: { step: 2 }, dependsOn: ['pick'] },
        { ref: 'label', name: queues.label, data: { step: 3 } },
        { ref: 'pick', name: queues.pick, data: { step: 1 } },
      ]),
    );
    const sent = new Map(facts('sent').map((fact) => [fact.broker_id ?? '', fact]));
    const idOf = (ref: string) => sent.get(refs[ref] ?? '')?.message_id;
    assert.deepEqual(
      ['pick', 'label', 'pack', 'ship'].map((ref) => {
        const { flow, causation_id, status } = sent.get(refs[ref] ?? '') ?? {};
        return [flow?.role, flow?.awaits, causation_id?.slice(0, 4), status];
      }),
      [
        ['child', undefined, 'req_', 'taken'],
        ['child', undefined, 'req_', 'taken'],
        ['parent', [idOf('pick')], 'req_', 'taken'],
        ['parent', [idOf('pack'), idOf('label')], 'req_', 'taken'],
      ],
    );
    assert.equal(new Set(facts('sent').map(({ flow }) => flow?.id)).size, 1);
    const seen: unknown[] = [];
    for (const queue of [queues.pick, queues.pack, queues.label, queues.ship]) {
      await boss.resolveFlow();
      await workUntil(queue, 1, ([job]) => seen.push(job?.data));
    }
    assert.deepEqual(seen, [{ step: 1 }, { step: 2 }, { step: 3 }, { step: 4 }]);
    assert.deepEqual(
      facts('started').map(({ released_by, causation_id }) => [released_by, causation_id?.slice(0, 4)]),
      [undefined, idOf('pick'), undefined, idOf('label')].map((released) => [released, 'req_']),
    );
  });

  test('a parent of whose children one is gone starts all the same, and does not say what released it', async () => {
    const [first, last, parent] = [await queueOf(), await queueOf(), await queueOf()];
    await request(() =>
      boss.flow([
        { ref: 'parent', name: parent, dependsOn: ['first', 'last'] },
        { ref: 'first', name: first },
        { ref: 'last', name: last },
      ]),
    );
    for (const child of [first, last]) await workUntil(child, 1, () => {});
    await boss.resolveFlow();
    await boss.deleteStoredJobs(last);
    await workUntil(parent, 1, ([job]) => assert.equal(job?.data, null));
    const started = facts('started').at(-1);
    assert.deepEqual([started?.destination, started?.released_by], [parent, undefined]);
    assert.equal(facts('settled').at(-1)?.outcome, 'ok');
  });

  test('a flow that is fetched says what released it, and its transactional workers do not ask', async () => {
    for (const way of ['fetch', 'transactional']) {
      const [child, parent] = [await queueOf(), await queueOf()];
      await request(() =>
        boss.flow([
          { ref: 'parent', name: parent, data: { a: 1 }, dependsOn: ['child'] },
          { ref: 'child', name: child, data: { a: 2 } },
        ]),
      );
      await workUntil(child, 1, () => {});
      await boss.resolveFlow();
      if (way === 'fetch') await boss.fetch(parent);
      else await workUntil(parent, 1, () => {}, { transactional: true });
      const [first, second] = facts('started');
      assert.equal(second?.released_by, way === 'fetch' ? first?.message_id : undefined, way);
    }
  });

  test('what pg-boss refuses it refuses in its own words, and nothing was sent', async () => {
    const name = await queueOf();
    const refused: Record<string, FlowJob[]> = {
      cycle: [
        { ref: 'a', name, dependsOn: ['b'] },
        { ref: 'b', name, dependsOn: ['a'] },
      ],
      'duplicate ref': [
        { ref: 'a', name },
        { ref: 'a', name },
      ],
      'not found in flow': [
        { ref: 'a', name, dependsOn: ['nobody'] },
        { ref: 'b', name },
      ],
    };
    for (const [words, jobs] of Object.entries(refused)) {
      await assert.rejects(
        request(() => boss.flow(jobs)),
        new RegExp(words),
      );
    }
    const hostile = boss as unknown as { flow(jobs?: unknown): Promise<unknown> };
    for (const jobs of [undefined, 'jobs', [null], [{ ref: 'a', name, dependsOn: 'b' }]]) {
      await assert.rejects(hostile.flow(jobs), /flow|job|depends|null/i);
    }
    assert.equal(facts('sent').length + facts('gap').length, 0);
  });

  test('of a flow that failed as a whole each message is unknown, and in a transaction each is only created', async () => {
    const name = await queueOf();
    const jobs = (child: string): FlowJob[] => [
      { ref: 'parent', name, dependsOn: ['child'] },
      { ref: 'child', name: child },
    ];
    await assert.rejects(
      request(() => boss.flow(jobs('no-such-queue'))),
      /no-such-queue/,
    );
    assert.deepEqual(
      facts('sent').map(({ status }) => status),
      ['unknown', 'unknown'],
    );
    forget();
    await request(() => boss.flow(jobs(name), { db: boss.getDb() }));
    assert.deepEqual([facts('created').length, facts('sent').length], [2, 0]);
  });
}
