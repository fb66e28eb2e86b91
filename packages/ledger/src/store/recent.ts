/** A cache of what was used lately, bounded: two generations, the older of which is let go as a whole. */
interface Recent<Value, Key> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  clear(): void;
}

/** Cheaper than a linked list, which pays on every read: here a read in the young half costs one look-up. */
export function createRecent<Value, Key = string>(halfMax: number): Recent<Value, Key> {
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();
  const set = (key: Key, value: Value): void => {
    young.set(key, value);
    if (young.size < halfMax) return;
    old = young;
    young = new Map();
  };
  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    set,
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}
