import assert from 'node:assert/strict';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { sent, started } from './made-facts.ts';
import { assertFound, lines, onEveryStore } from './suite.ts';

const charge = WORKFLOW.selected_message_id;

onEveryStore('every id that a fact names is found whole', async (store) => {
  await store.append(workflowFacts());
  await assertFound(store, charge, [`message ${charge} is PWASC1`]);
  await assertFound(store, WORKFLOW.correlation_id, [`message ${WORKFLOW.correlation_id} is 4SB10F`]);
  await assertFound(store, 'exe_01KKY1NDDRERRR1B6EQRVE95Y9', ['execution exe_01KKY1NDDRERRR1B6EQRVE95Y9 is PWASC1']);
  await assertFound(store, 'sqs-2b90e4d1', ['broker sqs-2b90e4d1 is 8EMSF7']);
  await assertFound(store, '6146776277720eb83dedaedf129dbcc7', ['trace 6146776277720eb83dedaedf129dbcc7 is 4SB10F']);
});

onEveryStore('a match says whose message it is, of what kind, and since when', async (store) => {
  await store.append(workflowFacts());
  assert.deepEqual(await store.read((reader) => reader.find(charge, 5)), [
    {
      kind: 'message',
      id: charge,
      message_id: charge,
      event_type: 'payment.charge',
      tenant_id: 'acme-eu',
      business_key: 'order:ORD-48213',
      at: Date.parse('2026-03-17T14:02:12.640Z'),
    },
  ]);
});

onEveryStore(
  'a business key finds the messages that carry it, oldest first, with and without its kind',
  async (store) => {
    await store.append(workflowFacts());
    for (const typed of ['order:ORD-48213', 'ORD-48213']) {
      const found = await store.read((reader) => reader.find(typed, 20));
      assert.equal(found.length, 8);
      assert.equal(found[0]?.message_id, WORKFLOW.correlation_id);
      assert.equal(found[0]?.id, 'order:ORD-48213');
    }
    assert.equal((await store.read((reader) => reader.find('order:ORD-48213', 3))).length, 3);
    assert.deepEqual(await store.read((reader) => reader.find('order:ord-48213', 5)), []);
  },
);

onEveryStore('an own id is found by its ending, however it was read aloud', async (store) => {
  await store.append(workflowFacts());
  for (const typed of [
    'PWASC1',
    'pwasc1',
    'PWASCI',
    'pwascl',
    'ASC1',
    'WASC1',
    'EPWASC1',
    charge.slice(4),
    charge.toLowerCase(),
  ]) {
    await assertFound(store, typed, [`message ${charge} is PWASC1`]);
  }
  await assertFound(store, '4SB1OF', [`message ${WORKFLOW.correlation_id} is 4SB10F`]);
  await assertFound(store, 'VE95Y9', ['execution exe_01KKY1NDDRERRR1B6EQRVE95Y9 is PWASC1']);
});

onEveryStore('an ending that is too short, or goes on differently, finds nothing', async (store) => {
  await store.append(workflowFacts());
  for (const typed of ['SC1', '', 'XPWASC1', 'msg_PWASC1', 'PWASC1X', `exe_${charge.slice(4)}`])
    await assertFound(store, typed, []);
});

onEveryStore('an ending that several ids share finds them all', async (store) => {
  const ids = ['msg_01KKY1NB8XFWSAEFM6GEPWASC1', 'msg_01KKY1NB8XFWSAEFM6GFPWASC1'];
  await store.append(ids.map((id) => sent({ message_id: id, correlation_id: id })));
  assert.deepEqual(
    lines(await store.read((reader) => reader.find('PWASC1', 5))),
    ids.map((id) => `message ${id} is PWASC1`),
  );
  await assertFound(store, 'FPWASC1', [`message ${ids[1]} is PWASC1`]);
  assert.equal((await store.read((reader) => reader.find('PWASC1', 1))).length, 1);
});

onEveryStore('an id outranks an ending that reads the same', async (store) => {
  await store.append([...workflowFacts(), sent({ message_id: 'PWASC1', correlation_id: 'PWASC1' })]);
  await assertFound(store, 'PWASC1', ['message PWASC1 is PWASC1']);
});

onEveryStore('a foreign id is found exactly and never by its ending', async (store) => {
  const foreign = '2F9619FF-8B86-D011-B42D-00CF4FC964FF';
  await store.append([sent({ message_id: foreign, correlation_id: foreign })]);
  await assertFound(store, foreign, [`message ${foreign} is C964FF`]);
  await assertFound(store, 'C964FF', []);
  await assertFound(store, foreign.toLowerCase(), []);
});

