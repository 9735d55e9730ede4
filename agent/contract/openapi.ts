import type * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import type { ErrorCode } from '../errors.ts'
import { ERRORS, hasRetryAfter } from '../errors.ts'
import type { Contract } from './contract-of.ts'
import { errorDto } from './error.ts'
import { GUIDE } from './guide.ts'
import type { JsonObject } from './json-schema.ts'
import { JsonSchemas } from './json-schema.ts'
import type { KeyedKind } from './key-ids.ts'
import { keyedIdExample, keyedIdWords, kindsInPath } from './key-ids.ts'
import type { Route } from './route.ts'
import { DRY_RUN_STATUS, errorCodesOf, isOfMerchant } from './route.ts'
import { routes } from './routes.ts'
import { idempotencyKey } from './scalars.ts'

/** Headers of answers that a caller may need. */
const HEADERS = {
  ETag: 'resource_version in quotes.',
  'Idempotent-Replayed': '`true` on an answer that was given to this key before.',
  'Preference-Applied': '`dry-run`: nothing was recorded.',
  'Retry-After': 'Seconds until the same request may be sent again.',
} as const

const TAGS: Record<Route['tag'], string> = {
  Merchants: 'Who sells, with the tax identities of each country.',
  Locations: 'Shops of a merchant; their country decides the law of their registers.',
  Registers: 'Tills: created, fiscalized, decommissioned.',
  Operations: 'Goods movements and session events of a till.',
  Sessions: 'Shifts of a register: open, counted, closed.',
  'Cash drawer': 'Openings of the cash drawer.',
  Closings: 'Closings of days, months and years, and other receipts that a law requires in addition to sales.',
  Exports: 'Files for auditors and for the archive.',
  Agent: 'The agent itself: journal, devices, health, this document.',
}

/** The program of the contract. `url` is the address for clients, without a trailing slash. */
export type DescribedAgent = {
  readonly version: string
  readonly license: string
  readonly author: string
  readonly url: string
}

/** The OpenAPI 3.1 document of everything that programs call. The same input gives the same document. */
export function openapiOf(contract: Contract, agent: DescribedAgent): JsonObject {
  const schemas = new JsonSchemas(contract)
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
    paths: pathsOf(Object.values(routes), schemas),
    components: {
      schemas: schemas.components(),
      securitySchemes: {
        BearerAuth: { type: 'http', scheme: 'bearer', description: 'Platform key: ofk_platform_….' },
        RegisterKeyAuth: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Register-Api-Key',
          description: 'Register key: ofk_reg_…; gives access to its own register only; anything else is 404.',
        },
      },
    },
  }
}

function pathsOf(rows: readonly Route[], schemas: JsonSchemas): JsonObject {
  const paths: Record<string, Record<string, Json>> = {}
  for (const row of rows) {
    if (row.listed === false) continue
    const path = paths[row.path] ?? {}
    path[row.methods[0]] = operationOf(row, schemas)
    paths[row.path] = path
  }
  return paths
}

function operationOf(route: Route, schemas: JsonSchemas): JsonObject {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: descriptionOf(route),
    security: securityOf(route),
    parameters: parametersOf(route, schemas),
    requestBody: route.body && {
      required: route.bodyOptional !== true,
      content: { 'application/json': { schema: schemas.of(route.body) } },
    },
    responses: responsesOf(route, schemas),
  }
}

