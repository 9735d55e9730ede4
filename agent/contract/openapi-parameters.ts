import type * as z from 'zod'
import type { JsonObject, JsonSchemas } from './json-schema.ts'
import { keyedIdExample, keyedIdWords, kindsInPath } from './key-ids.ts'
import type { Route } from './route.ts'
import { isOfMerchant, takesKey } from './route.ts'
import { idempotencyKey } from './scalars.ts'

const TEXT = { type: 'string' }

const MERCHANT = headerOf('X-OpenFiskal-Merchant', {
  description: `${keyedIdWords(['merchant'])} May be left out if the agent has exactly one active merchant.`,
  example: keyedIdExample('merchant'),
})
const ORGANIZATION = headerOf('OpenFiskal-Organization', {
  description:
    'Journalled with the request. With a platform key and several active merchants it is the merchant id if X-OpenFiskal-Merchant is missing.',
  example: 'bakery-group',
})
const IF_MATCH = headerOf('If-Match', {
  required: true,
  description:
    'The `ETag` of the operation as it was read: `resource_version` in quotes. Missing: 428; another version: 412.',
  example: '"1"',
})
/** Importers send the example: it must not be a dry run. */
const PREFER = headerOf('Prefer', {
  description:
    '`return=representation` (the default) does the act. `dry-run` checks it and shows the answer: nothing is recorded and no key used.',
  example: 'return=representation',
  schema: { type: 'string', enum: ['return=representation', 'dry-run'] },
})
const LAST_EVENT_ID = headerOf('Last-Event-ID', {
  description: 'Continues after that event. Missing or empty: only new events are sent.',
  example: '',
})

/** All parameters of a route, each complete. */
export function parametersOf(route: Route, schemas: JsonSchemas): readonly JsonObject[] {
  return [
    ...pathParametersOf(route),
    ...(isOfMerchant(route) ? [MERCHANT, ORGANIZATION] : []),
    ...(takesKey(route) ? [idempotencyKeyOf(schemas)] : []),
    ...(route.ifMatch ? [IF_MATCH] : []),
    ...(route.dryRun === true ? [PREFER] : []),
    ...(route.lastEventId === true ? [LAST_EVENT_ID] : []),
    ...(route.query === undefined ? [] : queryParametersOf(route.query, schemas)),
  ]
}

/**
 * Parameters that several operations have, by their names in `components.parameters`. Those with an example of their
 * operation stay there: ids of a path and the Idempotency-Key.
 */
export class SharedParameters {
  readonly #names = new Map<string, string>()
  readonly components: JsonObject

  constructor(parameters: readonly JsonObject[]) {
    const seen = new Set<string>()
    const components: Record<string, JsonObject> = {}
    for (const parameter of parameters.filter(isSharable)) {
      const text = JSON.stringify(parameter)
      const name = componentName(String(parameter['name']))
      if (seen.has(text) && !this.#names.has(text) && components[name] === undefined) {
        this.#names.set(text, name)
        components[name] = parameter
      }
      seen.add(text)
    }
    this.components = components as unknown as JsonObject
  }

  /** A reference, if other operations have it too. */
  of(parameter: JsonObject): JsonObject {
    const name = this.#names.get(JSON.stringify(parameter))
    return name === undefined ? parameter : { $ref: `#/components/parameters/${name}` }
  }
}

function isSharable(parameter: JsonObject): boolean {
  return parameter['in'] !== 'path' && parameter['name'] !== 'Idempotency-Key'
}

/** `register_id` and `If-Match` as names of a type: `RegisterId`, `IfMatch`. */
function componentName(name: string): string {
  return name.replaceAll(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function headerOf(name: string, { required = false, description, example, schema = TEXT }: HeaderWords): JsonObject {
  return { name, in: 'header', required, description, example, schema }
}

type HeaderWords = { required?: boolean; description: string; example: string; schema?: JsonObject }

function idempotencyKeyOf(schemas: JsonSchemas): JsonObject {
  return {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: 'With the same key it is done once. A dry run needs none.',
    schema: schemas.of(idempotencyKey),
  }
}

/** The parameters of paths whose resources have no id of the caller's own: `/errors/{code}` and `/v1/duties/{id}`. */
const OF_REFUSAL = { description: 'The `code` of a refusal.', example: 'no_open_session' }
const OF_DUTY = { description: 'Id of a duty, as `GET /v1/duties` lists it.', example: 'finanzonline-register-reg_…' }

function pathParametersOf({ path }: Route): JsonObject[] {
  const kinds = kindsInPath(path)
  const [kind] = kinds
  const words = kind === undefined ? undefined : { description: keyedIdWords(kinds), example: keyedIdExample(kind) }
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...(words ?? (name === 'code' ? OF_REFUSAL : OF_DUTY)),
    schema: TEXT,
  }))
}

function queryParametersOf(query: z.ZodType, schemas: JsonSchemas): JsonObject[] {
  const { properties, required } = schemas.of(query)
  const needed = Array.isArray(required) ? required : []
  // Readers show description and example of a parameter, and few those of its schema.
  return Object.entries(properties ?? {}).map(([name, { description, example, ...schema }]: [string, JsonObject]) => ({
    name,
    in: 'query',
    required: needed.includes(name),
    description,
    example,
    schema,
  }))
}
