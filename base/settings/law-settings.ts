import type { z } from 'zod'
import type { Paths } from './paths.ts'

/** An error in the configuration that no single key shows. */
export type Problem = { path: (string | number)[]; message: string }

/** The members that each device of the configuration has. */
export type NamedDevice = { id: string; driver: string }

/** A key of agent.json that belongs to a law. */
export type LawKey<Schema extends z.ZodType = z.ZodType> = {
  schema(paths: Paths): Schema
  contradictions?(value: z.output<Schema>, devices: readonly NamedDevice[]): readonly Problem[]
  /** Folders outside the state directory that must outlive its disk, each with the member that names it. */
  folders?(value: z.output<Schema>): readonly { name: string; folder: string }[]
  /** For doctor: the effect of the value at a time, for these devices. */
  effects?(value: z.output<Schema>, devices: readonly NamedDevice[], nowMs: number): readonly string[]
  /** True for a table that people write: a problem also has its line in the file. */
  readonly namesLines?: true
  /** Sentences about a value that works but needs a look. */
  warnings?(value: z.output<Schema>): readonly string[]
}
// biome-ignore lint/suspicious/noExplicitAny: the value of a key is what its schema makes
export type LawKeys = Readonly<Record<string, LawKey<any>>>

/** The values of such keys. */
export type ValuesOf<Keys extends LawKeys> = {
  [Key in keyof Keys]: z.output<ReturnType<Keys[Key]['schema']>>
}

/** The part of agent.json, and of `config example`, that a law defines. */
export type LawSettings<Keys extends LawKeys = LawKeys> = {
  /** How commands name the law. */
  readonly word: string
  readonly keys: Keys
  /** The keys of the law in that example, with the reason next to each. */
  readonly example: string
}

/** The members of every type of a union. */
type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Whole) => void
  ? Whole
  : never

/** The keys of all these laws. */
export function keysOf<Each extends { settings: LawSettings }>(laws: readonly Each[]): All<Each['settings']['keys']> {
  return Object.assign({}, ...laws.map(({ settings }) => settings.keys))
}
