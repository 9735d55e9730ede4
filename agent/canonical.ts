/** JSON value: what crosses HTTP and lies in the journal. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json | undefined }

type Members = { readonly [member: string]: Json | undefined }

/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, no blanks, ES number format. Members that are
 * undefined are left out. Throws on numbers that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  // A copy in order and one call of JSON.stringify: this runs eight times a sale, and text made piece by piece costs
  // five times the memory.
  const found = { unordered: false }
  const copy = ordered(value, found)
  return found.unordered ? written(value) : JSON.stringify(copy)
}

/** The value itself where all of it is in order, as most parts of a document are from their second writing on. */
function ordered(value: Json, found: { unordered: boolean }): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a JSON number')
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return orderedItems(value, found)
  return isInOrder(value) ? orderedInside(value, found) : orderedCopy(value, found)
}

function orderedItems(items: readonly Json[], found: { unordered: boolean }): Json {
  let copy: Json[] | undefined
  for (let at = 0; at < items.length; at++) {
    const item = items[at] ?? null
    const inOrder = ordered(item, found)
    if (inOrder !== item) copy ??= items.slice()
    if (copy !== undefined) copy[at] = inOrder
  }
  return copy ?? items
}

function isInOrder(value: Members): boolean {
  let before = ''
  for (const name in value) {
    if (name < before || keepsNoOrder(name)) return false
    before = name
  }
  return true
}

function orderedInside(value: Members, found: { unordered: boolean }): Json {
  let copy: Record<string, Json | undefined> | undefined
  for (const name in value) {
    const member = value[name]
    if (member === undefined) continue
    const inOrder = ordered(member, found)
    if (inOrder !== member) copy ??= { ...value }
    if (copy !== undefined) copy[name] = inOrder
  }
  return copy ?? value
}

function orderedCopy(value: Members, found: { unordered: boolean }): Json {
  const names = sortedNames(value)
  if (names.some(keepsNoOrder)) {
    found.unordered = true
    return value
  }
  const copy = blankOf(names)
  for (const name of names) {
    const member = value[name]
    copy[name] = member === undefined ? undefined : ordered(member, found)
  }
  return copy
}

const DOZEN = 12
const BLANKS = 32
const blanks: { names: readonly string[]; blank: Members }[] = []

/**
 * An object to be filled with these names, in their order. V8 makes a slow dictionary of one that grows by more than a
 * dozen computed names, so that larger ones begin as the clone of one that JSON.parse made. Few kinds of documents are
 * written again and again.
 */
function blankOf(names: readonly string[]): Record<string, Json | undefined> {
  if (names.length <= DOZEN) return {}
  let found = blanks.find((known) => hasNames(known.names, names))
  if (found === undefined) {
    const members = names.map((name) => `${JSON.stringify(name)}:null`)
    found = { names: [...names], blank: JSON.parse(`{${members.join(',')}}`) as Members }
    if (blanks.push(found) > BLANKS) blanks.shift()
  }
  return { ...found.blank }
}

function hasNames(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, at) => name === others[at])
}

/** Objects list names that look like an index first, whatever the order of making; `__proto__` is no member. */
function keepsNoOrder(name: string): boolean {
  const first = name.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || name === '__proto__'
}

const FEW = 64

/** Sorted by UTF-16 code units. Few names, and mostly in order, as objects have them: insertion makes no garbage. */
function sortedNames(value: Members): readonly string[] {
  const names = Object.keys(value)
  if (names.length > FEW) return names.sort()
  for (let from = 1; from < names.length; from++) {
    const name = names[from] ?? ''
    let to = from
    for (let before = names[to - 1]; to > 0 && before !== undefined && before > name; before = names[to - 1]) {
      names[to] = before
      to--
    }
    names[to] = name
  }
  return names
}

function written(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(written).join(',')}]`
  const members = Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [{ name, member }]))
  members.sort((one, other) => (one.name < other.name ? -1 : 1))
  return `{${members.map(({ name, member }) => `${JSON.stringify(name)}:${written(member)}`).join(',')}}`
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
