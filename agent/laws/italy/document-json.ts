import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'

/** As JSON: amounts in cents are numbers. */
type Stored<Part> = Part extends bigint
  ? number
  : Part extends object
    ? { readonly [Name in keyof Part]: Stored<Part[Name]> }
    : Part
export type StoredDocument = Stored<RtDocument>

/** The document to print, as stored in the intent: amounts are numbers of cents (the port's limit is far below 2⁵³). */
export function documentJson(document: RtDocument): StoredDocument {
  return mapped(document, (_, value) => (typeof value === 'bigint' ? Number(value) : value)) as StoredDocument
}

const AMOUNTS = new Set(['amountCents', 'unitPriceCents'])

/** The document of an intent. This program wrote it, so its shape is known. */
export function documentOf(json: StoredDocument): RtDocument {
  return mapped(json, (name, value) => (AMOUNTS.has(name) ? BigInt(value as number) : value)) as RtDocument
}

/** A copy with converted leaves; undefined ones are omitted. */
function mapped(value: unknown, leaf: (name: string, value: unknown) => unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => mapped(each, leaf))
  if (typeof value !== 'object' || value === null) return leaf(name, value)
  const copy: Record<string, unknown> = {}
  for (const [key, each] of Object.entries(value)) if (each !== undefined) copy[key] = mapped(each, leaf, key)
  return copy
}
