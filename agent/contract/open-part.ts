import * as z from 'zod'

const OPEN_PARTS = new WeakSet<z.core.$ZodType>()

/**
 * A part of the contract that the laws of the agent define. It accepts nothing and has no JSON Schema: only
 * `contractOf(laws)` makes a contract that is whole.
 */
export function openPart<Output>(): z.ZodType<Output> {
  const part = z.custom<Output>(() => false, 'is defined by the laws of the agent')
  OPEN_PARTS.add(part)
  return part
}

/** Rebuilds schemas with `parts` in place of their open parts. A schema without open parts stays the same object. */
export class WholeSchemas {
  readonly #made: Map<z.core.$ZodType, z.core.$ZodType>

  constructor(parts: ReadonlyMap<z.core.$ZodType, z.core.$ZodType>) {
    this.#made = new Map(parts)
  }

  of<Schema extends z.core.$ZodType>(schema: Schema): Schema {
    const made = this.#made.get(schema) ?? this.#whole(schema as unknown as z.core.$ZodTypes)
    this.#made.set(schema, made)
    // An open part and its replacement have the same type.
    return made as Schema
  }

  #whole(schema: z.core.$ZodTypes): z.core.$ZodType {
    if (OPEN_PARTS.has(schema)) throw new Error('an open part of the contract that no law defines')
    const { def, parent, constr } = schema._zod
    const wholeParent = parent && this.of(parent)
    const isSame = parent !== undefined && parent._zod.def === def
    if (isSame && wholeParent === parent) return schema
    const wholeDef = isSame ? wholeParent?._zod.def : this.#wholeDef(def)
    if (wholeDef === def) return schema
    const { constr: build } = isSame && wholeParent ? wholeParent._zod : { constr }
    const made = new build(wholeDef) as z.ZodType
    if (wholeParent !== undefined) made._zod.parent = wholeParent
    const meta = ownMeta(schema, parent)
    if (meta !== undefined) z.globalRegistry.add(made, meta)
    return made
  }

  /** The same object if nothing in it is open. */
  #wholeDef(def: z.core.$ZodTypes['_zod']['def']): z.core.$ZodTypeDef {
    switch (def.type) {
      case 'object': {
        const entries = Object.entries(def.shape).map(([name, member]) => [name, member, this.of(member)] as const)
        if (entries.every(([, member, whole]) => member === whole)) return def
        return { ...def, shape: Object.fromEntries(entries.map(([name, , whole]) => [name, whole])) } as typeof def
      }
      case 'array':
        return this.#changed(def, { element: this.of(def.element) })
      case 'record':
        return this.#changed(def, { valueType: this.of(def.valueType) })
      case 'union': {
        const options = def.options.map((option) => this.of(option))
        return options.every((option, at) => option === def.options[at]) ? def : ({ ...def, options } as typeof def)
      }
      case 'optional':
      case 'nullable':
      case 'default':
      case 'prefault':
        return this.#changed(def, { innerType: this.of(def.innerType) })
      case 'pipe':
        return this.#changed(def, { in: this.of(def.in), out: this.of(def.out) })
      default:
        return def
    }
  }

  #changed<Def extends z.core.$ZodTypeDef>(def: Def, members: Partial<Def>): Def {
    const names = Object.keys(members) as (keyof Def)[]
    return names.every((name) => members[name] === def[name]) ? def : { ...def, ...members }
  }
}

/** Without what a schema has of its parent: its copy has that of another parent. */
function ownMeta(schema: z.core.$ZodType, parent: z.core.$ZodType | undefined): z.core.GlobalMeta | undefined {
  const meta = z.globalRegistry.get(schema)
  if (meta === undefined || parent === undefined) return meta
  const inherited = z.globalRegistry.get(parent)
  return Object.fromEntries(Object.entries(meta).filter(([name, value]) => value !== inherited?.[name]))
}
