import type * as z from 'zod'
import type { FiscalIdentity } from './merchant.ts'

/** A tax identity that a merchant has under a law. Members of `sent` that `shown` does not have are secrets. */
export type IdentityShape = {
  readonly sent: z.ZodObject
  readonly shown: z.ZodObject
  /** The number that one taxpayer alone has. Only its law reads more than the country of an identity. */
  readonly identifies: (identity: FiscalIdentity) => string | undefined
}

/** The part of the contract that a law defines. */
export type LawShapes = {
  /** The fiscal information of a recorded document; `regime` is the name of the law. */
  readonly fiscalInformation: z.ZodObject
  readonly identity?: IdentityShape
  /** Members of an opening of the cash drawer that was signed. */
  readonly drawerOpening?: z.core.$ZodShape
  /** Nested shapes that occur twice, by their names in the OpenAPI document. */
  readonly components?: Readonly<Record<string, z.ZodType>>
  /** The exports that a till may ask for. */
  readonly exports: readonly string[]
}

/** A law as the contract sees it. */
export type ShapedLaw = {
  readonly name: string
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  readonly shapes: LawShapes
}

/** The members of a country's identity that are sealed and never answered. */
export function secretMembersOf(laws: readonly ShapedLaw[]): (country: string) => readonly string[] {
  const secrets = new Map(laws.map(({ country, shapes }) => [country, secretsOf(shapes.identity)]))
  return (country) => secrets.get(country) ?? []
}

function secretsOf(identity: IdentityShape | undefined): readonly string[] {
  if (identity === undefined) return []
  return Object.keys(identity.sent.shape).filter((member) => !Object.hasOwn(identity.shown.shape, member))
}

/** The letters and digits of a tax number: each office writes the strokes and blanks in between as it likes. */
export function comparableNumber(number: string): string {
  const compared = number
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
  // A text of other characters alone is compared as it is.
  return compared === '' ? number : compared
}

/** The taxpayer of an identity, to be compared: its country and its number. Undefined for an identity without a law. */
export function taxpayerOf(laws: readonly ShapedLaw[]): (identity: FiscalIdentity) => string | undefined {
  const shapes = new Map(laws.map(({ country, shapes: { identity } }) => [country, identity]))
  return (identity) => {
    const number = shapes.get(identity.country_code)?.identifies(identity)
    return number === undefined ? undefined : `${identity.country_code} ${comparableNumber(number)}`
  }
}