onEveryStore('an id that only looks like one of ours is kept as it is written', async (store) => {
  const lookalikes = [
    'msg_01kky1nb8xfwsaefm6gepwasc1', // lower case
    'msg_81KKY1NB8XFWSAEFM6GEPWASC1', // more than 128 bits
    'job_01KKY1NB8XFWSAEFM6GEPWASC1', // a prefix that is not ours
    'msg_01KKY1NB8XFWSAEFM6GEPWASCI', // no digit of ours
    'msg_01KKY1NB8XFWSAEFM6GEPWASC', // too short
  ];
  await store.append([charge, ...lookalikes].map((id) => sent({ message_id: id, correlation_id: 'w' })));
  for (const id of lookalikes) {
    assert.deepEqual(
      (await store.read((reader) => reader.find(id, 5))).map(({ message_id }) => message_id),
      [id],
    );
    assert.equal((await store.read((reader) => reader.factsOf([id]))).length, 1);
  }
});

onEveryStore('ids named like parts of JavaScript are stored and found', async (store) => {
  for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    await store.append([
      sent({ message_id: id, correlation_id: id, tenant_id: id, business_key: id, broker_id: id }),
      started({ message_id: id, correlation_id: id, execution_id: `exe of ${id}`, bindings: `{"__proto__":1}` }),
    ]);
    const [match] = await store.read((reader) => reader.find(id, 5));
    assert.deepEqual([match?.message_id, match?.tenant_id, match?.business_key], [id, id, id]);
    assert.deepEqual(
      (await store.read((reader) => reader.factsOf([id]))).map(({ bindings }) => bindings),
      [undefined, '{"__proto__":1}'],
    );
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

onEveryStore('an execution of a batch stands for each of its messages', async (store) => {
  await store.append(
    ['m1', 'm2'].map((id) => started({ message_id: id, correlation_id: id, execution_id: 'exe of a batch' })),
  );
  assert.deepEqual(lines(await store.read((reader) => reader.find('exe of a batch', 5))), [
    'execution exe of a batch is m1',
    'execution exe of a batch is m2',
  ]);
});

onEveryStore('a workflow that no message is named after stands for its earliest message', async (store) => {
  const run = 'run_01KKY1NB8XFWSAEFM6GEPWASC1';
  await store.append([sent({ message_id: 'second', correlation_id: run, at: 2_000 })]);
  await store.append([sent({ message_id: 'first', correlation_id: run, at: 1_000 })]);
  for (const typed of [run, 'PWASC1'])
    assert.deepEqual(lines(await store.read((reader) => reader.find(typed, 5))), [`workflow ${run} is first`]);
});

onEveryStore(
  'a root stands for its workflow, also when a clock that is behind put another message first',
  async (store) => {
    await store.append([
      sent({ message_id: 'root', correlation_id: 'root', at: 2_000 }),
      sent({ message_id: 'child', correlation_id: 'root', causation_id: 'root', at: 1_000 }),
    ]);
    await assertFound(store, 'root', ['message root is root']);
  },
);

onEveryStore('one id of a broker that two queues gave away finds both messages', async (store) => {
  await store.append(['m1', 'm2'].map((id) => sent({ message_id: id, broker_id: '42' })));
  assert.deepEqual(lines(await store.read((reader) => reader.find('42', 5))), ['broker 42 is m1', 'broker 42 is m2']);
});

onEveryStore('hostile searches find exactly nothing', async (store) => {
  await store.append(workflowFacts());
  const hostile = [
    '%',
    '_',
    '%PWASC1',
    '______',
    "'",
    `"`,
    "' OR 1=1 --",
    'PWASC1;',
    '*',
    'PWAS?1',
    '\0',
    '\ud800',
    'NULL',
    '0x41',
  ];
  for (const typed of [...hostile, 'A'.repeat(100_000), '%'.repeat(100_000), `msg_${'0'.repeat(100_000)}`]) {
    await assertFound(store, typed, []);
    assert.deepEqual(await store.read((reader) => reader.near(typed, 3)), []);
    assert.deepEqual(await store.read((reader) => reader.factsOf([typed])), []);
    assert.deepEqual(await store.read((reader) => reader.ancestors(typed, 3)), []);
  }
});

onEveryStore('an ending with one wrong, missing or added character suggests the id', async (store) => {
  await store.append(workflowFacts());
  for (const typed of [
    'PWASC2',
    'PWAC1',
    'PWXASC1',
    'pwasu1',
    'KWASC1',
    'msg_01KKY1NB8XFWSAEFM6GEPWASC2',
    'msg_01KKY1NB8XFWSAEFM6GEPWSC1',
    'msg_01KKX1NB8XFWSAEFM6GEPWASC1',
  ]) {
    assert.deepEqual(await store.read((reader) => reader.find(typed, 5)), []);
    assert.deepEqual(
      lines(await store.read((reader) => reader.near(typed, 3))),
      [`message ${charge} is PWASC1`],
      typed,
    );
  }
});

onEveryStore('what is two characters off suggests nothing', async (store) => {
  await store.append(workflowFacts());
  for (const typed of ['PWAS22', 'nonsense', 'sqs-2b90e4d2', 'SC1', 'msg_01KKX1NB8XFWSAEFM6GEPWASC2'])
    assert.deepEqual(await store.read((reader) => reader.near(typed, 3)), []);
});
