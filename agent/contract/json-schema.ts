import * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import { components } from './components.ts'

export type Members = { readonly [member: string]: Json | undefined }

const names = new Map<z.core.$ZodType, string>(Object.entries(components).map(([name, schema]) => [schema, name]))

/** All components as JSON Schema 2020-12, of what is sent (`io: input`). */
export function componentSchemas(): Members {
  const registry = z.registry<{ id: string }>()
  for (const [name, schema] of Object.entries(components)) registry.add(schema, { id: name })
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: referenceTo, override: addDiscriminator })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _uri, ...schema }]) => [name, schema as Members]),
  )
}

/** A reference to the component, or the schema itself where it has no name. */
export function jsonSchemaOf(schema: z.ZodType): Members {
  const name = names.get(schema)
  if (name !== undefined) return { $ref: referenceTo(name) }
  const { $schema: _dialect, ...inline } = z.toJSONSchema(schema, { io: 'input' })
  return inline as Members
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`
}

/** Tells code generators which member of a union a value is, by the value of the member that distinguishes them. */
function addDiscriminator({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes
  jsonSchema: z.core.JSONSchema.BaseSchema
}): void {
  const { def } = zodSchema._zod
  if (def.type !== 'union' || !('discriminator' in def)) return
  const propertyName = String(def.discriminator)
  const mapping: Record<string, string> = {}
  for (const option of def.options) {
    const name = names.get(option)
    for (const value of option._zod.propValues?.[propertyName] ?? []) {
      if (name !== undefined) mapping[String(value)] = referenceTo(name)
    }
  }
  jsonSchema['discriminator'] = { propertyName, mapping }
}
