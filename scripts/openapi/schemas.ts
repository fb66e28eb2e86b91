import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

export type Schema = Readonly<Record<string, unknown>>;

const root = join(import.meta.dirname, '../..');

/** What the API answers, of the types in `server/answers.ts`: by the names of `Documents`, and all that these refer to. */
export function answerSchemas(): { readonly documents: Schema; readonly components: Readonly<Record<string, Schema>> } {
  const generator = createGenerator({
    path: join(root, 'packages/ledger/src/server/answers.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    type: 'Documents',
    topRef: false,
    // The sources are checked by another version of the compiler than the one that the generator has.
    skipTypeCheck: true,
    // Fields are added within a version, so what validates with these schemas is to let them through.
    additionalProperties: true,
  });
  const { properties = {}, definitions = {} } = generator.createSchema('Documents');
  const components = Object.entries(definitions).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    documents: asOpenApi(properties),
    components: Object.fromEntries(components.map(([name, schema]) => [componentName(name), asOpenApi(schema)])),
  };
}

/** `AnswerDocument<"why">` becomes `waybill.why.1`: the names of components are letters, digits, dots and dashes. */
function componentName(name: string): string {
  return name.replace(/^AnswerDocument<"(\w+)">$/, 'waybill.$1.1');
}

/** Draft 7 of JSON Schema as OpenAPI 3.1 has it: what the generator writes differs in where references lead. */
function asOpenApi(value: unknown): Schema {
  const text = JSON.stringify(value, (key, part: unknown) => {
    if (key === '$ref')
      return `#/components/schemas/${componentName(decodeURIComponent(String(part)).replace('#/definitions/', ''))}`;
    if (key === 'items' && Array.isArray(part))
      throw new Error('a list of fixed length is written otherwise in 2020-12');
    return part;
  });
  return JSON.parse(text);
}
