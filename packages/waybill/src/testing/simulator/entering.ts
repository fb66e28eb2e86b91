import type { Execution, Settlement } from '../../core/delivery.ts';
import { type Carrier, readHeaders } from '../../layouts/headers.ts';
import { type LogicalMessage, placeOf } from './chronicle.ts';
import type { Host } from './host.ts';
import { perform } from './performing.ts';
import { traceparentOf } from './wire.ts';
import type { Work } from './work.ts';
import type { World } from './world.ts';

/** An execution that no broker delivered: a request, a tick. */
interface Entry {
  readonly host: Host;
  readonly execution: Execution;
  readonly message: LogicalMessage;
  /** The ingress's name. */
  readonly destination: string;
  /** How it may end, and how often. */
  readonly endings: Readonly<Partial<Record<Settlement['outcome'], number>>>;
}

const ANSWERS = { ok: 92, dead: 5, released: 3 } as const;

/** The root of a workflow: a request of somebody outside. */
export function enter(world: World, service: string, operation: string, work: Work): void {
  const { story, chronicle, index } = world;
  const host = story.pick(world.hostsOf(service));
  const execution = host.waybill.ingress({
    operation,
    eventType: `POST /${operation}`,
    tenantId: story.chance(0.9) ? 'acme-eu' : 'borealis',
    envelope: readHeaders(strangersHeaders(world)),
    businessKey: story.chance(0.9) ? `order:ORD-${index}${story.between(100, 999)}` : undefined,
  });
  world.declareIngress(service, 'http');
  const message = chronicle.add({ id: execution.context.messageId });
  handleEntry(world, { host, execution, message, destination: service, endings: ANSWERS }, work);
}

/** What a client of somebody else's writes on a request: nothing, its trace, or what it takes for its workflow. */
function strangersHeaders({ story, ids }: World): Carrier {
  const course = story.weigh({ nothing: 65, trace: 28, waybill: 7 });
  if (course === 'nothing') return {};
  if (course === 'trace') return { traceparent: traceparentOf(ids) };
  return { waybill: '{"v":1,"message_id":"msg_of_a_stranger","correlation_id":"req_of_a_stranger"}' };
}

/** Runs it to its end: an answer, an error, or a client that has gone. */
export function handleEntry(world: World, entry: Entry, work: Work): void {
  const { host, execution, message, destination, endings } = entry;
  const { story, chronicle } = world;
  const place = placeOf(message, destination, destination);
  const { executionId } = execution.context;
  place.starts(host.now(), executionId, 'first');
  const within = <R>(inner: () => R) => execution.run(inner);
  const runMs = story.between(5, 900);
  perform({ world, host, causes: [message], envelope: null, within }, work, { runMs }, () => {
    execution.ended();
    const outcome = story.weigh(endings);
    const trouble = outcome === 'dead' ? world.troublesAt(destination)[0] : null;
    execution.settle({ outcome, by: 'response', error: trouble?.errorOf(story) });
    place.settles(host.now(), executionId, outcome);
    if (outcome === 'released') place.discards(host.now()); // handed back to nobody
    if (trouble !== null) {
      chronicle.fail(trouble, { message, place, executionId, isDead: true });
    }
  });
}
