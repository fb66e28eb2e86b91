import type { Receipt, Sending } from '../../core/send.ts';
import type { Waybill } from '../../core/waybill.ts';
import type { Entry, Job } from './job.ts';
import { carrying, isEntry, isListOf, type Publish, receiptOf, sendOf } from './send.ts';
import type { Store } from './stored-job.ts';

interface FlowEntry extends Entry {
  readonly queueName: string;
  readonly children?: readonly FlowEntry[] | null | undefined;
}
type JobNode = { readonly job: Job; readonly children?: readonly JobNode[] };
type Trees = (JobNode | undefined)[] | undefined;

/** The library's own members, in the shapes in which we use them. */
export interface FlowProducer extends Store {
  readonly opts?: { readonly telemetry?: unknown };
  add(...args: unknown[]): Promise<JobNode | undefined>;
  addBulk(...args: unknown[]): Promise<JobNode[] | undefined>;
}

export function flowProducerMethods(own: FlowProducer, waybill: Waybill) {
  const [add, addBulk] = [own.add.bind(own), own.addBulk.bind(own)];
  const send = async (flows: FlowEntry[], publish: Publish<FlowEntry, Trees>) => {
    const isTraced = Boolean(own.opts?.telemetry);
    const nodes = flows.map((flow) => prepareNode(waybill, flow, isTraced));
    const settle = (trees: Trees, otherwise: Receipt) =>
      waybill.untraced(() => Promise.all(nodes.map((node, index) => settleNode(own, node, trees?.[index], otherwise))));
    try {
      const trees = await publish(nodes.map(({ carried }) => carried));
      await settle(trees, { status: 'refused' }); // no tree: the producer was closing
      return trees;
    } catch (error) {
      await settle(undefined, { status: 'unknown' });
      throw error;
    }
  };
  return {
    add: async (flow: unknown, ...rest: unknown[]) => {
      if (!isFlow(flow)) return add(flow, ...rest);
      const trees = await send([flow], async ([carried]) => [await add(carried, ...rest)]);
      return trees?.[0];
    },
    addBulk: async (flows: unknown, ...rest: unknown[]) => {
      if (!isListOf(flows, isFlow)) return addBulk(flows, ...rest);
      return send(flows, (carried) => addBulk(carried, ...rest));
    },
  };
}

type PreparedNode = { readonly sending: Sending; readonly carried: FlowEntry; readonly children: PreparedNode[] };

/** Children first: the fact of a parent names the messages that it waits for. */
function prepareNode(
  waybill: Waybill,
  node: FlowEntry,
  isTraced: boolean,
  tree?: { id: string | undefined },
): PreparedNode {
  const flow = tree ?? { id: undefined };
  const children = node.children?.map((child) => prepareNode(waybill, child, isTraced, flow)) ?? [];
  const send = sendOf(node.queueName, node.name, node.opts ?? {}, isTraced);
  if (children.length > 0) {
    send.flow = { ...flow, role: 'parent', awaits: children.map(({ sending }) => sending.envelope.messageId) };
    send.isDelayed = send.notBefore !== undefined;
    send.notBefore = undefined; // its delay begins when its last child has ended
  } else if (tree !== undefined) send.flow = { ...flow, role: 'child' };
  const sending = waybill.prepare(send);
  flow.id ??= sending.envelope.relations?.flow?.id;
  const carried = { ...node, opts: carrying(node.opts, sending.envelope) };
  if (children.length > 0) return { sending, carried: { ...carried, children: carriedBy(children) }, children };
  return { sending, carried, children };
}

const carriedBy = (nodes: readonly PreparedNode[]): FlowEntry[] => nodes.map(({ carried }) => carried);

async function settleNode(store: Store, node: PreparedNode, tree: JobNode | undefined, otherwise: Receipt) {
  await Promise.all(node.children.map((child, at) => settleNode(store, child, tree?.children?.[at], otherwise)));
  const { opts } = node.carried;
  node.sending.settle(tree ? await receiptOf(store, tree.job, opts ?? {}, node.sending.envelope) : otherwise);
}

function isFlow(value: unknown): value is FlowEntry {
  const { queueName, children } = (value ?? {}) as Partial<FlowEntry>; // sound: both are tested here
  return isEntry(value) && typeof queueName === 'string' && (children == null || isListOf(children, isFlow));
}
