import type { Json } from '../../../base/canonical.ts'
import { TransientMap } from '../../../base/transient-map.ts'
import type { ForeignSums } from '../../contract/foreign-cash.ts'
import type { SessionParts } from '../documents/document.ts'
import type { ChainMembers, KeyKind, SessionSales } from '../events.ts'
import { LocationOrders } from './location-orders.ts'

/** `session`: the running one. `closed`: the number of closed sessions. `chain`: the state of its law's chain. */
export type RegisterBook = {
  readonly receipt: number
  readonly closed: number
  readonly session: string | null
  readonly chain: ChainMembers | null
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
  /** Absent without foreign cash: the digests of older records stay. */
  readonly foreign?: ForeignSums
  readonly doc: SessionParts
}
export type KeyBook = {
  readonly id: string
  readonly kind: KeyKind
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
  readonly intents: TransientMap<number, OpenIntent>
  readonly totals: TransientMap<string, OpenTotal>
  readonly targets: Map<string, KnownTarget>
  /** The open order lines of each location that has any. */
  readonly orders: Map<string, LocationOrders>
}

type Entries<Key, Value> = Iterable<[Key, Value]>
type AnyMap<Key, Value> = Map<Key, Value> | TransientMap<Key, Value>
/** How a map is made, written into the JSON of the state, and read from it. */
type Form<Key, Value, Kept extends AnyMap<Key, Value> = AnyMap<Key, Value>> = {
  make(entries: Entries<Key, Value>): Kept
  /** Undefined while a further map is empty. */
  write(map: Kept): Json | undefined
  read(written: Json | undefined): Entries<Key, Value>
}
type Forms = {
  readonly [Name in keyof Maps]: Maps[Name] extends AnyMap<infer Key, infer Value>
    ? Form<Key, Value, Maps[Name]>
    : never
}

const FORMS: Forms = {
  registers: { make: lasting, ...byKey() },
  sessions: { make: lasting, ...byKey() },
  keys: { make: lasting, ...asList(({ id }) => id) },
  devices: { make: lasting, ...byKey() },
  intents: { make: passing, ...asList(({ seq }) => seq) },
  totals: { make: passing, ...byKey() },
  targets: { make: lasting, ...asList((target) => placeOf(target)) },
  orders: {
    // A savepoint copies the groups, never their lines.
    make: (entries) => new Map(Array.from(entries, ([location, orders]) => [location, orders.copy()])),
    write: (map) => (map.size === 0 ? undefined : Array.from(map.entries(), ([id, orders]) => orders.toJson(id))),
    read: (written = []) => (written as readonly Json[]).map((location) => LocationOrders.read(location)),
  },
}
const NAMES = Object.keys(FORMS) as readonly (keyof Maps)[]

export function emptyMaps(): Maps {
  return mapsBy((name) => formOf(name).make([]))
}

export function copiedMaps(maps: Maps): Maps {
  return mapsBy((name) => formOf(name).make(maps[name].entries()))
}

type WrittenMaps = { readonly [Name in keyof Maps]?: Json | undefined }

export function writtenMaps(maps: Maps): WrittenMaps {
  return Object.fromEntries(NAMES.map((name) => [name, formOf(name).write(maps[name])]))
}

/** Reads what {@link writtenMaps} returned. */
export function readMaps(written: WrittenMaps): Maps {
  return mapsBy((name) => formOf(name).make(formOf(name).read(written[name])))
}

function formOf(name: keyof Maps): Form<unknown, unknown> {
  return FORMS[name] as Form<unknown, unknown>
}

function mapsBy(make: (name: keyof Maps) => AnyMap<unknown, unknown>): Maps {
  return Object.fromEntries(NAMES.map((name) => [name, make(name)])) as unknown as Maps
}

function lasting<Key, Value>(entries: Entries<Key, Value>): Map<Key, Value> {
  return new Map(entries)
}

/** For entries that come and go with each request. */
function passing<Key, Value>(entries: Entries<Key, Value>): TransientMap<Key, Value> {
  return new TransientMap(entries)
}

type Written<Key, Value> = Pick<Form<Key, Value>, 'write' | 'read'>

/** An object with the keys of the map. */
function byKey<Value>(): Written<string, Value> {
  return {
    write: (map) => Object.fromEntries(map.entries()) as Json,
    read: (written) => Object.entries(written as Readonly<Record<string, Value>>),
  }
}

/** The values in their order: each contains its key. */
function asList<Key, Value>(keyOf: (value: Value) => Key): Written<Key, Value> {
  return {
    write: (map) => [...map.values()] as readonly Json[],
    read: (written) => (written as readonly Value[]).map((value) => [keyOf(value), value]),
  }
}

/** Name and address identify a target: the same name at another address is another copy. */
export function placeOf({ target, address }: Pick<KnownTarget, 'target' | 'address'>): string {
  return `${target} ${address}`
}
