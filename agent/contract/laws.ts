import type * as z from 'zod'

/** A tax identity that a merchant has under a law. Members of `sent` that `shown` does not have are secrets. */
export type IdentityShape = { readonly sent: z.ZodObject; readonly shown: z.ZodObject }

/** The part of the contract that a law defines. */
export type LawShapes = {
  /** The fiscal information of a recorded document; `regime` is the name of the law. */
  readonly fiscalInformation: z.ZodObject
  readonly identity?: IdentityShape
  /** Members of an opening of the cash drawer that was signed. */
  readonly drawerOpening?: z.core.$ZodShape
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
