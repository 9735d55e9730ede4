import type { z } from 'zod'
import type { LawKeys } from '../../base/settings/law-settings.ts'
import type { Content } from '../../base/settings/paths.ts'
import { READ_FILES } from '../../base/settings/paths.ts'
import { keyPath } from './key-path.ts'
import { configSchema } from './schema.ts'

/** A file that the configuration names and whose content the agent uses. */
export type NamedFile = { readonly key: string; readonly path: string; readonly content: Content }

type Config = z.output<ReturnType<typeof configSchema>>

/** Found through the schema, so that a new key is included automatically. */
export function namedFiles(config: Config, keys: LawKeys): NamedFile[] {
  return filesIn(configSchema('/', keys), config, [])
}

/** Files with secrets: key path → file. */
export function secretFiles(config: Config, keys: LawKeys): ReadonlyMap<string, string> {
  const secrets = namedFiles(config, keys).filter(({ content }) => content !== 'certificate')
  return new Map(secrets.map(({ key, path }) => [key, path]))
}

/** The paths of all named files, without duplicates. */
export function namedPaths(config: Config, keys: LawKeys): string[] {
  return [...new Set(namedFiles(config, keys).map(({ path }) => path))]
}

function filesIn(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[]): NamedFile[] {
  const meta = READ_FILES.get(schema)
  if (meta !== undefined) return typeof value === 'string' ? [{ key: keyPath(path), path: value, ...meta }] : []
  if (value === undefined || value === null) return []
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return filesInObject(def.shape, value as Readonly<Record<string, unknown>>, path)
    case 'array':
      return (value as readonly unknown[]).flatMap((member, index) => filesIn(def.element, member, [...path, index]))
    case 'record':
      return Object.entries(value as object).flatMap(([key, member]) => filesIn(def.valueType, member, [...path, key]))
    case 'union':
      return def.options.flatMap((option) => filesIn(option, value, path))
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return filesIn(def.innerType, value, path)
    case 'pipe':
      return filesIn(def.in, value, path)
    case 'string':
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
      return []
    default:
      throw new Error(`a schema of the kind "${def.type}" is not searched for files`)
  }
}

/** Empty if a literal member shows that the object is of another kind. */
function filesInObject(
  shape: z.core.$ZodShape,
  value: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
): NamedFile[] {
  const members = Object.entries(shape)
  const isOther = members.some(([key, member]) => {
    const { def } = (member as z.core.$ZodTypes)._zod
    return def.type === 'literal' && !def.values.includes(value[key] as z.core.util.Literal)
  })
  return isOther ? [] : members.flatMap(([key, member]) => filesIn(member, value[key], [...path, key]))
}
