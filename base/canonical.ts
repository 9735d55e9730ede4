/** JSON value, as HTTP carries it and the journal stores it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json | undefined }

type Members = { readonly [member: string]: Json | undefined }

/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, no blanks, ES number format. Omits undefined members.
 * Throws on numbers that JSON does not support.
 */
export function canonicalJson(value: Json): string {
  // A copy in order and one call of JSON.stringify: this runs eight times a sale, and text made piece by piece costs
  // five times the memory.
  const report = { unordered: false }
  const copy = ordered(value, report)
  return report.unordered ? written(value) : JSON.stringify(copy)
}

/**
 * The same value in the order in which it is written. A value that is written several times, into events and answers,
 * is ordered once. A value that no object can hold in that order is returned unchanged.
 */
export function inOrder<Value extends object>(value: Value): Value {
  const report = { unordered: false }
  const copy = ordered(value as Json, report)
  return report.unordered ? value : (copy as Value)
}

/** The value itself if all of it is in order, as most parts of a document are from their second writing on. */
function ordered(value: Json, report: { unordered: boolean }): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a JSON number')
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return orderedItems(value, report)
  if (isSorted(value)) return orderedInside(value, report)
  const order = orderOf(Object.keys(value))
  if (order.isWhole) return orderedCopy(value, order, report)
  report.unordered = true
  return value
}

/** Its names, by their UTF-16 code units, as strings are compared. Without a list of them, as most values are sorted. */
function isSorted(value: Members): boolean {
  let last = ''
  for (const name in value) {
    if (name < last) return false
    last = name
  }
  return true
}

function orderedItems(items: readonly Json[], report: { unordered: boolean }): Json {
  let copy: Json[] | undefined
  for (let at = 0; at < items.length; at++) {
    const item = items[at] ?? null
    const inOrder = typeof item === 'string' ? item : ordered(item, report)
    if (inOrder !== item) copy ??= items.slice()
    if (copy !== undefined) copy[at] = inOrder
  }
  return copy ?? items
}

function orderedInside(value: Members, report: { unordered: boolean }): Json {
  let copy: Record<string, Json | undefined> | undefined
  for (const name in value) {
    const member = value[name]
    if (member === undefined || typeof member === 'string') continue
    const inOrder = ordered(member, report)
    if (inOrder !== member) copy ??= { ...value }
    if (copy !== undefined) copy[name] = inOrder
  }
  return copy ?? value
}

function orderedCopy(value: Members, { sorted, blank }: Order, report: { unordered: boolean }): Json {
  const copy: Record<string, Json | undefined> = { ...blank }
  for (const name of sorted) {
    const member = value[name]
    copy[name] = member === undefined || typeof member === 'string' ? member : ordered(member, report)
  }
  return copy
}

/** The order of an object with these names. */
type Order = {
  /** As given, not sorted. */
  names: readonly string[]
  sorted: readonly string[]
  /** False if an object cannot hold them in their order. */
  isWhole: boolean
  /**
   * An object with these names, in their order: V8 makes a slow dictionary of one that grows by more than a dozen computed
   * names, unless it begins as the clone of one that JSON.parse made.
   */
  blank: Members
}

const DOZEN = 12
const FEW = 64
const ORDERS_OF_A_PLACE = 8
const PLACES = 128
/**
 * Few kinds of objects are written again and again: each is ordered once, which saves a fifth of a sale's CPU time at
 * twenty tills (ADR 070). By a number that few of them share.
 */
const orders = new Map<number, Order[]>()

function orderOf(names: readonly string[]): Order {
  const { length } = names
  if (length > FEW) return newOrder(names)
  const place = length + FEW * ((names[0]?.length ?? 0) + FEW * (names[length - 1]?.length ?? 0))
  const candidates = orders.get(place) ?? []
  for (const order of candidates) if (hasNames(order.names, names)) return order
  const order = newOrder(names)
  if (candidates.push(order) > ORDERS_OF_A_PLACE) candidates.shift()
  if (orders.size >= PLACES && !orders.has(place)) orders.clear()
  orders.set(place, candidates)
  return order
}

function newOrder(names: readonly string[]): Order {
  const sorted = [...names].sort()
  const isWhole = !sorted.some(keepsNoOrder)
  const members = sorted.map((name) => `${JSON.stringify(name)}:null`)
  const blank = isWhole && sorted.length > DOZEN ? (JSON.parse(`{${members.join(',')}}`) as Members) : {}
  return { names, sorted, isWhole, blank }
}

function hasNames(names: readonly string[], others: readonly string[]): boolean {
  for (let at = 0; at < names.length; at++) if (names[at] !== others[at]) return false
  return true
}

/** Objects list names that look like an index first, in whatever order they are set; `__proto__` is not a member. */
function keepsNoOrder(name: string): boolean {
  const first = name.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || name === '__proto__'
}

function written(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(written).join(',')}]`
  const members = Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [{ name, member }]))
  members.sort((one, other) => (one.name < other.name ? -1 : 1))
  return `{${members.map(({ name, member }) => `${JSON.stringify(name)}:${written(member)}`).join(',')}}`
}

/** It also narrows to an array that cannot be changed. */
const isArray = Array.isArray as (value: Json) => value is readonly Json[]
