/**
 * The names that a law writes into its intents and its state of documents. A name that is not in it is of a later version:
 * the agent acts on nothing of it.
 */
export type LawWords = {
  /** The members of each act, by its name. */
  readonly acts: { readonly [act: string]: Names }
  readonly state: Names
}

type Names = { readonly [name: string]: true }

type MembersOfAct<Acts, Name> = Acts extends { readonly name: infer Own }
  ? Name extends Own
    ? keyof Acts
    : never
  : never

/** All members of all acts of a law: one that is forgotten does not compile. */
export type ActWords<Acts extends { readonly name: string }> = {
  readonly [Name in Acts['name']]: { readonly [Member in MembersOfAct<Acts, Name>]: true }
}

/** All members of a stored part. */
export type MembersOf<Part> = { readonly [Member in keyof Required<Part>]: true }
