import { placeOf } from './chronicle.ts';
import { handleEntry } from './entering.ts';
import { type Remains, readWire, stripWire, writeWire } from './wire.ts';
import type { Act, More } from './work.ts';

/** A request to a service of our own, behind an edge that believes it. */
export function call(service: string, operation: string, more: More): Act {
  return ({ world, host, within, causes }) => {
    const { story, chronicle, hops, faults, timeline } = world;
    const eventType = `POST /${operation}`;
    const sending = within(() =>
      host.waybill.prepare({ system: 'http', destination: service, kind: 'request', eventType }),
    );
    sending.settle({ status: 'taken' });
    world.budget--;
    world.declareIngress(service, 'http');
    const asked = chronicle.add({ id: sending.envelope.messageId, causes });
    const place = placeOf(asked, service, service);
    place.begins(host.now(), {});
    const isStripped = hops.chance(faults.lostContext ?? 0);
    const remains = hops.weigh<Remains>({ no_context: 6, w3c_only: 3, unreadable: 1 });
    const wire = writeWire(sending.envelope, 'headers');
    const carried = isStripped ? stripWire(wire, remains, world.ids) : wire;
    if (isStripped) {
      chronicle.note('no context');
      place.vanishes();
    }
    timeline.after(story.between(2, 30), () => {
      const callee = story.pick(world.hostsOf(service));
      const execution = callee.waybill.ingress({ operation, eventType, trust: 'trusted', envelope: readWire(carried) });
      const { messageId } = execution.context;
      const lost = { reason: remains, destination: service, how: 'carrier' } as const;
      const message = isStripped ? chronicle.add({ id: messageId, causes: [asked], lost }) : asked;
      const endings = { ok: 95, dead: 5 };
      handleEntry(world, { host: callee, execution, message, destination: service, endings }, more());
    });
  };
}
