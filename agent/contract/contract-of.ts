import * as z from 'zod'
import type { Components } from './components.ts'
import { componentsOf } from './components.ts'
import { COUNTRIES } from './countries.ts'
import { signature } from './drawer-opening.ts'
import { exportType } from './export.ts'
import { fiscalInformation } from './fiscal-information.ts'
import type { ShapedLaw } from './laws.ts'
import { sentIdentities, shownIdentities } from './merchant.ts'
import { WholeSchemas } from './open-part.ts'
import { fiscal } from './operation.ts'
import { countryCode, countryCodeOf, law } from './scalars.ts'

/** The contract with what the laws of an agent add to it. */
export type Contract = {
  /** The schema with its open parts filled; the same answer for the same schema. */
  of<Schema extends z.core.$ZodType>(schema: Schema): Schema
  readonly components: Components
}

/** A process that begins many agents, as a simulation does, fills the schemas of the same laws once. */
let latest: { laws: readonly ShapedLaw[]; contract: Contract } | undefined

export function contractOf(laws: readonly ShapedLaw[]): Contract {
  if (latest !== undefined && isSame(latest.laws, laws)) return latest.contract
  const contract = filled(laws)
  latest = { laws: [...laws], contract }
  return contract
}

function isSame(some: readonly ShapedLaw[], others: readonly ShapedLaw[]): boolean {
  return some.length === others.length && some.every((law, at) => law === others[at])
}

function filled(laws: readonly ShapedLaw[]): Contract {
  const sentIdentity = sentIdentityOf(laws)
  const whole = new WholeSchemas(partsOf(laws, sentIdentity))
  const named = { CreateFiscalIdentityDto: sentIdentity, ...componentsOf(laws) }
  const components = Object.entries(named).map(([name, schema]) => [name, whole.of(schema)])
  return { of: (schema) => whole.of(schema), components: Object.fromEntries(components) }
}

function partsOf(laws: readonly ShapedLaw[], sentIdentity: z.ZodType): ReadonlyMap<z.core.$ZodType, z.core.$ZodType> {
  const shapes = laws.map((each) => each.shapes)
  const identities = shapes.flatMap(({ identity }) => identity ?? [])
  const exports = shapes.flatMap((each) => each.exports)
  const opened = shapes.map(({ drawerOpening }) => drawerOpening ?? {})
  // A law may be of a country that the standard does not name.
  const countries = new Set([...COUNTRIES, ...laws.map(({ country }) => country)])
  return new Map<z.core.$ZodType, z.core.$ZodType>([
    ...(countries.size === COUNTRIES.length ? [] : [[countryCode, countryCodeOf([...countries])] as const]),
    [law, z.enum(laws.map(({ name }) => name))],
    [
      fiscalInformation,
      z
        .discriminatedUnion('regime', oneOrMore(shapes.map((each) => each.fiscalInformation)))
        .describe('The signed or printed data, in the form of the law of the register; `regime` names the law.'),
    ],
    [sentIdentities, sent(sentIdentity, identities.length)],
    [shownIdentities, z.array(z.discriminatedUnion('country_code', oneOrMore(identities.map(({ shown }) => shown))))],
    [exportType, z.enum([...exports, 'journal'])],
    [signature, z.strictObject(Object.assign({}, fiscal.shape, ...opened))],
  ])
}

function sentIdentityOf(laws: readonly ShapedLaw[]): z.ZodType {
  const options = laws.flatMap(({ shapes: { identity } }) => identity?.sent ?? [])
  return z
    .discriminatedUnion('country_code', oneOrMore(options))
    .describe('A tax identity of the merchant in a country; `country_code` names its form.')
}

function sent(identity: z.ZodType, max: number): z.ZodType {
  return z
    .array(identity)
    .max(max)
    .refine(
      (list) => new Set(list.map((identity) => Reflect.get(Object(identity), 'country_code'))).size === list.length,
      'must hold one identity per country',
    )
    .describe('At most one of a country; a register needs that of its location.')
}

function oneOrMore<Option>(options: readonly Option[]): [Option, ...Option[]] {
  const [first, ...others] = options
  if (first === undefined) throw new Error('an agent has at least one law')
  return [first, ...others]
}
