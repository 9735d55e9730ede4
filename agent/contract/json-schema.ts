import * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import type { Contract } from './contract-of.ts'

/** A JSON Schema, or another object of the OpenAPI document: their standards define its members. */
export type JsonObject = { readonly [member: string]: Json | undefined }

/** JSON Schemas 2020-12 of a contract, for requests (`io: input`). */
export class JsonSchemas {
  readonly #contract: Contract
  readonly #names: ReadonlyMap<z.core.$ZodType, string>

  constructor(contract: Contract) {
    this.#contract = contract
    this.#names = new Map(Object.entries(contract.components).map(([name, schema]) => [schema, name]))
  }

  components(): JsonObject {
    const registry = z.registry<{ id: string }>()
    for (const [schema, name] of this.#names) registry.add(schema, { id: name })
    const { schemas } = z.toJSONSchema(registry, {
      io: 'input',
      uri: referenceTo,
      override: (made) => this.#addDiscriminator(made),
    })
    return Object.fromEntries(
      Object.entries(schemas).map(([name, { $schema: _dialect, $id: _uri, ...schema }]) => [
        name,
        schema as JsonObject,
      ]),
    )
  }

  /** A reference to the component, or the schema itself if it has no name. */
  of(schema: z.ZodType): JsonObject {
    const whole = this.#contract.of(schema)
    const name = this.#names.get(whole)
    if (name !== undefined) return { $ref: referenceTo(name) }
    const { $schema: _dialect, ...inline } = z.toJSONSchema(whole, { io: 'input' })
    return inline as JsonObject
  }

  /** Adds the discriminator of a union for code generators: the member whose value identifies the type. */
  #addDiscriminator({ zodSchema, jsonSchema }: Overridden): void {
    const { def } = zodSchema._zod
    if (def.type !== 'union' || !('discriminator' in def)) return
    const propertyName = String(def.discriminator)
    const mapping: Record<string, string> = {}
    for (const option of def.options) {
      const name = this.#names.get(option)
      for (const value of option._zod.propValues?.[propertyName] ?? []) {
        if (name !== undefined) mapping[String(value)] = referenceTo(name)
      }
    }
    jsonSchema['discriminator'] = { propertyName, mapping }
  }
}

type Overridden = { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`
}
