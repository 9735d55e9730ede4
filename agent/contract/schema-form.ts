import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import type { JsonObject } from './json-schema.ts'

/** JSON Schemas by their names. */
export type NamedSchemas = Readonly<Record<string, JsonObject>>

const SUBSCHEMAS = new Set(['items', 'additionalProperties', 'propertyNames', 'not'])
const LISTS = new Set(['oneOf', 'anyOf', 'allOf', 'prefixItems'])
const MAPS = new Set(['properties', 'patternProperties'])
const LENGTHS = new Set(['minLength', 'maxLength'])
const SCALARS = new Set<Json | undefined>(['string', 'number', 'integer', 'boolean'])

/**
 * The schemas that zod made, in the form that generators of clients read best. Answers are open: they may gain members,
 * and have no limits of length. Requests are closed, as the agent checks them.
 */
export function formed(schemas: NamedSchemas, sent: ReadonlySet<string>, bases: readonly string[]): NamedSchemas {
  const plain = mapValues(schemas, (schema, name) => simplified(schema, sent.has(name)))
  return mapValues(plain, (schema, name) => (sent.has(name) ? schema : withBase(schema, name, plain, bases)))
}

/** The names that schemas refer to, directly and through others. */
export function reachedFrom(starts: readonly JsonObject[], schemas: NamedSchemas): ReadonlySet<string> {
  const reached = new Set<string>()
  const visit = (schema: unknown): void => {
    for (const [, name = ''] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (reached.has(name)) continue
      reached.add(name)
      visit(schemas[name] ?? {})
    }
  }
  visit(starts)
  return reached
}

/** Without defaults, for which generated types demand the member, and with nullable scalars as one type. */
function simplified(schema: JsonObject, isClosed: boolean): JsonObject {
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, Json | undefined][] => {
    if (keyword === 'default' || isEmptyRule(keyword, value)) return []
    if (!isClosed && (LENGTHS.has(keyword) || (keyword === 'additionalProperties' && value === false))) return []
    return [[keyword, subschemas(keyword, value, (each) => simplified(each, isClosed))]]
  })
  return nullableAsType(Object.fromEntries(entries))
}

/** The range of a double for an integer, and that names of members are strings: true of all JSON. */
function isEmptyRule(keyword: string, value: Json | undefined): boolean {
  if (keyword === 'maximum') return value === Number.MAX_SAFE_INTEGER
  if (keyword === 'minimum') return value === Number.MIN_SAFE_INTEGER
  return keyword === 'propertyNames' && JSON.stringify(value) === '{"type":"string"}'
}

function subschemas(
  keyword: string,
  value: Json | undefined,
  map: (schema: JsonObject) => JsonObject,
): Json | undefined {
  if (LISTS.has(keyword) && Array.isArray(value)) return value.map((each) => map(each as JsonObject)) as Json
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (SUBSCHEMAS.has(keyword)) return map(value as JsonObject) as Json
  return MAPS.has(keyword) ? (mapValues(value as NamedSchemas, map) as Json) : value
}

/** `anyOf` of a scalar and null is one schema with two types; an enumeration then contains null. */
function nullableAsType(schema: JsonObject): JsonObject {
  const { anyOf, ...others } = schema
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema
  const [value, none] = anyOf as unknown as [JsonObject, JsonObject]
  if (none['type'] !== 'null' || !SCALARS.has(value['type'])) return schema
  const { type, const: only, enum: values, ...limits } = value
  const listed = only === undefined ? values : [only]
  return {
    type: [type as Json, 'null'],
    ...(Array.isArray(listed) && { enum: [...listed, null] }),
    ...limits,
    ...others,
  }
}

/**
 * `allOf` of the largest base whose members the schema has, and the members that differ from the base's: generators make
 * a shared type of it. Zod keeps whole objects, which check strictly.
 */
function withBase(schema: JsonObject, name: string, schemas: NamedSchemas, bases: readonly string[]): JsonObject {
  const base = bases.findLast((each) => each !== name && isExtension(schema, schemas[each] ?? {}))
  if (base === undefined) return schema
  const { description, type, properties, required, ...others } = schema
  const inherited = schemas[base] ?? {}
  const known = membersOf(inherited)
  const own = Object.entries(membersOf(schema)).filter(
    ([member, value]) =>
      !Object.hasOwn(known, member) || canonicalJson(value as Json) !== canonicalJson(known[member] as Json),
  )
  const needed = requiredOf(schema).filter((member) => !requiredOf(inherited).includes(member))
  return {
    ...(description !== undefined && { description }),
    allOf: [
      { $ref: `#/components/schemas/${base}` },
      {
        ...others,
        type: 'object',
        properties: Object.fromEntries(own) as Json,
        ...(needed.length > 0 && { required: needed }),
      },
    ],
  }
}

function isExtension(schema: JsonObject, base: JsonObject): boolean {
  const [members, required] = [membersOf(schema), requiredOf(schema)]
  return (
    Object.keys(membersOf(base)).every((member) => Object.hasOwn(members, member)) &&
    requiredOf(base).every((member) => required.includes(member))
  )
}

function membersOf({ properties = {} }: JsonObject): JsonObject {
  return properties as JsonObject
}

function requiredOf({ required = [] }: JsonObject): readonly Json[] {
  return required as readonly Json[]
}

function mapValues(
  schemas: NamedSchemas,
  map: (schema: JsonObject, name: string) => JsonObject,
): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, map(schema, name)]))
}
