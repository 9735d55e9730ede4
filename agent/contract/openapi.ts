import type { Json } from '../../base/canonical.ts'
import type { ErrorCode } from '../errors.ts'
import { ERRORS } from '../errors.ts'
import { BASES } from './components.ts'
import type { Contract } from './contract-of.ts'
import { errorDto } from './error.ts'
import { bareResponse, linkTo, responseName, sharedResponses } from './error-responses.ts'
import type { PlayedStep } from './examples.ts'
import { GUIDE } from './guide.ts'
import type { AnsweredHeader } from './headers.ts'
import { headersOf, sharedHeaders } from './headers.ts'
import type { JsonObject } from './json-schema.ts'
import { JsonSchemas } from './json-schema.ts'
import { DocumentExamples } from './openapi-examples.ts'
import { parametersOf, SharedParameters } from './openapi-parameters.ts'
import type { Route } from './route.ts'
import { codesOfItsKind, DRY_RUN_STATUS, errorCodesOf, OF_EVERY_ROUTE, takesKey } from './route.ts'
import { routes } from './routes.ts'
import type { NamedSchemas } from './schema-form.ts'
import { formed, reachedFrom } from './schema-form.ts'

const TAGS: Record<Route['tag'], string> = {
  Merchants: 'Who sells, with the tax identities of each country.',
  Locations: 'Shops of a merchant; their country decides the law of their registers.',
  Registers: 'Tills: created, fiscalized, decommissioned.',
  'Payment terminals': 'Italy: terminals for cards, and their links to printers.',
  Operations: 'Goods movements and session events of a till.',
  Sessions: 'Shifts of a register: open, counted, closed.',
  'Cash drawer': 'Openings of the cash drawer.',
  Closings: 'Closings of days, months and years, and other receipts that a law requires in addition to sales.',
  Exports: 'Files for auditors and for the archive.',
  Agent: 'The agent itself: journal, devices, sync, changes, health, error codes.',
}

const SECURITY_SCHEMES = {
  BearerAuth: {
    type: 'http',
    scheme: 'bearer',
    description:
      'Platform key, `ofk_platform_…`: `fiskal-edge key create platform` prints it once. A reader key, `ofk_read_…` (`key create reader`), is sent here, too: it reads what is of one merchant; a change is 403.',
  },
  RegisterKeyAuth: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Register-Api-Key',
    description:
      'Register key, `ofk_reg_…`: the answer of `fiscalize` has it once. It gives access to its own register only: any other is 404, and what only the office may do is 403.',
  },
} as const

/** The program of the contract. `url` is the address for clients, without a trailing slash. */
export type DescribedAgent = {
  readonly version: string
  readonly license: string
  readonly author: string
  readonly url: string
}

/**
 * The OpenAPI 3.1 document of everything that programs call. The same input gives the same document. `played`: the
 * examples.
 */
export function openapiOf(contract: Contract, agent: DescribedAgent, played: readonly PlayedStep[] = []): JsonObject {
  const schemas = new JsonSchemas(contract)
  const listed = (Object.values(routes) as readonly Route[]).filter((route) => route.listed !== false)
  const described = listed.map((route) => ({ route, parameters: parametersOf(route, schemas) }))
  const shared = new SharedParameters(described.flatMap(({ parameters }) => parameters))
  const examples = new DocumentExamples(played)
  const paths: Record<string, Record<string, Json>> = {}
  for (const { route, parameters } of described) {
    const documented = parameters.map((each) => shared.of(each))
    const operation = examples.addTo(operationOf(route, documented, schemas))
    paths[route.path] = { ...paths[route.path], [route.methods[0]]: operation as Json }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fiskal-edge',
      version: agent.version,
      description: GUIDE,
      contact: { name: agent.author },
      license: { name: agent.license, identifier: agent.license },
    },
    servers: [{ url: agent.url }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: formedSchemas(listed, schemas),
      examples: examples.components,
      parameters: shared.components,
      headers: sharedHeaders(),
      responses: sharedResponses(new Set(listed.flatMap(statusesOfJson)), codesOfKinds(listed), schemas.of(errorDto)),
      securitySchemes: SECURITY_SCHEMES,
    },
  }
}

function formedSchemas(listed: readonly Route[], schemas: JsonSchemas): JsonObject {
  const plain = schemas.components() as NamedSchemas
  const bodies = listed.flatMap(({ body }) => (body === undefined ? [] : [schemas.of(body)]))
  return formed(plain, reachedFrom(bodies, plain), BASES) as JsonObject
}

function codesOfKinds(listed: readonly Route[]): readonly ErrorCode[] {
  return [...new Set(listed.flatMap((route) => [...codesOfItsKind(route)]))].sort()
}

/** The refusals of a route whose answer is JSON. */
function statusesOfJson(route: Route): readonly number[] {
  return route.success.schema === undefined ? [] : [...codesByStatus(route).keys()]
}

