/**
 * Places by 32 bits. In arrays of numbers, which the collector does not look into: it went through a map of 300,000 twice a
 * second.
 */
export interface MarkTable {
  /** Mostly none or one. */
  placesOf(bits: number): readonly number[];
  /** No place is 0. What is there already is there once. */
  add(bits: number, place: number): void;
  /** How many it has room for, at twelve bytes each: at least 64. */
  capacity(): number;
}

const capacityMin = 64;
const NONE: readonly number[] = [];

/** Spreads bits of which many have most in common, as those of one millisecond have: 2^32 divided by the golden ratio. */
const spreading = 0x9e3779b1;

/** Bits are looked for from the slot that all of them say, to the next that is free. */
export function openMarkTable(): MarkTable {
  let marks = new Int32Array(capacityMin);
  let places = new Float64Array(capacityMin);
  let size = 0;

  /** As many of the first bits of what is spread as tell so many slots apart. */
  function slotOf(bits: number): number {
    return Math.imul(bits, spreading) >>> (Math.clz32(marks.length) + 1);
  }

  function grow(): void {
    const [oldMarks, oldPlaces] = [marks, places];
    marks = new Int32Array(oldMarks.length * 2);
    places = new Float64Array(marks.length);
    size = 0;
    for (let slot = 0; slot < oldMarks.length; slot++)
      if (oldPlaces[slot] !== 0) add(oldMarks[slot] as number, oldPlaces[slot] as number); // slots of both
  }

  function add(bits: number, place: number): void {
    if (size * 4 >= marks.length * 3) grow();
    const last = marks.length - 1;
    let slot = slotOf(bits);
    for (; places[slot] !== 0; slot = (slot + 1) & last) if (marks[slot] === bits && places[slot] === place) return;
    marks[slot] = bits;
    places[slot] = place;
    size++;
  }

  return {
    placesOf(bits) {
      const last = marks.length - 1;
      let slot = slotOf(bits);
      if (places[slot] === 0) return NONE;
      const found: number[] = [];
      for (; places[slot] !== 0; slot = (slot + 1) & last) if (marks[slot] === bits) found.push(places[slot] as number); // a slot
      return found;
    },
    add,
    capacity: () => marks.length,
  };
}
