import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type FlowJob, WaitingChildrenError } from 'bullmq';
import type { SentFact } from '../../../src/index.ts';
import { type BullmqRun, MAJORS, noRedis, startRun } from './bullmq-run.ts';

for (const major of MAJORS) {
  describe(`flows of ${major.name}`, { skip: noRedis }, () => {
    let run: BullmqRun;
    before(() => {
      run = startRun(major);
    });
    after(() => run.close());

    async function sentBy(work: () => unknown): Promise<SentFact[]> {
      const known = run.facts('sent').length;
      await run.request(work);
      return run.facts('sent').slice(known);
    }
    const at = (sent: SentFact[], queue: string) =>
      sent.find(({ destination }) => destination === queue) ?? assert.fail(`nothing was sent to ${queue}`);
    const leaf = (queueName: string, opts = {}): FlowJob => ({ name: 'job', queueName, data: {}, opts });

    test('all jobs of a tree are caused by its creator, and each parent names the jobs that it waits for', async () => {
      const frozen: FlowJob = Object.freeze({
        name: 'job',
        queueName: 'order', // no options at all
        children: Object.freeze([
          Object.freeze({
            name: 'job',
            queueName: 'pack',
            children: [Object.freeze({ name: 'job', queueName: 'label' })],
          }),
          Object.freeze({ name: 'job', queueName: 'invoice' }),
        ]) as never[],
      });
      let tree: Awaited<ReturnType<ReturnType<BullmqRun['flowProducer']>['add']>> | undefined;
      const sent = await sentBy(async () => {
        tree = await run.flowProducer().add(frozen);
      });
      const [order, pack, label, invoice] = ['order', 'pack', 'label', 'invoice'].map((queue) => at(sent, queue));
      assert.equal(new Set(sent.map(({ causation_id }) => causation_id)).size, 1);
      assert.equal(new Set(sent.map(({ flow }) => flow?.id)).size, 1);
      assert.deepEqual(
        [order, pack, label, invoice].map((fact) => [fact?.flow?.role, fact?.flow?.awaits ?? null, fact?.broker_id]),
        [
          ['parent', [pack?.message_id, invoice?.message_id], tree?.job.id],
          ['parent', [label?.message_id], tree?.children?.[0]?.job.id],
          ['child', null, tree?.children?.[0]?.children?.[0]?.job.id],
          ['child', null, tree?.children?.[1]?.job.id],
        ],
      );
    });

    test('each tree of a bulk is a flow of its own, and a job without children is in none', async () => {
      const tree = { ...leaf('bulk'), children: [leaf('bulk-child')] };
      const sent = await sentBy(() => run.flowProducer().addBulk([tree, tree, leaf('alone')]));
      const flows = sent.map(({ destination, flow }) => `${destination} ${flow?.id}`);
      assert.equal(sent.length, 5);
      assert.equal(new Set(flows).size, 5);
      assert.equal(at(sent, 'alone').flow, undefined);
    });

    test('a job of a flow whose id is there already is a duplicate', async () => {
      const tree = { ...leaf('again', { jobId: 'order-1' }), children: [leaf('again-child', { jobId: 'pack-1' })] };
      const first = await sentBy(() => run.flowProducer().add(tree));
      const second = await sentBy(() => run.flowProducer().add(tree));
      assert.deepEqual(
        [...first, ...second].map(({ destination, status }) => `${destination} ${status}`),
        ['again-child taken', 'again taken', 'again-child duplicate', 'again duplicate'],
      );
    });

    test('a parent starts with the message of the child that ended last, also where that one failed', async () => {
      const children = [leaf('first'), leaf('last', { ignoreDependencyOnFailure: true })];
      const sent = await sentBy(() => run.flowProducer().add({ ...leaf('parent'), children }));
      run.work('first', async () => {});
      await run.untilSettled('first', 1);
      run.work('last', () => Promise.reject(new Error('no label')));
      run.work('parent', async () => {});
      await run.untilSettled('parent', 1);
      assert.equal(run.facts('started', 'parent')[0]?.released_by, at(sent, 'last').message_id);
    });

    test('a parent whose children are removed when they end says nothing of what released it', async () => {
      const children = [leaf('removed', { removeOnComplete: true }), leaf('kept')];
      await run.request(() => run.flowProducer().add({ ...leaf('tidy'), children }));
      for (const name of ['removed', 'kept', 'tidy']) run.work(name, async () => {});
      await run.untilSettled('tidy', 1);
      assert.equal(run.facts('started', 'tidy')[0]?.released_by, undefined);
    });

    test('a parent of very many children says nothing of what released it: it would cost too much to ask', async () => {
      const children = Array.from({ length: 60 }, () => leaf('many'));
      await run.request(() => run.flowProducer().add({ ...leaf('of-many'), children }));
      run.work('many', async () => {}, { concurrency: 10 });
      run.work('of-many', async () => {});
      const [settled] = await run.untilSettled('of-many', 1);
      assert.equal(settled?.outcome, 'ok');
      assert.equal(run.facts('started', 'of-many')[0]?.released_by, undefined);
    });

    test('a child that a running job adds and waits for is caused by it, in its trace', async () => {
      const parents = run.queue('running');
      const children = run.queue('added');
      run.work('running', async (job, token = '') => {
        if (job.attemptsStarted > 1) return;
        const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
        await children.add('awaited', {}, { parent });
        await children.add('detached', {});
        if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      });
      await run.request(() => parents.add('job', {}));
      await run.untilSettled('running', 1); // it waits now: a child that is faster needs no waiting for
      run.work('added', async () => {});
      await run.untilSettled('running', 2);
      await run.untilSettled('added', 2);
      const [parent] = run.facts('started', 'running');
      const [awaited, detached] = run.facts('sent', 'added');
      assert.deepEqual(
        [awaited, detached].map((fact) => [fact?.causation_id, fact?.flow]),
        [
          [parent?.message_id, { id: parent?.message_id, role: 'child' }],
          [parent?.message_id, undefined],
        ],
      );
      const modes = run.facts('started', 'added').map(({ trace_mode }) => trace_mode.reason);
      assert.deepEqual(modes.sort(), ['awaited child', 'command']);
      assert.deepEqual(
        run.facts('settled', 'running').map(({ outcome, by }) => [outcome, by]),
        [
          ['released', 'WaitingChildrenError'],
          ['ok', 'completed'],
        ],
      );
    });

    test('a child of another job than the running one is an ordinary message', async () => {
      const tree = { ...leaf('waiting'), children: [leaf('strangers')] };
      const flow = await run.request(() => run.flowProducer().add(tree));
      const ordinary = run.queue('ordinary');
      run.work('strangers', async () => {
        await ordinary.add('job', {}, { parent: { id: flow.job.id ?? '', queue: flow.job.queueQualifiedName } });
      });
      await run.untilSettled('strangers', 1);
      assert.equal(run.facts('sent', 'ordinary')[0]?.flow, undefined);
    });

    test('a delayed parent is delayed from the end of its children on, which is not known yet', async () => {
      const tree = { ...leaf('later', { delay: 60_000 }), children: [leaf('soon', { delay: 60_000 })] };
      const sent = await sentBy(() => run.flowProducer().add(tree));
      assert.equal(at(sent, 'later').not_before, undefined);
      assert.ok((at(sent, 'soon').not_before ?? 0) > Date.now());
    });

    test('a flow that fails rejects with the error of BullMQ; one that comes too late is refused', async () => {
      const failing = await sentBy(() =>
        assert.rejects(
          () => run.flowProducer().add({ ...leaf('a', { jobId: '7' }), children: [leaf('b')] }),
          /integers/,
        ),
      );
      const producer = run.flowProducer();
      await producer.close();
      const late = await sentBy(async () => assert.equal(await producer.add(leaf('a')), undefined));
      assert.deepEqual(
        [...failing, ...late].map(({ status }) => status),
        ['unknown', 'unknown', 'refused'],
      );
    });

    test('wrong arguments are left to BullMQ, and are no fact', async () => {
      const hostile = run.flowProducer() as unknown as Record<'add' | 'addBulk', (flow?: unknown) => Promise<unknown>>;
      const sent = await sentBy(async () => {
        await assert.rejects(() => hostile.add());
        await assert.rejects(() => hostile.add({ name: 'job', queueName: 'a', children: [null] }));
        await assert.rejects(() => hostile.addBulk('no list'));
      });
      assert.deepEqual(sent, []);
    });
  });
}
