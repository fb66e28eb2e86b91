/** Log fields that the app bound. */
export type Bindings = Readonly<Record<string, unknown>>;

const REDACTED = '[redacted]';
// Compared without case, `_` and `-`. Names, and endings that only secrets have: a pattern that also catches
// "token_count" or "next_token" takes away what a responder needs.
const SECRET_NAMES = new Set(
  `password passwd pwd passphrase passcode secret secrets clientsecret secretkey sharedsecret token accesstoken refreshtoken
   idtoken authtoken sessiontoken csrftoken apitoken bearertoken jwt apikey xapikey accesskey secretaccesskey privatekey signingkey
   encryptionkey authorization proxyauthorization auth credentials credential cookie cookies setcookie sessionid sid
   connectionstring databaseurl dsn creditcard cardnumber cvv cvc pin otp ssn`.split(/\s+/),
);
const DEPTH_MAX = 8;
const NODES_MAX = 1000;

const SECRET_ENDING = /(?:password|passwd|passphrase|secret|apikey|accesskey|privatekey|secretkey|credentials)$/;

/** Whether a field of that name is never written down, whoever bound it. */
function isSecretName(name: string): boolean {
  const plain = name.replace(/[_-]/g, '').toLowerCase();
  return SECRET_NAMES.has(plain) || SECRET_ENDING.test(plain);
}

const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** JSON text in ASCII only: every transport carries it, and no terminal is moved by it. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON text of a string, in ASCII only; most need no escape, and are only put in quotes. */
export function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? asciiJson(text) : `"${text}"`;
}

/** JSON text in ASCII only of a value that JSON can hold. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? quote(value) : asciiJson(value);
}

/** A string that was joined is a tree of its pieces until it is read; reading it once does that for all who carry it. */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

/** What one field has used of its limits, and whether something of it had to be left out. */
interface Budget {
  nodes: number;
  isCut: boolean;
}

/** A copy of a value that JSON can carry, with secrets blanked; undefined for what it cannot. */
function plainOf(value: unknown, depth: number, budget: Budget): unknown {
  budget.nodes++;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : plainObjectOf(value, depth, budget);
    default:
      return undefined;
  }
}

function plainObjectOf(value: object, depth: number, budget: Budget): unknown {
  if (depth > DEPTH_MAX || ArrayBuffer.isView(value)) {
    budget.isCut = true;
    return undefined;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainOf(value.toJSON(), depth + 1, budget);
  if (value instanceof Error) return { type: value.name, message: value.message };
  if (Array.isArray(value) || value instanceof Set) return plainListOf(value, depth, budget);
  const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of entries) {
    if (isFull(budget)) break;
    const name = String(key);
    const plain = isSecretName(name) ? REDACTED : plainOf(item, depth + 1, budget);
    if (plain !== undefined && name !== '__proto__') copy[name] = plain;
  }
  return copy;
}

function plainListOf(items: Iterable<unknown>, depth: number, budget: Budget): unknown[] {
  const list: unknown[] = [];
  for (const item of items) {
    if (isFull(budget)) break;
    list.push(plainOf(item, depth + 1, budget) ?? null);
  }
  return list;
}

/** Asked before each value, so that a list of millions costs no more than a thousand. */
function isFull(budget: Budget): boolean {
  if (budget.nodes < NODES_MAX) return false;
  budget.isCut = true;
  return true;
}

/**
 * The fields bound in one scope, in the order in which they were bound. What came with the message stays text
 * until somebody binds or logs: most handlers only pass it on.
 */
export class BoundFields {
  #text: string | null;
  #fields: Map<string, { readonly value: unknown; readonly json: string }> | null = null;
  /** Fields that could not be carried, or not whole: functions, cycles, more than the limits. */
  lost = 0;

  constructor(json: string | null) {
    this.#text = json;
  }

  /** A copy that can be added to without changing this one. */
  fork(): BoundFields {
    const copy = new BoundFields(this.json());
    copy.lost = this.lost;
    return copy;
  }

  /** Adds fields by value: a later change of the object the app bound does not change what is carried. Never throws. */
  add(fields: Bindings): void {
    let names: string[];
    try {
      names = Object.keys(fields);
    } catch {
      this.lost++; // a Proxy may refuse; the handler must not notice
      return;
    }
    const held = this.#parsed();
    for (const name of names) {
      if (name === '__proto__') continue;
      try {
        const budget = { nodes: 0, isCut: false };
        const given = fields[name];
        const value = isSecretName(name) ? REDACTED : plainOf(given, 0, budget);
        held.delete(name); // bound anew, it is the last one bound
        if (value !== undefined) held.set(name, { value, json: `${quote(name)}:${textOf(value)}` });
        if (budget.isCut || (value === undefined && given !== undefined)) this.lost++;
      } catch {
        this.lost++; // a getter or a revoked Proxy
      }
    }
    this.#text = null;
  }

  /** JSON text of one object; null when nothing is bound. */
  json(): string | null {
    if (this.#text === null && this.#fields !== null && this.#fields.size > 0) {
      let text = '';
      for (const { json } of this.#fields.values()) text += text === '' ? `{${json}` : `,${json}`;
      this.#text = flat(`${text}}`);
    }
    return this.#text;
  }

  /** Adds the fields to a log line that does not have them yet. */
  copyTo(line: Record<string, unknown>): void {
    if (this.#fields === null && this.#text === null) return;
    for (const [name, { value }] of this.#parsed()) if (!Object.hasOwn(line, name)) line[name] = value;
  }

  #parsed(): Map<string, { readonly value: unknown; readonly json: string }> {
    if (this.#fields !== null) return this.#fields;
    this.#fields = new Map();
    if (this.#text !== null) {
      for (const [name, value] of Object.entries(parseObject(this.#text))) {
        if (name !== '__proto__') this.#fields.set(name, { value, json: `${quote(name)}:${textOf(value)}` });
      }
    }
    return this.#fields;
  }
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    // Sound: an object that is no array has string keys, and nothing is claimed of its values.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** Makes JSON text of an object's fields, as they may be carried. For layouts that keep bindings as objects. */
export function bindingsJsonOf(fields: Bindings): string | null {
  const bound = new BoundFields(null);
  bound.add(fields);
  return bound.json();
}

/** The object that bindings text stands for. */
export function bindingsOf(json: string | null): Bindings {
  return json === null ? {} : parseObject(json);
}

/** Null where the value is nested too deeply to be written from here. */
function memberOf(name: string, value: unknown): string | null {
  try {
    return `${quote(name)}:${textOf(value)}`;
  } catch {
    return null;
  }
}

/**
 * As many of the fields as fit in `lengthMax` characters, the first bound first: what was bound last is dropped.
 */
export function fitBindings(
  json: string,
  lengthMax: number,
): { readonly json: string | null; readonly dropped: number } {
  if (json.length <= lengthMax) return { json, dropped: 0 };
  let text = '';
  let dropped = 0;
  for (const [name, value] of Object.entries(parseObject(json))) {
    const member = dropped > 0 ? null : memberOf(name, value);
    if (member === null || text.length + member.length + 2 > lengthMax) dropped++;
    else text += `${text === '' ? '{' : ','}${member}`;
  }
  return { json: text === '' ? null : `${text}}`, dropped };
}
