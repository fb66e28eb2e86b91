import { millisOf } from '../../core/date-millis.ts';
import type { Delivery } from '../../core/delivery.ts';
import { isEnvelope } from '../../core/envelope.ts';
import type { Sending } from '../../core/send.ts';
import type { Waybill } from '../../core/waybill.ts';
import { readPayloadField, writePayloadField } from '../../layouts/payload-field.ts';
import type { Boss, FlowJob, Options } from './boss.ts';
import type { Job } from './job.ts';
import { receiptOf, sendOf } from './send.ts';

/** A flow is made up front by one cause; the job that depends on others is their parent. */
export function flowMethods(boss: Boss, waybill: Waybill) {
  return {
    flow: async (jobs: unknown, options?: Options) => {
      const order = childrenFirst(jobs);
      if (order === undefined) return boss.flow?.(jobs as FlowJob[], options); // it throws its own error
      const sendings = prepareAll(boss, waybill, order);
      const settleAll = (refs: Readonly<Record<string, string>> | undefined) => {
        for (const [ref, sending] of sendings) {
          sending.settle(refs === undefined ? { status: 'unknown' } : receiptOf(refs[ref], options ?? {}));
        }
      };
      const carrying = (jobs as FlowJob[]).map((job) => {
        const envelope = sendings.get(job.ref)?.envelope;
        return envelope === undefined ? job : { ...job, data: writePayloadField(envelope, job.data) };
      });
      try {
        const refs = await boss.flow?.(carrying, options);
        settleAll(refs);
        return refs;
      } catch (error) {
        settleAll(undefined);
        throw error;
      }
    },
  };
}

/** Children first: the fact of a parent names the messages that it waits for. */
function prepareAll(boss: Boss, waybill: Waybill, order: readonly FlowJob[]): ReadonlyMap<string, Sending> {
  const awaited = new Set(order.flatMap(({ dependsOn }) => dependsOn ?? []));
  const sendings = new Map<string, Sending>();
  let id: string | undefined;
  for (const { ref, name, data, options, dependsOn } of order) {
    const awaits = [...new Set(dependsOn)].flatMap((child) => sendings.get(child)?.envelope.messageId ?? []);
    const send = sendOf(boss, name, data, options ?? {});
    if (awaits.length > 0) send.flow = { id, role: 'parent', awaits };
    else if (awaited.has(ref)) send.flow = { id, role: 'child' };
    const sending = waybill.prepare(send);
    id ??= sending.envelope.relations?.flow?.id;
    sendings.set(ref, sending);
  }
  return sendings;
}

/** Undefined for what the library refuses: other shapes, names that come twice or are nobody's, a circle. */
function childrenFirst(jobs: unknown): FlowJob[] | undefined {
  if (!Array.isArray(jobs) || !jobs.every(isFlowJob)) return undefined;
  const placed = new Set<string>();
  const order: FlowJob[] = [];
  while (order.length < jobs.length) {
    const ready = jobs.filter(
      ({ ref, dependsOn }) => !placed.has(ref) && (dependsOn ?? []).every((child) => placed.has(child)),
    );
    for (const job of ready) {
      placed.add(job.ref);
      order.push(job);
    }
    if (ready.length === 0 || placed.size < order.length) return undefined;
  }
  return order;
}

function isFlowJob(value: unknown): value is FlowJob {
  const { ref, name, dependsOn } = (value ?? {}) as Partial<FlowJob>; // sound: all are tested here
  return typeof ref === 'string' && typeof name === 'string' && (dependsOn == null || Array.isArray(dependsOn));
}

/** Most parents wait for a few. To ask for more would keep the job waiting. */
const ASKED_MAX = 20;

export function isReleasedParent({ envelope, attempt }: Delivery): boolean {
  return isEnvelope(envelope) && envelope.relations?.flow?.role === 'parent' && attempt === 1;
}

/** A job does not say what released it: the one of its dependencies that was completed last. Never rejects. */
export async function nameReleasers(
  boss: Boss,
  waybill: Waybill,
  jobs: readonly Job[],
  deliveries: readonly Delivery[],
): Promise<void> {
  const named = deliveries.map(async (delivery, index) => {
    const job = jobs[index];
    if (job === undefined || !isReleasedParent(delivery)) return;
    delivery.releasedBy = await waybill.untraced(() => releaserOf(boss, job));
  });
  await Promise.all(named);
}

async function releaserOf(boss: Boss, { name, id }: Job): Promise<string | undefined> {
  try {
    const dependencies = (await boss.getDependencies?.(name, id, { limit: ASKED_MAX + 1 })) ?? [];
    if (dependencies.length > ASKED_MAX) return undefined;
    const found = await Promise.all(dependencies.map((each) => boss.findJobs?.(each.name, { id: each.id })));
    const children = found.map((rows) => rows?.[0]);
    const ends = children.map((child) => millisOf(child?.completedOn));
    const last = Math.max(...ends.map((at) => at ?? Number.NaN)); // one that is gone may have been the last
    const { envelope } = readPayloadField(children[ends.indexOf(last)]?.data);
    return isEnvelope(envelope) && envelope.messageId !== '' ? envelope.messageId : undefined;
  } catch {
    return undefined;
  }
}