function operationOf(route: Route, parameters: readonly JsonObject[], schemas: JsonSchemas) {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: descriptionOf(route),
    security: securityOf(route),
    parameters,
    requestBody: route.body && {
      required: route.bodyOptional !== true,
      content: { 'application/json': { schema: schemas.of(route.body) } },
    },
    responses: responsesOf(route, schemas),
  }
}

function descriptionOf(route: Route): string {
  const [, ...others] = route.methods
  const verbs = others.map((method) => `\`${method.toUpperCase()}\``).join(' and ')
  const twin = verbs === '' ? undefined : `${verbs} with the same request is served too.`
  return [route.description, twin, codeTable(route)].filter((part) => part !== undefined).join('\n\n')
}

/**
 * The codes of the refusals of a route, in a table of Markdown. Those of its kind have their links in the shared answers,
 * and one row for the statuses that only they have.
 */
function codeTable(route: Route): string | undefined {
  const ofKind = codesOfItsKind(route)
  const named = (code: ErrorCode) => (ofKind.has(code) ? `\`${code}\`` : linkTo(code))
  const isShared = (codes: readonly ErrorCode[]) => codes.every((code) => ofKind.has(code))
  const ofEvery = new Set<ErrorCode>(OF_EVERY_ROUTE)
  const all = [...codesByStatus(route)]
  const rows = all
    .filter(([, codes]) => !isShared(codes))
    .map(([status, codes]) => `| ${status} | ${codes.map(named).join(', ')} |`)
  const shared = all
    .flatMap(([, codes]) => (isShared(codes) ? codes : []))
    .filter((code) => !ofEvery.has(code) && !isAlone(code))
    .map(named)
  const others = shared.length === 0 ? [] : [`| others | ${shared.join(', ')} |`]
  return rows.length + others.length === 0
    ? undefined
    : ['| Status | Code |', '|---|---|', ...rows, ...others].join('\n')
}

/** The answer that all operations share names it: no other code has its status. */
function isAlone(code: ErrorCode): boolean {
  return Object.values(ERRORS).filter(({ status }) => status === ERRORS[code].status).length === 1
}

function codesByStatus(route: Route): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = errorCodesOf(route)
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort((a, b) => a - b)
  return new Map(statuses.map((status) => [status, codes.filter((code) => ERRORS[code].status === status)]))
}

function securityOf(route: Route): Json {
  const platform = { BearerAuth: [] }
  if (route.auth === 'none') return []
  if (route.auth === 'platform') return [platform]
  // A signed link needs no key; the key comes first, so that an importer sends one.
  return [platform, { RegisterKeyAuth: [] }, ...(route.auth === 'link' ? [{}] : [])]
}

function responsesOf(route: Route, schemas: JsonSchemas): JsonObject {
  const byStatus: Record<string, Json> = { [String(route.success.status)]: successOf(route, schemas) }
  if (route.dryRun === true) byStatus[String(DRY_RUN_STATUS)] = successOf(route, schemas, true)
  const isJson = route.success.schema !== undefined
  for (const status of codesByStatus(route).keys()) {
    const shared = { $ref: `#/components/responses/${responseName(status)}` }
    byStatus[String(status)] = isJson ? shared : (bareResponse(status) as Json)
  }
  return byStatus
}

function exampleOf(value: Json | undefined): JsonObject {
  return value === undefined ? {} : { examples: { example: { value } } }
}

function successOf(route: Route, schemas: JsonSchemas, dryRun = false): JsonObject {
  const { description, schema, etag, example, otherMediaTypes, stream } = route.success
  const content: Record<string, Json> = {}
  if (schema !== undefined) content['application/json'] = { schema: schemas.of(schema), ...exampleOf(example) }
  for (const mediaType of otherMediaTypes ?? []) content[mediaType] = { schema: fileSchema(mediaType) }
  // OpenAPI 3.1 cannot describe a stream: the schema is that of one event's data.
  if (stream !== undefined) content['text/event-stream'] = { schema: schemas.of(stream) }
  const names: AnsweredHeader[] = []
  // If a dry run has a separate status, nothing was created: no version, and no key was used.
  const isTrialAlone = dryRun && route.success.status !== DRY_RUN_STATUS
  if (etag && !isTrialAlone) names.push('ETag')
  if (takesKey(route) && !isTrialAlone) names.push('Idempotent-Replayed')
  if (dryRun) names.push('Preference-Applied')
  return {
    description,
    headers: names.length > 0 ? headersOf(...names) : undefined,
    content: Object.keys(content).length > 0 ? content : undefined,
  }
}

/** Generated clients read binary types as bytes, and parse a JSON file. */
function fileSchema(mediaType: string): JsonObject {
  if (mediaType === 'application/json') return {}
  return /^text\/|[+-](xml|ndjson)$/.test(mediaType) ? { type: 'string' } : { type: 'string', format: 'binary' }
}