function descriptionOf({ methods: [, ...others] }: Route): string | undefined {
  if (others.length === 0) return undefined
  return `${others.map((method) => `\`${method.toUpperCase()}\``).join(' and ')} with the same request is served too.`
}

function securityOf(route: Route): Json {
  const platform = { BearerAuth: [] }
  if (route.auth === 'none') return []
  return route.auth === 'platform' ? [platform] : [platform, { RegisterKeyAuth: [] }]
}

function parametersOf(route: Route, schemas: JsonSchemas): JsonObject[] {
  const parameters: JsonObject[] = []
  for (const [, name] of route.path.matchAll(/\{(\w+)\}/g)) {
    parameters.push(pathParameterOf(name ?? '', kindsInPath(route.path)))
  }
  const header = (name: string, required: boolean, description: string, schema: JsonObject = { type: 'string' }) =>
    parameters.push({ name, in: 'header', required, description, schema })
  if (isOfMerchant(route)) {
    header(
      'X-OpenFiskal-Merchant',
      false,
      `${keyedIdWords(['merchant'])} May be left out if the agent has exactly one merchant.`,
    )
    header(
      'OpenFiskal-Organization',
      false,
      'Journalled with the request. With a platform key and several merchants it is the merchant id if X-OpenFiskal-Merchant is missing.',
    )
  }
  if (route.idempotency !== 'none') {
    header(
      'Idempotency-Key',
      route.idempotency === 'required',
      '1 to 255 visible ASCII characters. The same key never happens twice: with the same method, path and body it gives the first answer.',
      schemas.of(idempotencyKey),
    )
  }
  // Not `required`: without it the answer is 428.
  if (route.ifMatch) header('If-Match', false, 'ETag of the resource, e.g. "1". Missing: 428.')
  if (route.dryRun === true)
    header('Prefer', false, '`dry-run`: checked and shown as it would be, nothing is recorded and no key used.')
  if (route.lastEventId === true)
    header('Last-Event-ID', false, 'Continues after that event; if missing, only new events are sent.')
  if (route.query !== undefined) parameters.push(...queryParametersOf(route.query, schemas))
  return parameters
}

function pathParameterOf(name: string, kinds: readonly KeyedKind[]): JsonObject {
  const [kind] = kinds
  const words = kind && { description: keyedIdWords(kinds), example: keyedIdExample(kind) }
  return { name, in: 'path', required: true, ...words, schema: { type: 'string' } }
}

function queryParametersOf(query: z.ZodType, schemas: JsonSchemas): JsonObject[] {
  const { properties, required } = schemas.of(query)
  const needed = Array.isArray(required) ? required : []
  // Readers show the description of a parameter, and few that of its schema.
  return Object.entries(properties ?? {}).map(([name, { description, ...schema }]: [string, JsonObject]) => ({
    name,
    in: 'query',
    required: needed.includes(name),
    description,
    schema,
  }))
}

function responsesOf(route: Route, schemas: JsonSchemas): JsonObject {
  const byStatus: Record<string, Json> = { [String(route.success.status)]: successOf(route, schemas) }
  if (route.dryRun === true) byStatus[String(DRY_RUN_STATUS)] = successOf(route, schemas, true)
  const codes = new Map<number, ErrorCode[]>()
  for (const code of errorCodesOf(route)) {
    const { status } = ERRORS[code]
    codes.set(status, [...(codes.get(status) ?? []), code])
  }
  for (const [status, names] of codes) {
    const content = { schema: schemas.of(errorDto) }
    byStatus[String(status)] = {
      description: names.map((name) => `\`${name}\``).join(', '),
      headers: names.some(hasRetryAfter) ? headersOf('Retry-After') : undefined,
      content: { 'application/json': content, 'application/problem+json': content },
    }
  }
  return byStatus
}

function successOf(route: Route, schemas: JsonSchemas, dryRun = false): JsonObject {
  const { description, schema, etag, otherMediaTypes, stream } = route.success
  const content: Record<string, Json> = {}
  if (schema !== undefined) content['application/json'] = { schema: schemas.of(schema) }
  for (const mediaType of otherMediaTypes ?? []) content[mediaType] = { schema: fileSchema(mediaType) }
  // OpenAPI 3.1 cannot describe a stream: the schema is that of one event's data.
  if (stream !== undefined) content['text/event-stream'] = { schema: schemas.of(stream) }
  const names: (keyof typeof HEADERS)[] = []
  // If a dry run has a separate status, nothing was created: no version, and no key was used.
  const isTrialAlone = dryRun && route.success.status !== DRY_RUN_STATUS
  if (etag && !isTrialAlone) names.push('ETag')
  if (route.idempotency !== 'none' && !isTrialAlone) names.push('Idempotent-Replayed')
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

function headersOf(...names: readonly (keyof typeof HEADERS)[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { description: HEADERS[name], schema: { type: 'string' } }]))
}
