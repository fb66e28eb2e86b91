import { textWidth } from './width.ts';

const OWN = /^(?:req|tick|run|msg|bat|exe|fct|plan|fan|flow)_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Our own ids begin with the time, so their endings tell them apart; a foreign id is never cut. */
export function shortId(id: string): string {
  return OWN.test(id) ? id.slice(-6) : id;
}

/** What a message is called: its type; without one, where it went and its id. */
export function messageName(message: {
  readonly event_type: string | null;
  readonly destination: string;
  readonly message_id: string;
}): string {
  return message.event_type ?? `${message.destination} ${shortId(message.message_id)}`;
}

/** A name within a sentence, where no column says how long it may be. */
export function inlineName(name: string): string {
  return shortName(name, 32);
}

/** A name that is too long loses its middle: the ends tell names apart. */
export function shortName(name: string, width: number): string {
  if (textWidth(name) <= width) return name;
  const characters = [...name];
  const kept = Math.max(2, width - 1);
  // Wide characters take two columns: cut until it fits.
  for (let count = Math.min(kept, characters.length); count > 1; count--) {
    const [front, back] = [characters.slice(0, Math.ceil(count / 2)), characters.slice(-Math.floor(count / 2))];
    const cut = `${front.join('')}…${back.join('')}`;
    if (textWidth(cut) <= width) return cut;
  }
  return '…';
}
