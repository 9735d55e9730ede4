import * as z from 'zod'

export type Schema = z.core.JSONSchema.JSONSchema
type Part = Schema | boolean
export type Fits = (value: unknown) => boolean

const NOTES = ['description', 'discriminator']
const COMBINING = ['allOf', 'anyOf', 'oneOf']
/** Zod reads nothing beside a reference. With a law that is not built in, the countries of the others are left there. */
const REFERRING = ['$ref', 'enum']
const OF_OBJECTS = ['type', 'properties', 'required', 'additionalProperties']
const OF_LISTS = ['type', 'items', 'minItems', 'maxItems']
const LIMITS = ['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']
const OF_VALUES = ['type', 'enum', 'const', 'format', 'pattern', ...LIMITS]
const REFERENCE = '#/components/schemas/'

/**
 * Compares values with the schemas of an OpenAPI document. Zod checks the values that have no parts; for the others it
 * would build each part once more to merge it, with ten times the CPU time (measured).
 */
export class DocumentSchemas {
  readonly #components: { readonly [name: string]: Schema }
  readonly #compiled = new Map<string, Fits>()
  readonly #values = new Map<string, Fits>()

  constructor(components: { readonly [name: string]: Schema }) {
    this.#components = components
  }

  /** Zod says what differs. */
  difference(schema: Schema, value: unknown): string {
    const text = JSON.stringify({ ...schema, $defs: this.#components }).replaceAll(REFERENCE, '#/$defs/')
    const { error } = z.fromJSONSchema(JSON.parse(text)).safeParse(value)
    return error === undefined ? 'Zod finds no difference.' : z.prettifyError(error)
  }

  /** Throws for a keyword that it does not know. */
  compiled(schema: Part): Fits {
    if (typeof schema === 'boolean') return () => schema
    const keywords = Object.keys(schema).filter((keyword) => !NOTES.includes(keyword))
    if (keywords.length === 0) return () => true
    if (schema.$ref !== undefined) {
      demandKnown(keywords, REFERRING)
      return this.#component(schema.$ref)
    }
    if (COMBINING.some((keyword) => keywords.includes(keyword))) return this.#combined(schema, keywords)
    if (schema.type === 'object') return this.#object(schema, keywords)
    if (schema.type === 'array') return this.#list(schema, keywords)
    demandKnown(keywords, OF_VALUES)
    return this.#value(schema)
  }

  /** Most are like others: each is compiled once. */
  #value({ description: _, ...schema }: Schema): Fits {
    const text = JSON.stringify(schema)
    const known = this.#values.get(text)
    if (known !== undefined) return known
    const compiled = z.fromJSONSchema(schema)
    const fits: Fits = (value) => compiled.safeParse(value).success
    this.#values.set(text, fits)
    return fits
  }

  #combined({ allOf, anyOf, oneOf }: Schema, keywords: readonly string[]): Fits {
    demandKnown(keywords, COMBINING)
    const [every, some, one] = [this.#each(allOf), this.#each(anyOf), this.#each(oneOf)]
    return (value) =>
      every.every((fits) => fits(value)) &&
      (anyOf === undefined || some.some((fits) => fits(value))) &&
      (oneOf === undefined || one.filter((fits) => fits(value)).length === 1)
  }

  /** Compiled when the first value comes: a component may contain itself. */
  #component(reference: string): Fits {
    const name = reference.slice(REFERENCE.length)
    const schema = this.#components[name]
    if (schema === undefined || !reference.startsWith(REFERENCE)) throw new Error(`no schema: ${reference}`)
    return (value) => {
      const fits = this.#compiled.get(name) ?? this.compiled(schema)
      this.#compiled.set(name, fits)
      return fits(value)
    }
  }

  #object({ properties = {}, required = [], additionalProperties = true }: Schema, keywords: readonly string[]): Fits {
    demandKnown(keywords, OF_OBJECTS)
    const members = new Map(Object.entries(properties).map(([name, schema]) => [name, this.compiled(schema)]))
    const other = this.compiled(additionalProperties)
    return (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      required.every((name) => Object.hasOwn(value, name)) &&
      Object.entries(value).every(([name, member]) => (members.get(name) ?? other)(member))
  }

  #list({ items = true, minItems = 0, maxItems }: Schema, keywords: readonly string[]): Fits {
    demandKnown(keywords, OF_LISTS)
    if (Array.isArray(items)) throw new Error('items of several schemas')
    const fits = this.compiled(items)
    const most = maxItems ?? Number.POSITIVE_INFINITY
    return (value) => Array.isArray(value) && value.length >= minItems && value.length <= most && value.every(fits)
  }

  #each(schemas: readonly Schema[] = []): Fits[] {
    return schemas.map((schema) => this.compiled(schema))
  }
}

/** What a keyword demands must not be left out in silence. */
function demandKnown(keywords: readonly string[], known: readonly string[]): void {
  const unknown = keywords.filter((keyword) => !known.includes(keyword))
  if (unknown.length > 0) throw new Error(`a schema with ${unknown.join(', ')} is not compared yet`)
}
