import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'

type Snake<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : ''

/** As JSON: amounts in cents are numbers, and members are in snake_case. */
type Stored<Part> = Part extends bigint
  ? number
  : Part extends readonly (infer Item)[]
    ? readonly Stored<Item>[]
    : Part extends object
      ? { readonly [Name in keyof Part & string as Snake<Name>]: Stored<Part[Name]> }
      : Part
export type StoredDocument = Stored<RtDocument>

/** The document to print, as stored in the intent: amounts are numbers of cents (the port's limit is far below 2⁵³). */
export function documentJson(document: RtDocument): StoredDocument {
  const leaf = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)
  return mapped(document, storedName, leaf) as StoredDocument
}

const AMOUNTS = new Set(['amount_cents', 'unit_price_cents'])

/** The document of an intent. This program wrote it, so its shape is known. */
export function documentOf(json: StoredDocument): RtDocument {
  const leaf = (name: string, value: unknown): unknown => (AMOUNTS.has(name) ? BigInt(value as number) : value)
  return mapped(json, memberName, leaf) as RtDocument
}

function storedName(member: string): string {
  return member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function memberName(stored: string): string {
  return stored.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** A copy with other names of members and converted leaves; undefined ones are omitted. */
function mapped(
  value: unknown,
  named: (member: string) => string,
  leaf: (name: string, value: unknown) => unknown,
  name = '',
): unknown {
  if (Array.isArray(value)) return value.map((each) => mapped(each, named, leaf))
  if (typeof value !== 'object' || value === null) return leaf(name, value)
  const copy: Record<string, unknown> = {}
  for (const [key, each] of Object.entries(value))
    if (each !== undefined) copy[named(key)] = mapped(each, named, leaf, key)
  return copy
}
