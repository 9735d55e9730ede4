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

function ordered(value: Json, found: { unordered: boolean }): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a JSON number')
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map((item) => ordered(item, found))
  const copy: Record<string, Json> = {}
  for (const name of sortedNames(value)) {
    const member = value[name]
    if (member === undefined) continue
    if (keepsNoOrder(name)) found.unordered = true
    else copy[name] = ordered(member, found)
  }
  return copy
}

/** Objects list names that look like an index first, whatever the order of making; `__proto__` is no member. */
function keepsNoOrder(name: string): boolean {
  const first = name.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || name === '__proto__'
}

const FEW = 40

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
