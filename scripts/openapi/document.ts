import { openDerivation } from '../../packages/ledger/src/server/derivation.ts';
import { openFollowers } from '../../packages/ledger/src/server/followers.ts';
import { openMeasures } from '../../packages/ledger/src/server/measures.ts';
import { PARAMETERS, type ParameterName } from '../../packages/ledger/src/server/parameters.ts';
import { QUESTIONS } from '../../packages/ledger/src/server/questions.ts';
import { type Route, routesOf } from '../../packages/ledger/src/server/routes.ts';
import { TOKEN_KINDS, type TokenKind } from '../../packages/ledger/src/server/tokens.ts';
import { openSqliteStore } from '../../packages/ledger/src/store/sqlite.ts';
import { answerSchemas, type Schema } from './schemas.ts';

const TOKEN_SAYS: Readonly<Record<TokenKind, string>> = {
  ingest: 'Opens what takes facts.',
  read: 'Opens every question.',
  admin: 'Opens everything.',
};

const says = `The ledger of Waybill: facts in over OTLP/HTTP, and answers about them.

Every answer names its schema, \`waybill.<question>/1\`. Within a version fields are only added. Times are RFC 3339, durations whole milliseconds. An error is a \`waybill.error/1\`: a code that never changes its meaning, what happened, and what to do.`;

/** openapi.json: every route, with the schemas of what it answers. */
export function openApi(): string {
  const { documents, components } = answerSchemas();
  const store = openSqliteStore({ path: ':memory:' });
  const routes = routesOf({
    store,
    derivation: openDerivation(store, () => {}),
    measures: openMeasures(store),
    followers: openFollowers(store, () => {}),
    questions: QUESTIONS,
    now: Date.now,
    admit: () => {},
  });
  const paths: Record<string, object> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, documents, components) };
  }
  void store.close();
  const securitySchemes = Object.fromEntries(
    TOKEN_KINDS.map((kind) => [kind, { type: 'http', scheme: 'bearer', description: TOKEN_SAYS[kind] }]),
  );
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'Waybill ledger',
      version: '1',
      description: says,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:7733' }],
    paths,
    components: { schemas: components, securitySchemes },
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function operationOf(route: Route, documents: Schema, components: Readonly<Record<string, Schema>>): object {
  const { path, asks, parameters = [], takes, answers, isTagged } = route;
  return {
    operationId: idOf(route),
    summary: route.says ?? saidBy(components, answers),
    ...(asks && { security: [{}, { [asks]: [] }, { admin: [] }] }),
    ...(parameters.length > 0 && { parameters: parameters.map((name) => parameterOf(name, path)) }),
    ...(takes && { requestBody: { required: true, content: bodyOf(takes) } }),
    responses: {
      200: {
        description: 'The answer.',
        ...(isTagged && { headers: { etag: ETAG } }),
        content: contentOf(answers, documents),
      },
      ...(isTagged && { 304: { description: 'The answer that `If-None-Match` names still holds.' } }),
      ...(takes && Object.fromEntries([429, 503].map((status) => [status, laterOf(takes, documents)]))),
      default: failureOf(takes, documents),
    },
  };
}

/** Its own word; of what is asked by a name in the path, with what is done to it. */
function idOf({ method, path, takes }: Route): string {
  if (takes !== undefined) return takes;
  const [last = '', before = ''] = path.split('/').toReversed();
  const word = last.startsWith(':') ? before.replace(/s$/, '') : last.replace('.json', '');
  return method === 'GET' ? word : `${method.toLowerCase()}_${word}`;
}

const ETAG = { description: 'The same for answers that say the same.', schema: { type: 'string' } };
const RETRY_AFTER = { description: 'Seconds after which to send it again.', schema: { type: 'integer' } };

/** What the type of an answer says of itself, behind the name of its schema. */
function saidBy(components: Readonly<Record<string, Schema>>, name: string): string {
  const data = Object.values(components).find((schema) =>
    String(schema['description']).startsWith(`The \`data\` of \`waybill.${name}/1\`: `),
  );
  if (data === undefined)
    throw new Error(`no type says that it is the \`data\` of \`waybill.${name}/1\`: what it answers`);
  const said = String(data['description']).replace(/^[^:]+: /, '');
  return said.slice(0, 1).toUpperCase() + said.slice(1);
}

function parameterOf(name: ParameterName, path: string): object {
  const { says: description, schema, ...rest } = PARAMETERS[name];
  const isInPath = path.includes(`:${name}`);
  return { name, in: isInPath ? 'path' : 'query', required: isInPath || 'isRequired' in rest, description, schema };
}

function contentOf(answers: string, documents: Schema): object {
  if (answers.includes('/'))
    return { [answers]: { schema: { type: answers.startsWith('text/') ? 'string' : 'object' } } };
  const schema = documents[answers];
  if (schema === undefined) throw new Error(`\`${answers}\` has no line in server/answers.ts`);
  return { 'application/json': { schema } };
}

function laterOf(takes: Route['takes'], documents: Schema): object {
  return { ...failureOf(takes, documents), headers: { 'retry-after': RETRY_AFTER } };
}

function failureOf(takes: Route['takes'], documents: Schema): object {
  return {
    description: 'What went wrong.',
    content: contentOf(takes === 'logs' || takes === 'traces' ? 'export_failure' : 'error', documents),
  };
}

function bodyOf(takes: NonNullable<Route['takes']>): object {
  if (takes === 'report' || takes === 'declaration') {
    const description =
      takes === 'report'
        ? 'A `waybill.destinations/1`: docs/wire-format.md says what is in it.'
        : 'The fields that are declared: docs/operations.md lists them.';
    return { 'application/json': { schema: { type: 'object', description } } };
  }
  const description = `An OTLP Export${takes === 'logs' ? 'Logs' : 'Trace'}ServiceRequest, plain or as gzip.`;
  return {
    'application/json': { schema: { type: 'object', description } },
    'application/x-protobuf': { schema: { type: 'string', format: 'binary', description } },
  };
}
