import type { Json } from '../../../base/canonical.ts'
import type { SessionParts } from '../documents/kinds.ts'
import type { Members, SessionSales } from '../events.ts'

/** `session`: the running one. `closed`: the number of closed sessions. `chain`: the state of its law's chain. */
export type RegisterBook = {
  readonly receipt: number
  readonly closed: number
  readonly session: string | null
  readonly chain: Members | null
  /**
   * The highest receipt number that was set aside, and the highest Z number that was given or set aside. Absent without
   * numbers set aside: the digests of older records stay.
   */
  readonly bonFloor?: number
  readonly zFloor?: number
}
export type RunningSession = SessionSales & {
  readonly id: string
  readonly seq: number
  readonly register: string
  readonly state: string
  readonly cash: number
  readonly doc: SessionParts
}
export type KeyBook = {
  readonly id: string
  readonly kind: string
  readonly register: string | null
  readonly hash: string
  readonly created_at: string
  readonly revoked_at: string | null
  /** Absent, not null, if the key is bound to no certificate: the digests of older records stay. */
  readonly certificate?: string
}
export type OpenIntent = { readonly seq: number; readonly op: string; readonly device: string }
/**
 * A target that has acknowledged events at an address: `at` and `seq` of its last event in the journal. `removed_at`:
 * when it was removed from the configuration.
 */
export type KnownTarget = {
  readonly target: string
  readonly kind: string
  readonly address: string
  readonly seq: number
  readonly at: string
  readonly removed_at: string | null
}

/** Goods whose operation has not ended: their session, and their total in cents. */
type OpenTotal = { readonly session: string; readonly cents: number }

/**
 * All that the state holds. A further map is left out of the JSON while it is empty: the digests of older records stay.
 */
export type Maps = {
  readonly registers: Map<string, RegisterBook>
  readonly sessions: Map<string, RunningSession>
  readonly keys: Map<string, KeyBook>
  readonly devices: Map<string, string>
  readonly intents: Map<number, OpenIntent>
  readonly totals: Map<string, OpenTotal>
  readonly targets: Map<string, KnownTarget>
}

/** How a map is written into the JSON of the state, and read from it. */
type Form<Key, Value> = {
  write(map: ReadonlyMap<Key, Value>): Json
  read(written: Json | undefined): Map<Key, Value>
}
type Forms = {
  readonly [Name in keyof Maps]: Maps[Name] extends Map<infer Key, infer Value> ? Form<Key, Value> : never
}

const FORMS: Forms = {
  registers: byKey(),
  sessions: byKey(),
  keys: asList(({ id }) => id),
  devices: byKey(),
  intents: asList(({ seq }) => seq),
  totals: byKey(),
  targets: asList((known) => placeOf(known)),
}
const NAMES = Object.keys(FORMS) as readonly (keyof Maps)[]

export function emptyMaps(): Maps {
  return mapsBy(() => new Map())
}

export function copiedMaps(maps: Maps): Maps {
  return mapsBy((name) => new Map<unknown, unknown>(maps[name]))
}

export function writtenMaps(maps: Maps): { readonly [Name in keyof Maps]: Json } {
  const write = <Name extends keyof Maps>(name: Name): Json => (FORMS[name] as Form<unknown, unknown>).write(maps[name])
  return Object.fromEntries(NAMES.map((name) => [name, write(name)])) as { readonly [Name in keyof Maps]: Json }
}

/** Reads what {@link writtenMaps} returned. */
export function readMaps(written: { readonly [Name in keyof Maps]?: Json }): Maps {
  return mapsBy((name) => FORMS[name].read(written[name]))
}

function mapsBy(make: (name: keyof Maps) => Map<unknown, unknown>): Maps {
  return Object.fromEntries(NAMES.map((name) => [name, make(name)])) as unknown as Maps
}

/** An object with the keys of the map. */
function byKey<Value>(): Form<string, Value> {
  return {
    write: (map) => Object.fromEntries(map) as Json,
    read: (written) => new Map(Object.entries(written as Readonly<Record<string, Value>>)),
  }
}

/** The values in their order: each contains its key. */
function asList<Key, Value>(keyOf: (value: Value) => Key): Form<Key, Value> {
  return {
    write: (map) => [...map.values()] as readonly Json[],
    read: (written) => new Map((written as readonly Value[]).map((value) => [keyOf(value), value])),
  }
}

/** Name and address identify a target: the same name at another address is another copy. */
export function placeOf({ target, address }: Pick<KnownTarget, 'target' | 'address'>): string {
  return `${target} ${address}`
}
